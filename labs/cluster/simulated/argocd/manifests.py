"""The objects that Argo CD makes of a folder: a plain directory or a kustomization.

Source: A:reposerver/repository/repository.go (findManifests), A:util/app/path.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from grader.errors import ManifestError
from grader.evidence.kustomize import build
from grader.evidence.model import File
from grader.manifest import load
from labs.cluster.simulated.argocd import kustomize
from labs.cluster.simulated.argocd.source import SourceError

Object = dict[str, Any]

_LIKE_A_MANIFEST = (b"apiVersion:", b"kind:", b"metadata:")


@dataclass(frozen=True, slots=True)
class Rendered:
    """The objects, and which way they were made: `Directory` or `Kustomize`."""

    objects: tuple[Object, ...]
    kind: str


def render(files: Iterable[File], folder: str) -> Rendered:
    """The objects of a folder of a commit. Raises SourceError with Argo CD's words."""
    all_files = tuple(files)
    folder = folder.strip("/")
    if not any(file.path.startswith(f"{folder}/") for file in all_files) and folder not in ("", "."):
        raise SourceError(f"rpc error: code = Unknown desc = {folder}: app path does not exist")
    made = build(all_files, "" if folder == "." else folder)
    if made.mode == "helm":
        raise SourceError(f"rpc error: code = Unknown desc = simulated: {made.root}: Helm charts are not rendered here")
    if made.mode == "kustomization":
        return Rendered(tuple(kustomize.render(all_files, folder)), "Kustomize")
    by_path = {file.path: file for file in all_files}
    objects = [one for path in sorted(made.used) for one in _read(by_path[path])]
    return Rendered(tuple(objects), "Directory")


def _read(file: File) -> list[Object]:
    content = file.content or b""
    try:
        documents = load(content, posixpath.basename(file.path))
    except ManifestError as error:
        if all(word in content for word in _LIKE_A_MANIFEST):
            raise SourceError(_unreadable(file, str(error))) from None
        return []
    return [one for document in documents for one in _objects(file, document.value)]


def _objects(file: File, value: Any) -> list[Object]:
    if isinstance(value, dict) and str(value.get("kind", "")).endswith("List") and isinstance(value.get("items"), list):
        return [one for item in value["items"] for one in _objects(file, item)]
    if not isinstance(value, dict) or not isinstance(value.get("kind"), str) or not value.get("apiVersion"):
        raise SourceError(_unreadable(file, "Object 'Kind' is missing"))
    name = (value.get("metadata") or {}).get("name") if isinstance(value.get("metadata"), dict) else None
    if not isinstance(name, str) or not name:
        raise SourceError(f"rpc error: code = Unknown desc = {posixpath.basename(file.path)}: metadata.name is missing")
    return [value]


def _unreadable(file: File, why: str) -> str:
    name = posixpath.basename(file.path)
    return (
        f'rpc error: code = FailedPrecondition desc = Failed to unmarshal "{name}": '
        f"failed to unmarshal manifest: error converting YAML to JSON: {why}"
    )
