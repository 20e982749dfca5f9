"""`labs edit`: which file is opened, at which line, and by which program."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from grader.outcome import Report
from labs.commands.session import LabSession
from labs.learning.learner import Learner
from tests.reports import report
from tests.unit.labs.conftest import Say

Edit = Callable[..., str]
M = ("-m", "01")


@pytest.fixture(autouse=True)
def clone(monkeypatch: pytest.MonkeyPatch, home: Path) -> Path:
    """A clone in a lab that nobody asks anything; the first two checks fail, the second at a line."""
    found = report({"kyverno.ready": "failed", "policy.present": "failed"})
    placed = replace(found, outcomes=(found.outcomes[0], replace(found.outcomes[1], where="apps/policy.yaml:3:5")))
    monkeypatch.setattr(Learner, "looked", lambda *_: (placed, ""))
    monkeypatch.setattr(Learner, "needed_lab", lambda _: None)
    folder = home / "labs" / "default" / "platform"
    folder.mkdir(parents=True)
    return folder


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """What the editor was told to open, a word a line."""
    told = tmp_path / "told"
    program = tmp_path / "vim"
    program.write_text(f"#!/bin/sh\nprintf '%s\\n' \"$@\" >{told}\nexit 4\n")
    program.chmod(0o755)
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.setenv("EDITOR", str(program))
    return told


@pytest.fixture
def edit(say: Say) -> Edit:
    """Runs `labs edit` with words and returns what it said; its exit code must be the editor's."""
    return lambda *words, code=4: say("edit", *words, code=code)


def test_the_first_failing_line_is_opened(edit: Edit, opened: Path, clone: Path) -> None:
    assert "Opening: apps/policy.yaml, line 3." in edit(*M)
    assert opened.read_text().split() == ["+3", str(clone / "apps/policy.yaml")]


@pytest.mark.parametrize(
    ("named", "place"), [("a.yaml", []), ("a.yaml:7", ["+7"]), ("a.yaml:7:2", ["+7"]), ("a.yaml:0", [])]
)
def test_a_file_is_named_as_a_check_names_it(
    edit: Edit, opened: Path, clone: Path, named: str, place: list[str]
) -> None:
    edit(named, *M)
    assert opened.read_text().split() == [*place, str(clone / "a.yaml")]


def test_a_name_with_a_colon_is_a_name_where_such_a_file_is_there(edit: Edit, opened: Path, clone: Path) -> None:
    (clone / "a:7").write_text("")
    edit("a:7", *M)
    assert opened.read_text().split() == [str(clone / "a:7")]


def test_where_no_line_fails_it_is_the_file_of_the_step(
    edit: Edit, opened: Path, clone: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    nothing: tuple[Report | None, str] = (None, "the cluster is away")
    monkeypatch.setattr(Learner, "looked", lambda *_: nothing)
    told = edit("-m", "00")
    assert "Not checked: the cluster is away" in told
    assert opened.read_text().split() == [str(clone / "gitops-bootstrap/apps/platform/welcome.yaml")]


def test_without_a_clone_or_an_editor_it_is_told(edit: Edit, clone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(LabSession, "editor", lambda _: "EDITOR names nano, which is not there: vi opens instead.")
    monkeypatch.setattr(LabSession, "edit", lambda *_: 0)
    assert "vi opens instead" in edit("a.yaml", code=0)
    clone.rmdir()
    assert "labs up default goes on with it" in edit("a.yaml", code=3)
