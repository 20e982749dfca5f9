"""Every accepted solution passes, and every known mistake fails as it declares (tasks 2, 5 and 6)."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader import course
from grader.manifest import load
from tests.repositories import Clone
from tests.unit.checks.repository_contexts import CHECKS, MODULE, statuses

PLATFORM = course.read().platform


@pytest.fixture
def clone(tmp_path: Path) -> Clone:
    """A clone of the repository that learners start from."""
    made = Clone(tmp_path / "platform")
    made.lay(PLATFORM)
    made.commit("The platform")
    made.push()
    return made


def test_starter_fails_only_where_something_is_to_be_done(clone: Clone) -> None:
    assert statuses(clone) == {name: "failed" if name == "policy.present" else "blocked" for name in CHECKS}


@pytest.mark.parametrize("folder", MODULE.solutions, ids=lambda path: path.name)
def test_solution_passes(clone: Clone, folder: Path) -> None:
    clone.lay(folder)
    clone.commit("The policy")
    clone.push()
    assert statuses(clone) == {}


@pytest.mark.parametrize("folder", MODULE.mutants, ids=lambda path: path.name)
def test_mistake_fails_as_declared(clone: Clone, folder: Path) -> None:
    about = load((folder / "about.yaml").read_bytes())[0].value
    clone.lay(folder)
    if about.get("action") not in ("uncommitted", "kubectl-apply"):
        clone.commit("The policy")
        branch = {"other-branch": "policy", "unpushed": None}.get(about.get("action", ""), "main")
        if branch:
            clone.push(branch)
    declared = {check: status for check, status in about["outcomes"]["repository"].items() if check in CHECKS}
    assert statuses(clone) == declared
