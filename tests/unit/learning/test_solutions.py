"""Accepted solutions: the reference first, and not before it is asked for."""

import pytest
import yaml

from grader import course as courses
from grader.course import Module
from grader.errors import CourseError
from labs.learning.module_progress import ModuleProgress
from labs.learning.solutions import may_show, solutions


@pytest.fixture(scope="module")
def module() -> Module:
    return courses.read().module("01-chainguard-images")


def test_the_reference_is_the_first_and_every_one_has_a_policy(module: Module) -> None:
    found = solutions(module)
    assert found[0].title == "The reference"
    assert len(found) == len(module.solutions) > 5
    for one in found:
        assert one.note
        assert all(path != "about.yaml" for path, _ in one.files)
        assert any("kyverno.io" in str(list(yaml.safe_load_all(text))) for _, text in one.files)


def test_a_module_without_files_has_none() -> None:
    assert solutions(courses.read().module("00-getting-started")) == ()


@pytest.mark.parametrize(
    ("asked", "done", "shown"), [(0, False, 0), (1, False, 0), (2, False, 1), (3, False, 9), (0, True, 9), (5, True, 9)]
)
def test_how_many_may_be_shown(asked: int, done: bool, shown: int) -> None:
    assert may_show(ModuleProgress(solutions_shown=asked, done=done), 9) == shown


def test_a_broken_one_is_the_course_s_fault(module: Module) -> None:
    class Broken:
        solutions = (module.folder,)

    with pytest.raises(CourseError):
        solutions(Broken())  # type: ignore[arg-type]
