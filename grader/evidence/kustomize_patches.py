"""The patches of a kustomization: what they are put to, and what they make of it.

Source: kustomize 5.7 api/types/{kustomization,patch,selector}.go, api/internal/builtins/PatchTransformer.go. A kind
that kustomize has no schema of, like all of Kyverno's, is merged without list keys: a list replaces the list.
"""

from __future__ import annotations

import json
import posixpath
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import re2

from grader.errors import ManifestError
from grader.evidence import patching
from grader.evidence.patching import PatchFault
from grader.manifest import load

FIELDS = ("patches", "patchesStrategicMerge", "patchesJson6902")
_SELECTORS = ("group", "version", "kind", "name", "namespace")
_IDENTITY = ("/kind", "/apiVersion", "/metadata", "/metadata/name", "/metadata/namespace", "")
_MOST = 200
_DEPTH = 100


@dataclass(frozen=True, slots=True)
class Patch:
    """One patch. `target` holds expressions by field of `_SELECTORS`, or with `exact` the texts themselves.

    `content` is a list of JSON patch operations, or the mapping that is merged in.
    """

    target: Mapping[str, str]
    content: Any
    exact: bool = False

    def fits(self, value: Any) -> bool:
        """Whether an object is what the patch is for."""
        if not isinstance(value, dict):
            return False
        metadata = _metadata(value)
        group, _, version = str(value.get("apiVersion", "")).rpartition("/")
        own = {"kind": value.get("kind"), "name": metadata.get("name"), "namespace": metadata.get("namespace", ""),
               "group": group, "version": version}  # fmt: skip
        return all(self._agrees(wanted, str(own.get(key, ""))) for key, wanted in self.target.items())

    def _agrees(self, wanted: str, found: str) -> bool:
        if self.exact:
            return found == wanted
        options = re2.Options()
        options.log_errors = False
        try:
            return re2.compile(wanted, options).fullmatch(found) is not None
        except re2.error:
            raise PatchFault("a target is no regular expression") from None

    def apply(self, value: Any) -> Any:
        """The object as it is afterwards. Raises PatchFault."""
        patched = patching.apply if isinstance(self.content, list) else patching.merge
        made = patched(value, self.content)
        if _deeper(made, _DEPTH):
            raise PatchFault("what it makes is nested too deeply")
        return made

    @property
    def sure(self) -> bool:
        """Whether what it makes is known: no directives, no copies that grow, no other name for the object."""
        if not set(self.target) <= set(_SELECTORS):
            return False
        if isinstance(self.content, list):
            return len(self.content) <= _MOST and not any(map(_unsure, self.content))
        return not any(key.startswith("$") for key in _keys(self.content))


def too_many(kustomization: Mapping[str, Any]) -> bool:
    """Whether there are more patches than are looked at."""
    lists = (kustomization.get(name) for name in FIELDS)
    return sum(len(one) for one in lists if isinstance(one, list)) > _MOST // 4


def read(kustomization: Mapping[str, Any], text: Callable[[str], str]) -> Iterator[Patch]:
    """The patches in their order; `text` gives the content of a file that one names. Raises PatchFault."""
    for entry in _entries(kustomization, "patchesStrategicMerge"):
        inline = isinstance(entry, str) and "\n" in entry
        yield from (_merging(one, None) for one in _parsed(entry if inline else text(str(entry))))
    for entry in (*_entries(kustomization, "patches"), *_entries(kustomization, "patchesJson6902")):
        if not isinstance(entry, dict):
            raise PatchFault("patches must be a list of mappings")
        target = entry.get("target")
        for one in _parsed(str(entry.get("patch") or text(str(entry.get("path", ""))))):
            if entry.get("options"):
                target = {**(target or {}), "options": ""}
            yield Patch(_texts(target or {}), one) if isinstance(one, list) else _merging(one, target)


def file_of(folder: str, entry: str) -> str:
    """The path of a file that a patch names."""
    return posixpath.normpath(posixpath.join(folder, entry))


def _entries(kustomization: Mapping[str, Any], name: str) -> list[Any]:
    found = kustomization.get(name) or []
    if not isinstance(found, list):
        raise PatchFault(f"{name} must be a list")
    return found


def _parsed(text: str) -> list[Any]:
    """A patch that begins with a bracket is read as JSON (jsonMkPatch), any other as YAML."""
    try:
        if text.startswith("["):
            json.loads(text)
        return [document.value for document in load(text.encode(), "patch")]
    except (ManifestError, ValueError, RecursionError) as error:
        raise PatchFault(f"unable to parse SM or JSON patch: {error}") from None


def _merging(patch: Any, target: Any) -> Patch:
    """A strategic merge: for the object that it names itself, or for what `target` selects (then its name is not)."""
    if not isinstance(patch, dict):
        raise PatchFault("a patch must be a mapping")
    content = {key: item for key, item in patch.items() if key not in ("apiVersion", "kind")}
    if isinstance(content.get("metadata"), dict):
        content["metadata"] = {key: item for key, item in content["metadata"].items() if key != "name"}
    if target:
        return Patch(_texts(target), content)
    own = {"kind": patch.get("kind"), "name": _metadata(patch).get("name")}
    return Patch({key: str(item) for key, item in own.items() if item}, content, exact=True)


def _metadata(value: dict[str, Any]) -> dict[str, Any]:
    found = value.get("metadata")
    return found if isinstance(found, dict) else {}


def _texts(target: Any) -> dict[str, str]:
    if not isinstance(target, dict):
        raise PatchFault("a target must be a mapping")
    return {str(key): str(item) for key, item in target.items() if item is not None}


def _unsure(operation: Any) -> bool:
    if not isinstance(operation, dict) or operation.get("op") == "copy":
        return True
    return operation.get("op") != "test" and any(operation.get(one) in _IDENTITY for one in ("path", "from"))


def _deeper(value: Any, most: int) -> bool:
    level = [value]
    for _ in range(most):
        level = [item for one in level for item in _items(one)]
        if not level:
            return False
    return True


def _items(value: Any) -> list[Any]:
    found = list(value.values()) if isinstance(value, dict) else value
    return [one for one in found if isinstance(one, dict | list)] if isinstance(found, list) else []


def _keys(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield str(key)
            yield from _keys(item)
    elif isinstance(value, list):
        for item in value:
            yield from _keys(item)
