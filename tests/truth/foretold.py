"""What the oracle foretells of a solution or mutant, by the route that brings it into a cluster."""

from __future__ import annotations

from pathlib import Path

from grader.errors import ManifestError
from grader.evidence.kustomize import build
from grader.evidence.model import File
from grader.kyverno import oracle
from grader.kyverno.review import PolicyReview
from grader.manifest import Document, load
from tests.truth.entries import Entry, files_of
from tests.truth.model import Answered
from tests.truth.words import of_prediction, predict


def policies(entry: Entry, route: str) -> list[PolicyReview]:
    """The policies that are stored: by hand (`strict`) without an unknown field, by Argo CD (`pushed`) what is left."""
    found = oracle.review(documents(entry, route))
    return [one for one in found if one.live and (route == "pushed" or one.strictly_accepted)]


def answers(entry: Entry, route: str) -> dict[str, Answered]:
    """Probe → answer."""
    found, exercise = policies(entry, route), entry.module.exercise
    return {spec.id: of_prediction(predict(found, spec, exercise), spec) for spec in exercise.probes}


def documents(entry: Entry, route: str) -> list[Document]:
    """What is applied. By hand every file is, one that cannot be read left out; Argo CD then builds nothing at all."""
    folder = str(entry.module.exercise.parameters["folder"])
    own = [_file(entry.source / path, path) for path in entry.files]
    platform = [_file(entry.platform / path, path) for path in files_of(entry.platform)]
    built = build([*platform, *own], folder)
    files = own
    if built.mode == "kustomization" or route == "pushed":
        files = [file for file in own if file.path in built.used] if not built.problems else []
    found: list[Document] = []
    for file in files:
        try:
            found += load(file.content or b"", file.path)
        except ManifestError:
            if route == "pushed":
                return []
    return found


def _file(path: Path, name: Path) -> File:
    content = path.read_bytes()
    return File(name.as_posix(), 0o100644, "", len(content), content)
