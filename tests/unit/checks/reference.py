"""The reference solution with some words exchanged, graded on a cluster that answers as the model does."""

from __future__ import annotations

from pathlib import Path

from grader import grade
from grader.outcome import Outcome, Report, Status
from tests import worlds

REFERENCE = next(path for path in worlds.MODULE.solutions if path.name == "1-reference")
SUBJECT = str(worlds.MODULE.exercise.parameters["subject"])


def laid(folder: Path, *edits: tuple[str, str]) -> Path:
    """A repository with the reference, edited."""
    text = (REFERENCE / worlds.FOLDER / "verify-providers.yaml").read_text()
    for old, new in edits:
        assert old in text
        text = text.replace(old, new)
    target = folder / worlds.FOLDER / "verify-providers.yaml"
    target.parent.mkdir(parents=True)
    target.write_text(text)
    return folder


def graded(folder: Path, *edits: tuple[str, str]) -> Report:
    """The report on it."""
    return grade.judge(worlds.MODULE, worlds.evidence(laid(folder, *edits)))


def failed(folder: Path, *edits: tuple[str, str]) -> list[Outcome]:
    """What fails of it."""
    return [one for one in graded(folder, *edits).outcomes if one.status is Status.FAILED]
