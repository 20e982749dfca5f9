"""`labs look`: the demonstrations in plain lines."""

from __future__ import annotations

from typing import Any

import pytest

from grader.errors import UsageError
from labs.commands import demonstrate
from labs.learning.demonstrations.scene import Scene, row, scene, table
from labs.learning.demonstrations.shows import TOPICS


class Shows:
    """Answers every demonstration alike, and notes what was asked for."""

    asked: list[str]

    def __init__(self, *_: Any) -> None:
        type(self).asked = []

    def scene(self, identifier: str) -> Scene:
        self.asked.append(identifier)
        opened = [("line", "policy.yaml:3:5\nsubject"), ("answer", "\x1b[31mdenied")]
        return scene(
            "Title",
            "Why " * 40,
            "kubectl one\nkubectl two",
            "let in",
            [table("answers", ("answer", "by"), [row(("refused", "mine"), opened)])],
        )


class Learner:
    course = None

    def needed_lab(self) -> None:
        return None


@pytest.fixture(autouse=True)
def surroundings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demonstrate, "looking", lambda _: Learner())
    monkeypatch.setattr(demonstrate, "Shows", Shows)


def test_the_topics_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    demonstrate.show(None, None, None, opened=False)
    assert [line.split()[2] for line in capsys.readouterr().out.splitlines()] == list(TOPICS)


def test_all_four_effects_or_one() -> None:
    demonstrate.show(None, "admission", None, opened=False)
    assert Shows.asked == [f"admission {number}" for number in (1, 2, 3, 4)]
    demonstrate.show(None, "admission", "3", opened=False)
    assert Shows.asked == ["admission 3"]


def test_any_image_can_be_named() -> None:
    demonstrate.show(None, "sbom", "cgr.dev/a:b", opened=False)
    assert Shows.asked == ["sbom cgr.dev/a:b"]


def test_a_table_in_lines(capsys: pytest.CaptureFixture[str]) -> None:
    demonstrate.show(None, "images", None, opened=False)
    lines = capsys.readouterr().out.splitlines()
    assert lines[-3:] == ["Answers, rows: 1", "ANSWER   BY", "refused  mine"]
    assert "    kubectl two" in lines
    assert max(map(len, lines)) <= 79


def test_rows_opened(capsys: pytest.CaptureFixture[str]) -> None:
    demonstrate.show(None, "images", None, opened=True)
    assert capsys.readouterr().out.splitlines()[-4:] == [
        "- refused: mine",
        "    line: policy.yaml:3:5",
        "        subject",
        "    answer: denied",
    ]


def test_an_unknown_topic_names_the_known_ones() -> None:
    with pytest.raises(UsageError) as error:
        demonstrate.show(None, "imagse", None, opened=False)
    assert "images, sbom, admission, providers" in error.value.diagnostics()
