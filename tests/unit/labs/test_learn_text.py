"""The course's text as plain lines."""

import re

import pytest

from grader import course as courses
from labs.commands.learn_fold import WIDTH, folded
from labs.commands.learn_text import codes, inline, plain, sections, slug

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
        "Code 1 (yaml):", "a:", "  - b   # c", "", "d: 1", "End of code.", ""
    ]  # fmt: skip


def test_what_a_block_needs_is_told_with_its_name() -> None:
    assert plain("```bash network\ndocker ps\n```\n")[0] == "Code 1 (bash, needs Docker and a network):"


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


def test_a_link_within_the_text_names_its_section() -> None:
    text = "See [the rule](#the-policy) and [The policy](#the-policy), not [that](#gone).\n\n## The policy\n"
    assert plain(text)[0] == "See the rule (the section “The policy”) and the section “The policy”, not that."
    assert inline("as in [step 1](#step-1)") == "as in step 1"


def test_names_and_commands_are_never_broken() -> None:
    name = "“kubectl --namespace crossplane-system get pods”"
    lines = folded(f"{'word ' * 12} {name} verify-providers.yaml {'x' * 70}-{'y' * 30} end")
    assert name in " ".join(lines)
    assert [line for line in lines if name in line]
    assert f"{'x' * 70}-{'y' * 30}" in lines
    assert all(len(line) <= WIDTH for line in lines if "xxx" not in line)


def test_code_is_numbered_through_the_whole_text_and_to_be_had_as_it_is() -> None:
    text = "```bash\na\n```\n## B\n1. c\n\n   ```yaml\n   d:\n     e: 1\n   ```\n"
    assert plain(text, "b")[4:8] == ["Code 2 (yaml):", "d:", "  e: 1", "End of code."]
    assert [one.text for one in codes(text)] == ["a\n", "d:\n  e: 1\n"]


def test_sections_are_listed_and_read_one_by_one() -> None:
    text = "# A\na\n## B\nb\n\nb\n### C\nc\n"
    assert [(one.title, one.depth, one.lines) for one in sections(text)] == [("A", 1, 4), ("B", 2, 6), ("C", 3, 4)]
    assert [line for line in plain(text, "b", whole=False) if line] == ["Section: B", "b", "b"]


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
