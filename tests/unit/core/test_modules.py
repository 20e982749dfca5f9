"""Which module somebody means."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader import course
from grader.course import Course
from grader.errors import UsageError
from grader.modules import named

IDS = ("1-one", "1-one-more", "10-ten", "01-other", "2-two")


@pytest.fixture
def found(tmp_path: Path) -> Course:
    """A course of modules with names alike; the last one is not written."""
    rows = "".join(f"- {{id: {one}, title: T, written: {str(one != '2-two').lower()}}}\n" for one in IDS)
    (tmp_path / "course.yaml").write_text(f"format: 1\ntitle: T\nmodules:\n{rows}")
    return course.read(tmp_path)


@pytest.mark.parametrize(
    ("word", "module"),
    [
        ("1-one", "1-one"),
        ("1-one-more", "1-one-more"),
        ("10", "10-ten"),
        ("01", "01-other"),
        ("0", "01-other"),
        ("1-one-m", "1-one-more"),
    ],
)
def test_a_name_or_a_beginning_that_no_other_has(found: Course, word: str, module: str) -> None:
    assert named(found, word).id == module


@pytest.mark.parametrize(
    ("word", "message", "advice"),
    [
        ("1", "“1” begins the names of 2 modules", "1-one, 1-one-more"),
        ("1-", "“1-” begins the names of 2 modules", "1-one, 1-one-more"),
        ("3", "there is no module “3”", "Modules of this course: 1-one,"),
        ("", "there is no module “”", "Modules of this course"),
        ("\x1b[31m", "there is no module “”", "Modules of this course"),
        ("2", "the module 2-two is not written yet", "There are: 1-one,"),
    ],
)
def test_a_word_that_names_none_or_several(found: Course, word: str, message: str, advice: str) -> None:
    with pytest.raises(UsageError) as caught:
        named(found, word)
    assert caught.value.message == message
    assert advice in (caught.value.advice or "")
