"""One file of a plain directory: its objects, an error, or nothing where it is no manifest.

Source: A:reposerver/repository/repository.go (getObjsFromYAMLOrJSON, splitYAMLOrJSON),
k8s.io/apimachinery v0.34 pkg/util/yaml (YAMLReader), pkg/apis/meta/v1/unstructured.
"""

from __future__ import annotations

import json
import posixpath
from collections.abc import Iterator
from typing import Any

from grader.errors import ManifestError
from grader.evidence.model import File
from grader.manifest import LIMITS, load
from labs.cluster.simulated.argocd.source import SourceError

Object = dict[str, Any]

_LIKE_A_MANIFEST = (b"apiVersion:", b"kind:", b"metadata:")
_SEPARATOR = b"---"
_SHOWN = 1000


class _Unreadable(Exception):
    """A document that is no object; the text is Go's reason."""


def objects(file: File) -> list[Object]:
    """The objects of a file, lists taken apart.

    A file that cannot be read is passed over, unless an object was read of it before the fault, or it has all the
    words of a manifest in it: then SourceError is raised, with Argo CD's words. So is every fault of a JSON file.
    """
    content, found = file.content or b"", []
    is_json = file.path.endswith(".json")
    try:
        for value in _values(content, posixpath.basename(file.path), is_json):
            found += [_object(value)]
    except _Unreadable as fault:
        if is_json or found or all(word in content for word in _LIKE_A_MANIFEST):
            raise SourceError(_failed(file, f"{'' if is_json else 'failed to unmarshal manifest: '}{fault}")) from None
        return []
    return [one for value in found for one in _items(file, value)]


def _values(content: bytes, name: str, is_json: bool) -> Iterator[Any]:
    """The value of each document that holds one. Raises _Unreadable at the first that cannot be read."""
    if len(content) > LIMITS.size:
        raise _Unreadable(f"simulated: larger than {LIMITS.size} bytes")
    for number, chunk in enumerate([content] if is_json else _chunks(content)):
        if number >= LIMITS.documents:
            raise _Unreadable(f"simulated: more than {LIMITS.documents} documents")
        try:
            documents = load(chunk, name)
        except ManifestError as error:
            raise _Unreadable(f"{'' if is_json else 'error converting YAML to JSON: '}{error}") from None
        yield from (document.value for document in documents[:1])
        if is_json and len(documents) != 1:
            raise _Unreadable("only single objects are allowed in JSON files")


def _chunks(content: bytes) -> Iterator[bytes]:
    """The documents of a stream, each after as many empty lines as stand before it in the file."""
    before, held = 0, list[bytes]()
    for number, line in enumerate(content.splitlines(keepends=True)):
        if not line.startswith(_SEPARATOR):
            held.append(line)
            continue
        rest = line.removeprefix(_SEPARATOR).strip()
        if rest and not rest.startswith(b"#"):
            raise _Unreadable(f"invalid Yaml document separator: {rest.decode('utf-8', 'replace')[:_SHOWN]}")
        if held:
            yield b"\n" * before + b"".join(held)
        before, held = number + 1, []
    if held:
        yield b"\n" * before + b"".join(held)


def _object(value: Any) -> Object:
    if not isinstance(value, dict):
        found = {str: "string", bool: "bool", list: "array"}.get(type(value), "number")
        raise _Unreadable(
            "error unmarshaling JSON: while decoding JSON: json: cannot unmarshal "
            f"{found} into Go value of type map[string]interface {{}}"
        )
    if not _has_kind(value):
        raise _Unreadable(f"error unmarshaling JSON: while decoding JSON: {_kindless(value)}")
    return value


def _items(file: File, value: Object) -> list[Object]:
    found = value.get("items")
    if found is None and "items" in value and not value.keys() & {"spec", "status"}:
        return []
    if not isinstance(found, list):
        return [_whole(file, value)]
    for one in found:
        if not isinstance(one, dict):
            raise SourceError(f"items member is not an object: {type(one).__name__}")
        if not _has_kind(one):
            raise SourceError(_failed(file, _kindless(one)))
    return [_whole(file, one) for one in found]


def _whole(file: File, value: Object) -> Object:
    """An object with the fields that every object has, be they empty."""
    metadata = value.get("metadata")
    if metadata is not None and not isinstance(metadata, dict):
        raise SourceError(
            f"rpc error: code = Unknown desc = {posixpath.basename(file.path)}: metadata is not an object"
        )
    version, name = value.get("apiVersion"), (metadata or {}).get("name")
    return {
        **value, "apiVersion": version if isinstance(version, str) else "",
        "metadata": {**(metadata or {}), "name": name if isinstance(name, str) else ""},
    }  # fmt: skip


def _has_kind(value: Object) -> bool:
    return isinstance(value.get("kind"), str) and bool(value["kind"])


def _kindless(value: Object) -> str:
    shown = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return f"Object 'Kind' is missing in '{shown[:_SHOWN]}'"


def _failed(file: File, why: str) -> str:
    return f'rpc error: code = FailedPrecondition desc = Failed to unmarshal "{posixpath.basename(file.path)}": {why}'
