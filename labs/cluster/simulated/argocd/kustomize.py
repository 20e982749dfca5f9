"""Kustomizations of local files: resources, components, names, namespaces, labels, annotations, patches.

Source: kustomize 5.7 api/types/kustomization.go. What is not known here is refused by name: the
cluster never applies something else than `kustomize build` would have made.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Mapping
from typing import Any

import re2

from grader.errors import ManifestError
from grader.evidence.kustomize import NAMES
from grader.evidence.model import File
from grader.manifest import load
from labs.cluster.simulated.api import patches
from labs.cluster.simulated.api.errors import ApiError
from labs.cluster.simulated.argocd.source import SourceError

Object = dict[str, Any]

_CLUSTER_WIDE = ("Namespace", "ClusterPolicy", "CustomResourceDefinition", "Provider", "Node", "ImageValidatingPolicy")
_KNOWN = (
    "apiVersion", "kind", "metadata", "resources", "bases", "components", "namespace", "namePrefix", "nameSuffix",
    "commonLabels", "commonAnnotations", "labels", "patches", "patchesStrategicMerge", "patchesJson6902", "sortOptions",
    "buildMetadata",
)  # fmt: skip
_DEPTH = 20


def render(files: tuple[File, ...], folder: str) -> list[Object]:
    """The objects that a kustomization builds. Raises SourceError."""
    return _Build({file.path: file for file in files}).folder(folder, 0)


def _fail(text: str) -> SourceError:
    return SourceError(f"rpc error: code = Unknown desc = `kustomize build` failed exit status 1: Error: {text}")


class _Build:
    def __init__(self, files: Mapping[str, File]) -> None:
        self.files = files

    def folder(self, folder: str, depth: int) -> list[Object]:
        """Everything that the kustomization of a folder makes."""
        path = next((p for name in NAMES if (p := posixpath.join(folder, name)) in self.files), None)
        if path is None or depth > _DEPTH:
            raise _fail(f"unable to find one of {', '.join(NAMES)} in directory '{folder}'")
        found = self._documents(path)
        if len(found) != 1 or not isinstance(found[0], dict):
            raise _fail(f"{path}: invalid Kustomization")
        value = found[0]
        unknown = [name for name in value if name not in _KNOWN and value[name]]
        if unknown:
            raise _fail(f"simulated: {path}: {unknown[0]} is not built here")
        objects = [
            one for entry in self._list(value, "resources", "bases") for one in self._entry(folder, entry, depth)
        ]
        for entry in self._list(value, "components"):
            objects += self._entry(folder, entry, depth)
        return self._transformed(folder, value, objects)

    def _list(self, value: Object, *names: str) -> list[str]:
        found = [entry for name in names for entry in value.get(name) or ()]
        if not all(isinstance(entry, str) for entry in found):
            raise _fail("resources must be a list of paths")
        return found

    def _entry(self, folder: str, entry: str, depth: int) -> list[Object]:
        path = posixpath.normpath(posixpath.join(folder, entry))
        if path not in self.files:
            return self.folder(path, depth + 1)
        found = []
        for value in self._documents(path):
            if not isinstance(value, dict) or not value.get("kind"):
                raise _fail(f"accumulating resources: {path}: Object 'Kind' is missing")
            found.append(value)
        return found

    def _documents(self, path: str) -> list[Any]:
        try:
            return [document.value for document in load(self.files[path].content or b"", path)]
        except ManifestError as error:
            raise _fail(f"accumulating resources: {error}") from None

    def _transformed(self, folder: str, value: Object, objects: list[Object]) -> list[Object]:
        for patch, target in self._patches(folder, value):
            objects = [patch(one) if target(one) else one for one in objects]
        prefix, suffix = value.get("namePrefix") or "", value.get("nameSuffix") or ""
        return [_named(one, value, str(prefix), str(suffix)) for one in objects]

    def _patches(self, folder: str, value: Object) -> list[tuple[Callable[[Object], Object], Callable[[Object], bool]]]:
        found = []
        for entry in value.get("patchesStrategicMerge") or ():
            text = entry if "\n" in str(entry) else self._text(folder, str(entry))
            found += [_merging(one) for one in _parsed(text)]
        for entry in (*(value.get("patches") or ()), *(value.get("patchesJson6902") or ())):
            if not isinstance(entry, dict):
                raise _fail("patches must be a list of mappings")
            text = entry.get("patch") or self._text(folder, str(entry.get("path", "")))
            target = _targeted(entry.get("target") or {})
            for one in _parsed(str(text)):
                found.append(_json(one, target) if isinstance(one, list) else _merging(one, entry.get("target")))
        return found

    def _text(self, folder: str, entry: str) -> str:
        path = posixpath.normpath(posixpath.join(folder, entry))
        if path not in self.files:
            raise _fail(f"failed to get the patch file from path({entry})")
        return (self.files[path].content or b"").decode("utf-8", "replace")


def _parsed(text: str) -> list[Any]:
    try:
        return [document.value for document in load(text.encode(), "patch")]
    except ManifestError as error:
        raise _fail(f"unable to parse SM or JSON patch: {error}") from None


def _merging(patch: Any, target: Any = None) -> tuple[Callable[[Object], Object], Callable[[Object], bool]]:
    if not isinstance(patch, dict):
        raise _fail("a patch must be a mapping")
    own = {"kind": patch.get("kind"), "name": (patch.get("metadata") or {}).get("name")}
    content = {key: item for key, item in patch.items() if key not in ("apiVersion", "kind")} if target else patch
    if target and isinstance(content.get("metadata"), dict):
        content["metadata"] = {k: v for k, v in content["metadata"].items() if k != "name"}
    if any("$patch" in str(key) for key in content):
        raise _fail("simulated: $patch directives are not built here")

    def apply(value: Object) -> Object:
        merged: Object = patches.merge(value, content)
        return merged

    return apply, _targeted(target or {f"={key}": item for key, item in own.items() if item})


def _json(
    operations: list[Any], target: Callable[[Object], bool]
) -> tuple[Callable[[Object], Object], Callable[[Object], bool]]:
    def apply(value: Object) -> Object:
        try:
            patched: Object = patches.apply(value, operations)
        except ApiError as error:
            raise _fail(error.message) from None
        return patched

    return apply, target


def _targeted(target: Mapping[str, Any]) -> Callable[[Object], bool]:
    """Whether an object is a patch's target: `kind`, `name`, `namespace`, `group`, `version` as expressions."""

    def fits(value: Object) -> bool:
        metadata = value.get("metadata") or {}
        group, _, version = str(value.get("apiVersion", "")).rpartition("/")
        own = {"kind": value.get("kind"), "name": metadata.get("name"), "namespace": metadata.get("namespace", ""),
               "group": group, "version": version}  # fmt: skip
        for key, wanted in target.items():
            exact = key.startswith("=")
            found = str(own.get(key.lstrip("="), ""))
            if found != str(wanted) if exact else not re2.fullmatch(str(wanted), found):
                return False
        return True

    return fits


def _named(value: Object, kustomization: Object, prefix: str, suffix: str) -> Object:
    metadata = dict(value.get("metadata") or {})
    if prefix or suffix:
        metadata["name"] = f"{prefix}{metadata.get('name', '')}{suffix}"
    if kustomization.get("namespace") and value.get("kind") not in _CLUSTER_WIDE:
        metadata["namespace"] = kustomization["namespace"]
    labels = dict(kustomization.get("commonLabels") or {})
    for entry in kustomization.get("labels") or ():
        labels |= (entry.get("pairs") or {}) if isinstance(entry, dict) else {}
    for field, added in (("labels", labels), ("annotations", kustomization.get("commonAnnotations") or {})):
        if added:
            metadata[field] = {**(metadata.get(field) or {}), **added}
    return {**value, "metadata": metadata}
