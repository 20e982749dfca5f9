"""A course's mistakes are named with file and line."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader import course
from grader.errors import CourseError

EXERCISE = """format: 1
title: One
steps:
- {id: first, task: 1, title: First, anchor: first, checks: [a.one]}
checks:
- {id: a.one, points: 5}
probes:
- {id: p, check: a.one, sample: signed, namespace: default, expect: admitted}
"""


def write(folder: Path, exercise: str = EXERCISE) -> course.Course:
    module = folder / "modules" / "01-one"
    module.mkdir(parents=True)
    (folder / "course.yaml").write_text("format: 1\ntitle: T\nmodules:\n- {id: 01-one, title: One}\n")
    (module / "exercise.yaml").write_text(exercise)
    (module / "text.md").write_text("# One\n")
    return course.read(folder)


def test_a_module_is_its_files(tmp_path: Path) -> None:
    module = write(tmp_path).module("01-one")
    assert module.text == "# One\n"
    assert module.exercise.task_of("a.one") == 1


@pytest.mark.parametrize(
    ("change", "line", "words"),
    [
        (("points: 5", "points: five"), 6, "points"),
        (("points: 5", "points: 5, needs: [b.two]"), 6, "must be declared before it"),
        (("checks: [a.one]", "checks: [b.two]"), 4, "unknown check"),
        (("check: a.one, sample", "check: b.two, sample"), 8, "unknown check"),
        (("title: One\n", "title: One\nunknown: 1\n"), 3, "unknown"),
    ],
)
def test_a_mistake_has_file_and_line(tmp_path: Path, change: tuple[str, str], line: int, words: str) -> None:
    module = write(tmp_path, EXERCISE.replace(*change)).module("01-one")
    with pytest.raises(CourseError) as caught:
        _ = module.exercise
    assert f"exercise.yaml:{line}:" in str(caught.value)
    assert words in str(caught.value)


def test_an_unknown_module_names_those_there_are(tmp_path: Path) -> None:
    with pytest.raises(CourseError) as caught:
        write(tmp_path).module("09-nine")
    assert "01-one" in caught.value.diagnostics()


def test_the_digest_changes_with_any_file(tmp_path: Path) -> None:
    before = write(tmp_path).digest
    (tmp_path / "modules/01-one/text.md").write_text("# Two\n")
    assert course.read(tmp_path).digest != before


def test_what_was_recorded_is_no_part_of_the_course(tmp_path: Path) -> None:
    before = write(tmp_path).digest
    (tmp_path / "truth").mkdir()
    (tmp_path / "truth/schema.json").write_text("{}")
    assert course.read(tmp_path).digest == before


def test_the_course_is_found_from_any_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert (course.default_folder() / "course.yaml").is_file()
