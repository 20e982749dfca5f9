"""`labs run`: what it says of each command, and where it stops."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from grader.course import Step
from labs.commands.learn_run import ran


class Session:
    """Ends each command as its last word says."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.stopped = False
        self.within = 0

    def run(self, command: str, tell: Callable[[str], None], /) -> int:
        self.asked.append(command)
        if command == "ctrl-c":
            raise KeyboardInterrupt
        return int(command.split()[-1])

    def stop(self) -> None:
        self.stopped = True


def step(*commands: str, refused: tuple[int, ...] = ()) -> Step:
    return Step(id="s", task=7, title="T", anchor="t", commands=commands, refused=refused)


def test_a_refusal_that_is_meant_does_not_stop_it(capsys: pytest.CaptureFixture[str]) -> None:
    session = Session()
    assert ran(session, step("a 0", "b 1", "c 0", refused=(2,))) == 0
    told = capsys.readouterr().out
    assert session.asked == ["a 0", "b 1", "c 0"]
    assert "Ended with exit status 1. A refusal is meant here" in told
    assert "All commands of step 7 were run: 3." in told


def test_a_line_that_failed_within_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    session = Session()
    session.within = 3
    assert ran(session, step("a 0")) == 0
    assert "Ended with exit status 0, but a line before the last one failed: 3." in capsys.readouterr().out


def test_what_should_have_been_refused_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert ran(Session(), step("a 0", refused=(1,))) == 0
    assert "It was let in, but a refusal is meant here" in capsys.readouterr().out


def test_it_stops_at_a_failure_and_names_what_was_not_run(capsys: pytest.CaptureFixture[str]) -> None:
    session = Session()
    assert ran(session, step("a 0", "b 4", "c 0", "d 0")) == 4
    assert session.asked == ["a 0", "b 4"]
    told = capsys.readouterr().out.splitlines()
    assert told[-3:] == [
        "Stopped, because this command failed. Commands that were not run: 2.", "Command 3 of 4: c 0",
        "Command 4 of 4: d 0",
    ]  # fmt: skip


def test_ctrl_c_ends_the_command() -> None:
    session = Session()
    with pytest.raises(KeyboardInterrupt):
        ran(session, step("ctrl-c"))
    assert session.stopped
