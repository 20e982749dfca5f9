"""Where two values that are nearly the same differ."""

from __future__ import annotations

import pytest

from grader.kyverno.hints import difference


@pytest.mark.parametrize(
    ("written", "meant", "expected"),
    [
        ("abc ", "abc", "delete the blank at its end"),
        ("\tabc", "abc", "delete the blank at its beginning"),
        ("https://issuer/", "https://issuer", "delete “/” at its end"),
        ("https://issue", "https://issuer", "“r” is missing at its end"),
        (
            "lm@refs/head/main",
            "lm@refs/heads/main",
            "the file has “lm@refs/head/main” where “lm@refs/heads/main” belongs",
        ),
        ("https://github.com", "https://token.actions.githubusercontent.com", ""),
    ],
)
def test_difference(written: str, meant: str, expected: str) -> None:
    assert difference(written, meant) == expected
