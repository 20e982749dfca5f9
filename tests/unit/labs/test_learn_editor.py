"""Which editor opens a file, and which commands may run without a lab."""

from __future__ import annotations

from pathlib import Path

import pytest

from labs.commands import editor, shell
from labs.errors import EnvironmentFault
from labs.learning.unlabbed import needs_lab


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A PATH with nothing in it, and no choice made."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    for name in ("VISUAL", "EDITOR", "SHELL"):
        monkeypatch.delenv(name, raising=False)
    return folder


def program(folder: Path, name: str) -> None:
    (folder / name).write_text("#!/bin/sh\n")
    (folder / name).chmod(0o755)


def test_a_missing_editor_gives_way_to_one_that_is_there(programs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(programs, "vi")
    monkeypatch.setenv("EDITOR", "nano -w")
    found = editor.found()
    assert found.arguments(Path("a.yaml"), 7) == ["vi", "+7", "a.yaml"]
    assert "EDITOR names nano, which is not there: vi opens" in found.instead


def test_the_chosen_editor_is_taken_with_its_words(programs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(programs, "code")
    monkeypatch.setenv("VISUAL", "code --wait")
    assert editor.found().arguments(Path("a.yaml"), 7) == ["code", "--wait", "a.yaml"]
    assert editor.found().instead == ""


def test_no_editor_at_all_is_told(programs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(EnvironmentFault, match="there is no editor"):
        editor.found()
    monkeypatch.setenv("EDITOR", "nano")
    with pytest.raises(EnvironmentFault, match="EDITOR names nano, which is not there"):
        editor.found()
    monkeypatch.setenv("EDITOR", "nano '")
    with pytest.raises(EnvironmentFault, match="not closed"):
        editor.found()


def test_a_missing_shell_gives_way(
    programs: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    program(programs, "bash")
    monkeypatch.setenv("SHELL", "/opt/fish")
    assert shell._own() == str(programs / "bash")
    assert "SHELL names /opt/fish, which is not there" in capsys.readouterr().out


@pytest.mark.parametrize("command", ["labs", "labs up", "labs doctor\nlabs up\n", "# first\nlabs status --lab one"])
def test_calls_of_labs_need_no_lab(command: str) -> None:
    assert not needs_lab(command)


@pytest.mark.parametrize(
    "command",
    ["kubectl get pods", "labs up\nkubectl get pods", "labs up; kubectl get pods", "labs doctor | tee a",
     "labs $(kubectl get pods)", "labs up & helm list", "labs-other", "sample() { echo; }"],
)  # fmt: skip
def test_everything_else_does(command: str) -> None:
    assert needs_lab(command)
