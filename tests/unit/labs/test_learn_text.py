"""The course's text as plain lines."""

import re

import pytest

from grader import course as courses
from labs.commands.learn_text import inline, plain, slug

WRITTEN = [module for module in courses.read().modules if module.written]


def test_what_things_are_is_said_in_words() -> None:
    text = (
        "# T\n\nSee `labs up` and [this](https://a.example/x), **now**.\n\n## S\n\n- one\n- two\n\n3. three\n4. four\n"
    )
    assert [line for line in plain(text) if line] == [
        "Module: T", "See “labs up” and this (https://a.example/x), now.", "Section: S", "- one", "- two",
        "3. three", "4. four",
    ]  # fmt: skip


def test_code_is_named_and_left_as_it_is() -> None:
    assert plain("```yaml\na:\n  - b   # c\n\nd: 1\n```\n") == [
        "Code (yaml):", "    a:", "      - b   # c", "    ", "    d: 1", "End of code.", ""
    ]  # fmt: skip


def test_each_cell_of_a_table_stands_after_the_name_of_its_column() -> None:
    assert plain("| part | meaning |\n|---|---|\n| `match` | which |\n| x | y |\n") == [
        "part: “match”; meaning: which", "", "part: x; meaning: y", ""
    ]  # fmt: skip


def test_a_part_ends_where_the_next_of_its_depth_begins() -> None:
    text = "## A\na\n### B\nb\n### C\nc\n## D\nd\n"
    assert [line for line in plain(text, "b") if line] == ["Part: B", "b"]
    assert [line for line in plain(text, "a") if line] == ["Section: A", "a", "Part: B", "b", "Part: C", "c"]
    assert plain(text, "z") == []


def test_nothing_that_a_terminal_obeys_comes_through() -> None:
    assert inline("a\x1b[2Jb\u202ec") == "abc"


def test_addresses_within_the_text_are_not_read_out() -> None:
    assert inline("as in [step 1](#step-1)") == "as in step 1"


@pytest.mark.parametrize("module", WRITTEN, ids=lambda module: module.id)
def test_every_step_of_the_course_has_its_part_of_the_text(module: courses.Module) -> None:
    for step in module.exercise.steps:
        lines = plain(module.text, step.anchor)
        assert len(lines) > 3, step.id
        assert slug(lines[0].partition(": ")[2]) == step.anchor


@pytest.mark.parametrize("module", WRITTEN, ids=lambda module: module.id)
def test_the_whole_text_has_no_boxes_and_no_marks(module: courses.Module) -> None:
    code, found = False, []
    for line in plain(module.text):
        code = line.startswith("Code") or (code and line != "End of code.")
        if not code and re.search(r"[\u2500-\u259f]|\*\*|`|^\||^#", line):
            found.append(line)
    assert found == []
