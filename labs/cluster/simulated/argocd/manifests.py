"""The objects that Argo CD makes of a folder: a plain directory or a kustomization.

Source: A:reposerver/repository/repository.go (findManifests), A:util/app/path.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from grader.evidence.kustomize import build
from grader.evidence.model import File
from labs.cluster.simulated.argocd import kustomize, reading
from labs.cluster.simulated.argocd.source import SourceError

Object = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Rendered:
    """The objects, and which way they were made: `Directory` or `Kustomize`."""

    objects: tuple[Object, ...]
    kind: str


def render(files: Iterable[File], folder: str) -> Rendered:
    """The objects of a folder of a commit. Raises SourceError with Argo CD's words."""
    all_files = tuple(files)
    plain = posixpath.normpath(folder.strip("/") or ".")
    folder = "" if plain == "." else plain
    if folder and not any(file.path.startswith(f"{folder}/") for file in all_files):
        raise SourceError(f"rpc error: code = Unknown desc = {folder}: app path does not exist")
    made = build(all_files, folder)
    if made.mode == "helm":
        raise SourceError(f"rpc error: code = Unknown desc = simulated: {made.root}: Helm charts are not rendered here")
    if made.mode == "kustomization":
        return Rendered(tuple(kustomize.render(all_files, folder)), "Kustomize")
    by_path = {file.path: file for file in all_files}
    objects = [one for path in sorted(made.used) for one in reading.objects(by_path[path])]
    return Rendered(tuple(objects), "Directory")
