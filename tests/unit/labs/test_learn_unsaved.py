"""Where progress cannot be written: what a command found is told, then the fault, and the exit code is its own."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from io import BytesIO, TextIOWrapper
from pathlib import Path

import pytest

from grader.console import run
from grader.errors import EnvironmentFault
from grader.outcome import Report
from labs.cli import labs
from labs.commands import served
from labs.learning.learner import Learner
from labs.learning.progress import Progress
from labs.tui.app import LabsApp
from tests.reports import report
from tests.snapshots.fake import FakeSession
from tests.snapshots.quiet import settled

Said = Callable[..., tuple[int, str, str]]
FULL = "No space left on device"


@pytest.fixture(autouse=True)
def full(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def save(self: Progress) -> None:
        raise EnvironmentFault(f"cannot be written: {FULL}", where="progress.json")

    monkeypatch.setenv("LABS_HOME", str(tmp_path))
    monkeypatch.delenv("PLATFORM_LAB", raising=False)
    monkeypatch.setattr(Progress, "save", save)


@pytest.fixture
def said(capsys: pytest.CaptureFixture[str]) -> Said:
    """Runs one command: its exit code, what it said, and what it said on standard error."""

    def call(*words: str) -> tuple[int, str, str]:
        try:
            ended = run(labs, list(words), program="labs")
        except SystemExit as left:
            ended = int(left.code or 0)
        return ended, *capsys.readouterr()

    return call


@pytest.mark.parametrize(("state", "code"), [("passed", 3), ("failed", 1)])
def test_a_grading_is_told_all_the_same(said: Said, monkeypatch: pytest.MonkeyPatch, state: str, code: int) -> None:
    def grade(self: Learner, *_: object) -> Report:
        found = report({"policy.present": state})
        self.graded(self.module("01"), found)
        return found

    monkeypatch.setattr(Learner, "grade", grade)
    ended, out, err = said("check", "-m", "01")
    assert "policy.present" in out
    assert FULL in err
    assert err.count(FULL) == 1
    assert ended == code


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("text", "01"), "The text of 01-chainguard-images"),
        (("next", "2", "-m", "01"), "Step 2"),
        (("continue",), "You are here"),
        (("hint", "2", "-m", "01"), "Hint 1 of "),
        (("run", "3", "-m", "01"), "no command to run"),
    ],
)
def test_a_command_says_what_it_found_and_then_what_was_not_written(
    said: Said, words: tuple[str, ...], told: str
) -> None:
    ended, out, err = said(*words)
    assert told in out
    assert FULL in err
    assert ended == 3


def test_what_is_asked_to_be_written_says_that_it_was_not(said: Said, tmp_path: Path) -> None:
    (tmp_path / "other.json").write_text('{"schema": "platform-labs/progress/v1", "modules": {}}')
    ended, out, err = said("progress", "import", str(tmp_path / "other.json"))
    assert (ended, "Taken in" in out, FULL in err) == (3, False, True)


async def test_the_program_says_it_once_and_goes_on(tmp_path: Path) -> None:
    folder = tmp_path / "lab"
    folder.mkdir()
    app = LabsApp(FakeSession(folder, None))
    async with app.run_test() as pilot:
        await settled(pilot)
        for key in ("c", "1", "2", "3"):
            await pilot.press(key)
            await settled(pilot)
        assert sum(FULL in note.message for note in app._notifications) == 1
    app.close()


def test_a_letter_that_the_encoding_lacks_ends_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Progress, "save", lambda self: None)
    written = BytesIO()
    monkeypatch.setattr(sys, "stdout", TextIOWrapper(written, "latin-1"))
    assert run(labs, ["text", "01", "--section", "2"], program="labs") == 0
    sys.stdout.flush()
    assert b"?" in written.getvalue()
    assert os.linesep.encode() in written.getvalue()


def test_a_log_that_cannot_be_kept_ends_no_session(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("LABS_HOME", str(tmp_path / "file"))
    with pytest.raises(OSError, match="file"):
        served.begin_log()
    handle = served.opened_log()
    assert os.path.samestat(os.fstat(handle), Path(os.devnull).stat())
    os.close(handle)
