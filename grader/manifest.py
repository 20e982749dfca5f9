"""YAML and JSON as Kubernetes reads them, bounded, with the place of every value.

Scalars follow go.yaml.in/yaml v2 through sigs.k8s.io/yaml, which kubectl, Argo CD and the API
server use: `yes`, `on` and `y` are booleans, `0777` and `0o777` octal, no date and no base 60.
Where Kubernetes is lenient in a way that hides a mistake (a key given twice: the last wins
silently), reading is refused and the line named.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import yaml

from grader import syntax
from grader.errors import ManifestError
from grader.scalars import SCALAR_TAGS, STRING, implicit_tag, resolve
from grader.text import quoted

Step = str | int
Path = tuple[Step, ...]

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Position(NamedTuple):
    """A place in a file; both count from 1."""

    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds on what is read: bytes, documents, depth, and nodes with aliases counted each time."""

    size: int = 1 << 20
    documents: int = 200
    depth: int = 64
    nodes: int = 50_000


LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class Document:
    """One YAML document: its JSON value, and where each value stands.

    `index` counts from 0 and includes empty documents. `positions` maps the path of a value
    (keys and list indices from the root) to the place of its key, or of the item in a list.
    """

    value: Any
    name: str = ""
    index: int = 0
    positions: Mapping[Path, Position] = field(default_factory=dict)

    @property
    def kind(self) -> str:
        """The object's kind, or an empty string."""
        found = self.value.get("kind") if isinstance(self.value, dict) else None
        return found if isinstance(found, str) else ""

    @property
    def object_name(self) -> str:
        """`metadata.name`, or an empty string."""
        metadata = self.value.get("metadata") if isinstance(self.value, dict) else None
        found = metadata.get("name") if isinstance(metadata, dict) else None
        return found if isinstance(found, str) else ""

    def position(self, *path: Step) -> Position:
        """The place of `path`, or of its nearest ancestor that exists."""
        for end in range(len(path), -1, -1):
            found = self.positions.get(path[:end])
            if found:
                return found
        return Position(1, 1)

    def where(self, *path: Step) -> str:
        """`file:line:column` of `path` (or of its nearest ancestor)."""
        return f"{self.name}:{self.position(*path)}"


def load(data: bytes, name: str = "", limits: Limits = LIMITS) -> list[Document]:
    """All documents of a file, empty ones left out.

    Raises ManifestError with the place: bad syntax, a bound passed, a duplicate key, an unknown
    tag, a key that is not a scalar.
    """
    if len(data) > limits.size:
        raise ManifestError(f"larger than {limits.size} bytes", line=1, column=1, name=name)
    text = _decode(data, name)
    documents = []
    for index, node in enumerate(_compose(text, name, limits)):
        if node is None:
            continue
        reader = _Reader(name, limits)
        value = reader.read(node, (), 0)
        if value is not None:
            documents.append(Document(value, name, index, reader.positions))
    return documents


def _decode(data: bytes, name: str) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        column = error.start - (data.rfind(b"\n", 0, error.start) + 1) + 1
        raise ManifestError(
            "not UTF-8 text", line=line, column=column, name=name, advice="Save the file as UTF-8."
        ) from None


_BLOCK_PREFIX = re.compile(r"^[ \-?:]+", re.M)
_SAFE_DEPTH = 500
_DIRECTIVE = re.compile(r"(?:[ \t]*(?:#[^\n]*)?\n){0,100}%YAML[ \t]+(\S{1,20})")


def _check_depth(text: str, name: str, limits: Limits) -> None:
    """Refuses deep nesting before libyaml's composer, which recurses in C, meets it.

    Few files come near the bound that counting brackets and indents gives; only those are
    walked event by event, which needs no recursion.
    """
    deepest = max((len(prefix) for prefix in _BLOCK_PREFIX.findall(text)), default=0)
    if text.count("[") + text.count("{") + deepest < _SAFE_DEPTH:
        return
    depth = 0
    for event in yaml.parse(text, Loader=_Loader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > limits.depth:
                mark: Any = event.start_mark
                message = f"nested more than {limits.depth} deep"
                raise ManifestError(message, line=mark.line + 1, column=mark.column + 1, name=name)
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1


def _check_version(text: str, name: str) -> None:
    """Refuses what Argo CD 3.2's reader of YAML refuses: a directive for another version than 1.1 (libyaml)."""
    found = _DIRECTIVE.match(text)
    if found and found[1] != "1.1":
        line = text.count("\n", 0, found.start(1)) + 1
        raise ManifestError(
            f"the directive %YAML {quoted(found[1], 20)} asks for a version that Argo CD does not read",
            line=line,
            column=1,
            name=name,
            advice="Delete the line.",
        )


def _compose(text: str, name: str, limits: Limits) -> Iterator[Any]:
    loader = None
    try:
        _check_depth(text, name, limits)
        _check_version(text, name)
        loader = _Loader(text)
        count = 0
        while loader.check_node():
            count += 1
            if count > limits.documents:
                raise ManifestError(f"more than {limits.documents} documents", line=1, column=1, name=name)
            yield loader.get_node()
    except yaml.MarkedYAMLError as error:
        raise syntax.error(error, text, name) from None
    except yaml.YAMLError as error:
        line, column = syntax.place_of(text, getattr(error, "position", 0))
        raise ManifestError(f"not YAML: {quoted(str(error))}", line=line, column=column, name=name) from None
    finally:
        if loader is not None:
            loader.dispose()


class _Reader:
    """Turns one composed document into JSON, and counts what it costs."""

    def __init__(self, name: str, limits: Limits) -> None:
        self.name = name
        self.limits = limits
        self.positions: dict[Path, Position] = {}
        self.count = 0

    def read(self, node: Any, path: Path, depth: int, at: Any = None) -> Any:
        self.count += 1
        if self.count > self.limits.nodes:
            raise self._error(node, f"more than {self.limits.nodes} values, aliases counted each time")
        if depth > self.limits.depth:
            raise self._error(node, f"nested more than {self.limits.depth} deep")
        mark = (at or node).start_mark
        self.positions[path] = Position(mark.line + 1, mark.column + 1)
        if isinstance(node, yaml.ScalarNode):
            return self._scalar(node)
        if isinstance(node, yaml.SequenceNode):
            self._tag(node, "tag:yaml.org,2002:seq")
            return [self.read(item, (*path, index), depth + 1) for index, item in enumerate(node.value)]
        self._tag(node, "tag:yaml.org,2002:map")
        return self._mapping(node, path, depth)

    def _mapping(self, node: Any, path: Path, depth: int) -> dict[str, Any]:
        found: dict[str, Any] = {}
        first: dict[str, int] = {}
        merged: list[tuple[Any, Any]] = []
        for key_node, value_node in node.value:
            if key_node.tag == "tag:yaml.org,2002:merge":
                merged += self._merge(value_node)
                continue
            key = self._key(key_node)
            if key in first:
                raise self._error(
                    key_node,
                    f"the key {quoted(key)} stands here a second time (first in line {first[key]})",
                    "Kubernetes would silently keep only the last one: delete one of the two.",
                )
            first[key] = key_node.start_mark.line + 1
            found[key] = self.read(value_node, (*path, key), depth + 1, at=key_node)
        for key_node, value_node in merged:
            key = self._key(key_node)
            if key not in found:
                found[key] = self.read(value_node, (*path, key), depth + 1, at=key_node)
        return found

    def _merge(self, node: Any) -> list[tuple[Any, Any]]:
        """The pairs that `<<` brings in; of several mappings the first wins."""
        parts = node.value if isinstance(node, yaml.SequenceNode) else [node]
        pairs: list[tuple[Any, Any]] = []
        for part in parts:
            if not isinstance(part, yaml.MappingNode):
                raise self._error(node, "<< needs a mapping, or a list of mappings")
            self.count += len(part.value)
            if self.count > self.limits.nodes:
                raise self._error(node, f"more than {self.limits.nodes} values, aliases counted each time")
            for key, value in part.value:
                if key.tag == "tag:yaml.org,2002:merge":
                    raise self._error(key, "a << inside what << brings in is not read")
                pairs.append((key, value))
        return pairs

    def _key(self, node: Any) -> str:
        if not isinstance(node, yaml.ScalarNode):
            raise self._error(node, "a key must be a plain word, not a list or a mapping")
        value = self._scalar(node)
        if isinstance(value, str):
            return value
        if isinstance(value, bool):
            return "true" if value else "false"
        return "null" if value is None else str(value)

    def _scalar(self, node: Any) -> Any:
        self._tag(node, *SCALAR_TAGS)
        if node.style or (node.tag == STRING and implicit_tag(node.value) != STRING):
            return node.value
        return resolve(node.value)

    def _tag(self, node: Any, *known: str) -> None:
        if node.tag not in known:
            raise self._error(
                node, f"unknown tag {quoted(node.tag)}", "Kubernetes reads plain YAML only: remove the tag."
            )

    def _error(self, node: Any, message: str, advice: str | None = None) -> ManifestError:
        mark = node.start_mark
        return ManifestError(message, line=mark.line + 1, column=mark.column + 1, name=self.name, advice=advice)
