"""What is said where a command of a step wants a file that the learner has not written or changed."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader import course
from labs.learning.unwritten import wanted

COURSE = course.read()
POLICY = COURSE.module("01-chainguard-images")
COMMIT = COURSE.module("00-getting-started")
WRITE, MOVE = (next(step for step in POLICY.exercise.steps if step.task == task) for task in (2, 5))
COMMITS = COMMIT.exercise.steps[-1].commands
WELCOME = "gitops-bootstrap/apps/platform/welcome.yaml"
UNWRITTEN = "verify-providers.yaml is not there yet. Step 2 has you write it: w on a block of the text, or e."


@pytest.mark.parametrize("step", [WRITE, MOVE], ids=lambda step: step.id)
def test_a_file_that_is_not_written_is_told_with_its_step(tmp_path: Path, step: course.Step) -> None:
    assert list(wanted(POLICY, tmp_path, step.commands)) == [UNWRITTEN]


@pytest.mark.parametrize("place", ["verify-providers.yaml", "gitops-bootstrap/apps/platform/verify-providers.yaml"])
def test_a_file_that_lies_somewhere_is_written(tmp_path: Path, place: str) -> None:
    (tmp_path / place).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / place).write_text("")
    assert list(wanted(POLICY, tmp_path, WRITE.commands)) == []


def test_a_given_file_is_to_be_changed_before_a_commit(tmp_path: Path) -> None:
    file = tmp_path / WELCOME
    file.parent.mkdir(parents=True)
    file.write_bytes((COURSE.platform / WELCOME).read_bytes())
    assert list(wanted(COMMIT, tmp_path, COMMITS)) == ["welcome.yaml is still as it came. Change it first: e opens it."]
    assert list(wanted(COMMIT, tmp_path, COMMITS[:1])) == []
    file.write_text("owner: me\n")
    assert list(wanted(COMMIT, tmp_path, COMMITS)) == []


def test_what_is_no_command_wants_nothing(tmp_path: Path) -> None:
    assert list(wanted(POLICY, tmp_path, ["echo 'verify-providers.yaml"])) == []
