"""Every catalogued mistake, handed in on a real cluster: it fails its own checks and no others."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from grader import course
from tests.journeys.learner import MODULE, Learner, not_passed


@pytest.mark.parametrize("mutant", course.read().module(MODULE).mutants, ids=lambda path: path.name)
def test_mutant(with_kyverno: Learner, mutant: Path) -> None:
    """What a mutant declares is what the live grading says."""
    about: dict[str, Any] = yaml.safe_load((mutant / "about.yaml").read_text())
    hand_in(with_kyverno, mutant, about.get("action", "push"))
    report = with_kyverno.grade()
    assert not_passed(report) == about["outcomes"]["cluster"], explained(report)


def hand_in(learner: Learner, folder: Path, action: str) -> None:
    """Lays the mutant and takes the steps that its learner took."""
    if action != "push":
        learner.start_over()
    learner.lay(folder)
    if action == "kubectl-apply":
        learner.shell("kubectl apply -f gitops-bootstrap/apps/platform/verify-providers.yaml")
    if action in ("uncommitted", "kubectl-apply"):
        return
    if action == "other-branch":
        learner.shell("git checkout -q -B experiment")
    learner.commit(f"Try {folder.name}")
    if action == "push":
        learner.push()
    elif action == "other-branch":
        learner.shell("git push -q --force origin experiment")


def explained(report: dict[str, Any]) -> str:
    """What the report said about everything that did not pass."""
    told = (f"{o['check']}: {o['status']}: {o['seen']}" for o in report["outcomes"] if o["status"] != "passed")
    return "\n".join(told)
