"""The same hand-ins on a real lab and on a simulated one: the reports are equal, but for provenance and names."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from grader import course
from tests.journeys.learner import MODULE, Learner

FOUND = course.read().module(MODULE)
WANTED = ("02-attestors-under-spec", "03-no-rekor", "10-no-namespace", "37-any-ref")
FOLDERS = (FOUND.solutions[0], *(one for one in FOUND.mutants if one.name in WANTED))
_CHANCE = (
    (re.compile(r"sha256:[0-9a-f]{64}"), "DIGEST"),
    (re.compile(r"\b[0-9a-f]{7,40}\b"), "COMMIT"),
    (re.compile(r"\b[a-z0-9-]+-[0-9a-f]{6,12}-[a-z0-9]{5,10}(-[a-z0-9]{5})?\b"), "POD"),
)


@pytest.mark.e2e
@pytest.mark.parametrize("folder", FOLDERS, ids=lambda path: path.name)
def test_reports_are_equal(on_kind: Learner, on_simulated: Learner, folder: Path) -> None:
    assert _report(on_kind, folder) == _report(on_simulated, folder)


def _report(learner: Learner, folder: Path) -> list[dict[str, Any]]:
    """The outcomes of a hand-in, with the lab's own names and all that chance gives taken out."""
    if learner.shell("kubectl get namespace kyverno", check=False).returncode:
        learner.take_step(0)
    learner.lay(folder)
    learner.commit(f"Try {folder.name}")
    learner.push()
    text = json.dumps(learner.grade()["outcomes"])
    for name, place in _names(learner).items():
        text = text.replace(name, place)
    for pattern, place in _CHANCE:
        text = pattern.sub(place, text)
    outcomes: list[dict[str, Any]] = json.loads(text)
    return outcomes


def _names(learner: Learner) -> dict[str, str]:
    """What each lab draws for itself: the samples' images, and where its folders are."""
    shown = learner.shell(
        "kubectl -n platform-labs get configmap platform-labs -o jsonpath='{.data.lab\\.json}'"
    ).stdout
    samples = json.loads(shown)["samples"]
    found = {f"{one['image']}:{one['tag']}": f"IMAGE-{name}" for name, one in samples.items()}
    found |= {one["image"]: f"NAME-{name}" for name, one in samples.items()}
    return found | {learner.facts["clone"]: "CLONE", learner.facts["remote"]: "REMOTE"}
