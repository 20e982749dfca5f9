"""The plain twin's prompt."""

from __future__ import annotations

from pathlib import Path

import pytest

from labs.cli import labs
from labs.commands import learn_prompt
from tests.keyboard import typed


@pytest.fixture(autouse=True)
def home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("LABS_HOME", str(tmp_path))
    monkeypatch.delenv("PLATFORM_LAB", raising=False)


def test_the_prompt_takes_every_command_and_survives_what_goes_wrong(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    typed(
        monkeypatch, "", "help", "labs modules", "check", "nonsense", "text | less", "text 'open",
        KeyboardInterrupt, "next", "quit", "never read",
    )  # fmt: skip
    learn_prompt.read(labs)
    told = capsys.readouterr()
    assert "Words you can type" in told.out
    assert "Course: Platform engineering by GitOps" in told.out
    assert "labs up default makes it" in told.err
    assert "There is no word nonsense here. Type help" in told.out
    assert "There are no pipes" in told.out
    assert "Part: Step 2" not in told.out
    assert "A quotation mark is open" in told.out
    assert "Type quit to leave." in told.out
    assert "Section: Look around" in told.out
    assert "fault of the program" not in told.err


def test_the_end_of_the_input_leaves_the_prompt(monkeypatch: pytest.MonkeyPatch) -> None:
    typed(monkeypatch)
    learn_prompt.read(labs)


def test_a_number_goes_to_that_step(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    typed(monkeypatch, "3", "quit")
    learn_prompt.read(labs)
    assert "Section: Make one harmless commit" in capsys.readouterr().out


def test_a_word_that_is_nearly_one_is_understood_as_a_question(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    typed(monkeypatch, "ceck", "quit")
    learn_prompt.read(labs)
    told = capsys.readouterr().out
    assert "Did you mean check?" in told
    assert max(map(len, told.partition("There is no word")[2].splitlines())) <= 79
