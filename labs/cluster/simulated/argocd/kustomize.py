"""Kustomizations of local files: resources, components, names, namespaces, labels, annotations, patches.

Source: kustomize 5.7 api/types/kustomization.go. What is not known here is refused by name: the
cluster never applies something else than `kustomize build` would have made.
"""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from typing import Any

from grader.errors import ManifestError
from grader.evidence import kustomize_patches
from grader.evidence.kustomize import NAMES
from grader.evidence.model import File
from grader.evidence.patching import PatchFault
from grader.manifest import load
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
        try:
            for patch in kustomize_patches.read(value, lambda entry: self._text(folder, entry)):
                if not patch.sure:
                    raise _fail("simulated: a patch with directives, options or labels is not built here")
                objects = [patch.apply(one) if patch.fits(one) else one for one in objects]
        except PatchFault as fault:
            raise _fail(str(fault)) from None
        prefix, suffix = value.get("namePrefix") or "", value.get("nameSuffix") or ""
        return [_named(one, value, str(prefix), str(suffix)) for one in objects]

    def _text(self, folder: str, entry: str) -> str:
        path = kustomize_patches.file_of(folder, entry)
        if path not in self.files:
            raise _fail(f"failed to get the patch file from path({entry})")
        return (self.files[path].content or b"").decode("utf-8", "replace")


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
