"""Nothing that a terminal obeys or that hides passes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.text import clean, one_line, quoted, suspicious


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b]8;;https://evil.example\x07link\x1b]8;;\x07", "link"),
        ("a\x1b[2Kb", "ab"),
        ("abc\u202edef", "abcdef"),
        ("zero\u200bwidth", "zerowidth"),
        ("bell\x07", "bell"),
        ("tab\tstays\nand newline", "tab\tstays\nand newline"),
        ("carriage\rreturn", "carriage\nreturn"),
        ("\x9b31mC1", "31mC1"),
    ],
)
def test_clean(text: str, shown: str) -> None:
    assert clean(text) == shown


def test_clean_marks_what_it_cut() -> None:
    assert clean("x" * 50, 10) == "x" * 9 + "…"


@given(st.text(), st.integers(1, 50))
def test_clean_is_bounded_and_leaves_nothing_unsafe(text: str, limit: int) -> None:
    shown = clean(text, limit)
    assert len(shown) <= limit
    assert not any((ord(c) < 32 and c not in "\t\n") or 0x7F <= ord(c) <= 0x9F for c in shown)


def test_one_line_folds_white_space() -> None:
    assert one_line(" a\n\n b\t c ") == "a b c"


def test_quoted_has_marks() -> None:
    assert quoted("a\nb") == "“a b”"


def test_suspicious_names_the_look_alike() -> None:
    assert suspicious("cgr.dev/ch\u0430inguard") == "U+0430 at character 11"
    assert suspicious("cgr.dev/chainguard/provider-*") is None
