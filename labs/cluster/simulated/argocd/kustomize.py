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
_UNBUILT = (
    "openapi", "images", "imageTags", "replacements", "replicas", "vars", "crds", "configMapGenerator",
    "secretGenerator", "helmGlobals", "helmCharts", "helmChartInflationGenerator", "generatorOptions",
    "configurations", "generators", "transformers", "validators",
)  # fmt: skip
_DEPTH = 20
_ROOT = "<path to cached source>"  # what Argo CD writes for its own copy of the repository


def render(files: tuple[File, ...], folder: str) -> list[Object]:
    """The objects that a kustomization builds. Raises SourceError."""
    try:
        return _Build({file.path: file for file in files}).folder(folder, 0)
    except _Fault as fault:
        command = f"`kustomize build {_ROOT}/{folder}` failed exit status 1"
        raise SourceError(f"rpc error: code = Unknown desc = {command}: Error: {fault}") from None


class _Fault(Exception):
    """What kustomize says when it cannot build."""


class _Build:
    def __init__(self, files: Mapping[str, File]) -> None:
        self.files = files

    def folder(self, folder: str, depth: int) -> list[Object]:
        """Everything that the kustomization of a folder makes."""
        path = next((p for name in NAMES if (p := posixpath.join(folder, name)) in self.files), None)
        if path is None or depth > _DEPTH:
            named = "'kustomization.yaml', 'kustomization.yml' or 'Kustomization'"
            raise _Fault(f"unable to find one of {named} in directory '{_ROOT}/{folder}'")
        value = self._kustomization(path)
        objects = [
            one for entry in self._list(value, "resources", "bases") for one in self._entry(folder, entry, depth)
        ]
        for entry in self._list(value, "components"):
            objects += self._entry(folder, entry, depth)
        return self._transformed(folder, value, objects)

    def _kustomization(self, path: str) -> Object:
        try:
            found = self._documents(path)
        except ManifestError as error:
            raise _Fault(f"invalid Kustomization: {error}") from None
        if not found:
            raise _Fault(f"{posixpath.basename(path)} is empty")
        if len(found) != 1 or not isinstance(found[0], dict):
            raise _Fault(f"{path}: invalid Kustomization")
        value = found[0]
        for name in value:
            if name not in _KNOWN and name not in _UNBUILT:
                raise _Fault(f'invalid Kustomization: json: unknown field "{name}"')
            if name in _UNBUILT and value[name]:
                raise _Fault(f"simulated: {path}: {name} is not built here")
        return value

    def _list(self, value: Object, *names: str) -> list[str]:
        for name in names:
            given = value.get(name) or []
            if not isinstance(given, list) or not all(isinstance(entry, str) for entry in given):
                raise _Fault(f"invalid Kustomization: {name} must be a list of paths")
        return [entry for name in names for entry in value.get(name) or []]

    def _entry(self, folder: str, entry: str, depth: int) -> list[Object]:
        if "://" in entry or "?ref=" in entry or entry.startswith(("git@", "github.com/")):
            raise _Fault(f"simulated: {entry}: nothing is read from elsewhere")
        path = posixpath.normpath(posixpath.join(folder, entry))
        place = f"{_ROOT}/{path}"
        if path in self.files:
            try:
                return self._read(folder, path)
            except _Fault as fault:
                raise _Fault(
                    f"{_accumulating(entry, fault)}: must build at directory: '{place}': file is not directory"
                ) from None
        if not any(one.startswith(f"{path}/") for one in self.files):
            missing = f"evalsymlink failure on '{place}' : lstat {place}: no such file or directory"
            raise _Fault(f"{_accumulating(entry, missing)}: must build at directory: not a valid directory: {missing}")
        try:
            return self.folder(path, depth + 1)
        except _Fault as fault:
            way = "couldn't make target for" if str(fault).startswith("unable to find") else "recursed accumulation of"
            outer = _accumulating(entry, f"'{place}' must resolve to a file")
            raise _Fault(f"{outer}: {way} path '{place}': {fault}") from None

    def _read(self, folder: str, path: str) -> list[Object]:
        if folder and not path.startswith(f"{folder}/"):
            raise _Fault(f"security; file '{_ROOT}/{path}' is not in or below '{_ROOT}/{folder}'")
        try:
            found = self._documents(path)
        except ManifestError as error:
            raise _Fault(f"MalformedYAMLError: {error}") from None
        return [_whole(one) for value in found for one in _items(value)]

    def _documents(self, path: str) -> list[Any]:
        return [document.value for document in load(self.files[path].content or b"", path)]

    def _transformed(self, folder: str, value: Object, objects: list[Object]) -> list[Object]:
        try:
            for patch in kustomize_patches.read(value, lambda entry: self._text(folder, entry)):
                if not patch.sure:
                    raise _Fault("simulated: a patch with directives, options or labels is not built here")
                objects = [patch.apply(one) if patch.fits(one) else one for one in objects]
        except PatchFault as fault:
            raise _Fault(str(fault)) from None
        prefix, suffix = value.get("namePrefix") or "", value.get("nameSuffix") or ""
        return [_named(one, value, str(prefix), str(suffix)) for one in objects]

    def _text(self, folder: str, entry: str) -> str:
        path = kustomize_patches.file_of(folder, entry)
        if path not in self.files:
            missing = f"evalsymlink failure on '{_ROOT}/{path}' : lstat {_ROOT}/{path}: no such file or directory"
            raise _Fault(f"failed to get the patch file from path({entry}): {missing}")
        return (self.files[path].content or b"").decode("utf-8", "replace")


def _accumulating(entry: str, why: object) -> str:
    return f"accumulating resources: accumulation err='accumulating resources from '{entry}': {why}'"


def _items(value: Any) -> list[Any]:
    """The members of a List, or the object itself."""
    is_list = isinstance(value, dict) and str(value.get("kind", "")).endswith("List")
    return list(value["items"]) if is_list and isinstance(value.get("items"), list) else [value]


def _whole(value: Any) -> Object:
    """An object that has what kustomize asks of each: metadata, a kind and a name."""
    metadata = value.get("metadata") if isinstance(value, dict) else None
    if not isinstance(metadata, dict):
        raise _Fault("missing Resource metadata")
    for name, found in (("kind", value.get("kind")), ("metadata.name", metadata.get("name"))):
        if not isinstance(found, str) or not found:
            raise _Fault(f"missing {name} in object")
    version = value.get("apiVersion")
    return {**value, "apiVersion": version if isinstance(version, str) else ""}


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
