"""Module 00's check: a commit of the learner's own that Argo CD has synced."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from grader import course
from grader.errors import EnvironmentFault
from grader.evidence.model import Evidence, File, Remote, Repository
from grader.follows import believed_after
from grader.grade import judge
from grader.outcome import Status
from tests.unit.checks.live_contexts import GOOD, changed, verdict
from tests.worlds import COMMIT

MODULE = course.read().module("00-getting-started")
CHECK = "platform.synced"
FOLDER = str(MODULE.exercise.parameters["folder"])
STARTER = tuple(File(path, 0o100644, blob, 1) for path, blob in MODULE.exercise.parameters["starter"].items())
CHANGED = (File(f"{FOLDER}/welcome.yaml", 0o100644, "e" * 40, 1),)


def evidence(files: tuple[File, ...] = CHANGED, **remote: Any) -> Evidence:
    found = Remote("origin", "main", True, COMMIT, True, files)
    repository = Repository("platform", COMMIT, "main", remote=replace(found, **remote))
    return replace(GOOD, module=MODULE.id, repository=repository)


def test_a_changed_folder_that_is_synced_passes() -> None:
    assert verdict(evidence(), CHECK, MODULE).status is Status.PASSED


@pytest.mark.parametrize("files", [STARTER, (*STARTER, File("README.md", 0o100644, "e" * 40, 1))])
def test_what_was_there_at_the_start_is_no_change(files: tuple[File, ...]) -> None:
    told = verdict(evidence(files), CHECK, MODULE)
    assert (told.status, "what it held at the start" in told.seen, told.next) == (
        Status.FAILED,
        True,
        "git -C platform status",
    )
    assert believed_after(told.seen), "nobody else can change it"


def test_a_further_file_is_a_change() -> None:
    more = File(f"{FOLDER}/more.yaml", 0o100644, "e" * 40, 1)
    assert verdict(evidence((*STARTER, more)), CHECK, MODULE).status is Status.PASSED


def test_a_branch_that_is_not_there_is_said() -> None:
    assert verdict(evidence((), head=None), CHECK, MODULE).status is Status.FAILED


def test_a_remote_that_does_not_answer_is_nobodys_fault() -> None:
    with pytest.raises(EnvironmentFault, match="could not be read"):
        verdict(evidence((), head=None, error="connection refused"), CHECK, MODULE)


def test_an_argo_cd_that_lags_is_told_by_both_commits() -> None:
    lagging = changed("Application", lambda found: found["status"]["sync"].update(revision="b" * 40), evidence())
    told = verdict(lagging, CHECK, MODULE)
    assert told.seen == "Argo CD is at bbbbbbbbbb, the remote is at aaaaaaaaaa."


def test_the_whole_module_is_judged() -> None:
    report = judge(MODULE, evidence())
    assert (report.score, report.max_score, report.conclusive) == (10, 10, True)
