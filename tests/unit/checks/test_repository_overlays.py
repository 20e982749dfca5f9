"""Every accepted solution passes, and every known mistake fails as it declares (tasks 2, 5 and 6)."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from grader import course
from grader.manifest import load
from grader.outcome import Status
from tests.repositories import Clone
from tests.unit.checks.repository_contexts import CHECKS, MODULE, statuses, verdict

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


def submit(clone: Clone, folder: Path) -> dict[str, str]:
    """Hands a known mistake in as its author did, and returns what it declares for these checks."""
    about = load((folder / "about.yaml").read_bytes())[0].value
    clone.lay(folder)
    if about.get("action") not in ("uncommitted", "kubectl-apply"):
        clone.commit("The policy")
        branch = {"other-branch": "policy", "unpushed": None}.get(about.get("action", ""), "main")
        if branch:
            clone.push(branch)
    return {check: status for check, status in about["outcomes"]["repository"].items() if check in CHECKS}


@pytest.mark.parametrize("folder", MODULE.mutants, ids=lambda path: path.name)
def test_mistake_fails_as_declared(clone: Clone, folder: Path) -> None:
    declared = submit(clone, folder)
    assert statuses(clone) == declared


@pytest.mark.skipif(not shutil.which("git"), reason="runs git")
@pytest.mark.parametrize("revision", [None, "main"])
@pytest.mark.parametrize(
    "name",
    [
        "64-tab",
        "56-kind-misspelled",
        "69-text-file",
        "69-subfolder",
        "70-one-folder-up",
        "72-unpushed",
        "72-uncommitted",
    ],
)
def test_next_command_shows_something(clone: Clone, name: str, revision: str | None) -> None:
    folder = next(one for one in MODULE.mutants if one.name == name)
    failed = next(check for check, status in submit(clone, folder).items() if status == "failed")
    told = verdict(failed, clone, revision=revision)
    if name == "72-uncommitted" and revision:
        assert told.status is Status.BLOCKED
        return
    assert told.status is Status.FAILED
    run = subprocess.run(["sh", "-c", told.next], capture_output=True, text=True, check=False, timeout=30)
    assert run.returncode == 0, run.stderr
    assert run.stdout.strip()
