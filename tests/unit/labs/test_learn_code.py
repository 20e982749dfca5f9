"""`labs run --code`: one block of the text, and which are never run."""

from __future__ import annotations

import pytest

from labs.commands.learn_text import codes
from labs.commands.session import LabSession
from labs.learning.learner import Learner
from tests.unit.labs.conftest import Say


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Which lines were run; each ends with the exit status 1."""
    done: list[str] = []

    def run(self: LabSession, command: str, tell: object) -> int:
        done.append(command)
        return 1

    monkeypatch.setattr(LabSession, "run", run)
    return done


def block(*words: str) -> str:
    """The number of the first block of the module's text whose fence has these words."""
    found = codes(Learner.of().module("01").text)
    return str(next(n for n, one in enumerate(found, 1) if {one.fence.language, *one.fence.more} == set(words)))


def test_one_block_of_the_text_is_run_by_the_number_that_the_text_gives_it(say: Say, ran: list[str]) -> None:
    number = block("bash")
    told = say("run", "-m", "01", "--code", number, code=1)
    assert ran == [say("text", "01", "--code", number).strip("\n")]
    assert f"Code {number}: {ran[0]}\nEnded with exit status 1.\n" in told


def test_a_block_whose_last_command_is_meant_to_be_refused_is_no_failure(say: Say, ran: list[str]) -> None:
    assert "A refusal is meant here" in say("run", "-m", "01", "--code", block("bash", "refused"))


def test_a_block_that_needs_a_network_says_so_before_it_runs(say: Say, ran: list[str]) -> None:
    assert "(needs Docker and a network): " in say("run", "01", "--code", block("bash", "network"), code=1)


def test_a_block_that_is_no_command_is_never_run(say: Say, ran: list[str]) -> None:
    for language in ("yaml", "text"):
        number = block(language)
        told = say("run", "-m", "01", "--code", number, code=2)
        assert f"block {number} is no command but {language}" in told
        assert f"labs text 01-chainguard-images --code {number}" in told
    assert "no such block" in say("run", "-m", "01", "--code", "999", code=2)
    assert "do not go together" in say("run", "2", "-m", "01", "--code", "1", code=2)
    assert ran == []


def test_the_block_that_opens_the_shell_opens_it(say: Say, ran: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []

    def shell(self: LabSession) -> int:
        opened.append(self.lab_name)
        return 0

    monkeypatch.setattr(LabSession, "shell", shell)
    found = codes(Learner.of().module("00").text)
    number = next(n for n, one in enumerate(found, 1) if one.text == "labs shell\n")
    say("run", "-m", "00", "--code", str(number))
    assert (opened, ran) == (["default"], [])
