"""`labs reset` and `labs jump`: what is asked first, and what is advised where nobody can be asked."""

from __future__ import annotations

from pathlib import Path

import pytest

from labs import console
from labs.learning.learner import Learner
from labs.learning.resetting import Turned
from labs.platform.backup import Kept
from tests.keyboard import typed
from tests.unit.labs.conftest import Say


@pytest.fixture
def resets(monkeypatch: pytest.MonkeyPatch) -> list[str | None]:
    """Which resets and jumps were done; the lab itself is left out."""
    done: list[str | None] = []

    def reset(self: Learner, module: object, step: str | None, *_: object) -> Turned:
        done.append(step)
        return Turned(Kept(Path("clone")), (), followed=True)

    monkeypatch.setattr(Learner, "reset", reset)
    monkeypatch.setattr(Learner, "jump", reset)
    monkeypatch.setattr(Learner, "needed_lab", lambda self: None)
    return done


def test_all_of_a_module_is_undone_only_when_it_is_said_twice(
    say: Say, resets: list[str | None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(console, "can_ask", lambda: True)
    typed(monkeypatch, "", "yes", "reset")
    assert "Nothing was changed." in say("reset", "-m", "01")
    assert "This undoes all of module 01-chainguard-images, steps 1 to 8." in say("reset", "-m", "01")
    assert resets == []
    assert "The lab default is ready." in say("reset", "-m", "01")
    say("reset", "-m", "01", "--yes")
    say("reset", "-m", "01", "--step", "3")
    assert resets == [None, None, "3"]


@pytest.mark.parametrize(
    ("words", "again"),
    [
        (("reset",), "labs reset --yes"),
        (("reset", "-m", "01"), "labs reset -m 01 --yes"),
        (("reset", "--lab", "b", "--module", "01"), "labs reset -m 01 --lab b --yes"),
        (("jump", "7", "-m", "01", "--lab", "b"), "labs jump 7 -m 01 --lab b --yes"),
    ],
)
def test_where_nobody_can_be_asked_the_advice_is_about_the_same(
    say: Say, resets: list[str | None], words: tuple[str, ...], again: str
) -> None:
    assert f"{again} does it without asking." in say(*words, code=2)
    assert resets == []


def test_a_jump_is_made_only_when_it_is_said_twice(
    say: Say, resets: list[str | None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(console, "can_ask", lambda: True)
    typed(monkeypatch, "", "jump")
    asked = say("jump", "7", "-m", "01")
    assert "before step 7 of module 01-chainguard-images" in " ".join(asked.split())
    assert "Nothing was changed." in asked
    assert resets == []
    say("jump", "7", "-m", "01")
    say("jump", "3", "-m", "01", "--yes")
    assert resets == ["7", "3"]


def test_a_jump_to_no_step_is_told_before_anything_is_asked(say: Say, resets: list[str | None]) -> None:
    assert "has no such step" in say("jump", "12", "-m", "01", code=2)
