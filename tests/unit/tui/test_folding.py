"""Long lines go on below their own beginning."""

from __future__ import annotations

import pytest
from rich.cells import cell_len
from textual.content import Content

from labs.tui.widgets.folded import MARK, below_code, below_label, fold


def lines(text: str, width: int, hang: object = below_code, mark: str = MARK) -> list[str]:
    return fold(Content(text), width, hang, mark).plain.split("\n")  # type: ignore[arg-type]


def test_code_keeps_its_indentation_and_marks_what_goes_on() -> None:
    text = 'a:\n    subject: "https://github.com/one/two"\n    b: 1\n'
    assert lines(text, 30) == ["a:", "    subject:", '    ↪ "https://github.com/one/', '    ↪ two"', "    b: 1", ""]


def test_what_fits_is_left_alone() -> None:
    assert lines("  one two", 9) == ["  one two"]


def test_no_letter_is_lost_and_no_line_is_too_long() -> None:
    text = "  a界界界 " + "x" * 50 + "  y"
    found = lines(text, 12)
    assert all(cell_len(line) <= 12 for line in found)
    assert "".join(found).replace(MARK, "").replace(" ", "") == text.replace(" ", "")


@pytest.mark.parametrize(
    ("line", "column"),
    [
        ("  expected  a ClusterPolicy", 12),
        ("  waits for policy.present", 12),
        ("            more of it", 12),
        ("  $ kubectl get pods", 4),
        ("plain words", 0),
    ],
)
def test_what_stands_behind_a_label_goes_on_there(line: str, column: int) -> None:
    assert below_label(line) == column


def test_a_label_keeps_its_column() -> None:
    assert lines("  seen      one two three", 18, below_label, "") == ["  seen      one", " " * 9 + "two three"]
