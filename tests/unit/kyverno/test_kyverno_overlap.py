"""Names that two patterns fit."""

from __future__ import annotations

import itertools

import pytest

from grader.kyverno import wildcard
from grader.kyverno.overlap import common


@pytest.mark.parametrize(
    ("one", "other", "text"),
    [
        ("*:*-dev", "cgr.dev/provider-?*:?*", "cgr.dev/provider-a:a-dev"),
        ("*internal", "provider-?*:?*", "provider-a:internal"),
        ("*/provider-test:*", "cgr.dev/a/provider-?*:?*", "cgr.dev/a/provider-test:a"),
        ("provider-*:????", "provider-*:*", "provider-a:aaaa"),
        ("provider-*-dev*", "provider-?*:?*", "provider-a:a-dev"),
        ("a--b", "*", None),
        ("", "*", None),
        ("a", "b", None),
        ("a*", "*b", "ab"),
        ("docker.io/*", "cgr.dev/*", None),
        ("*" * 151, "a", None),
    ],
)
def test_the_shortest_text_that_both_fit(one: str, other: str, text: str | None) -> None:
    assert common(one, other) == text


def test_every_text_found_fits_and_none_is_missed() -> None:
    patterns = ["".join(letters) for n in range(4) for letters in itertools.product("ab*?", repeat=n)]
    texts = ["".join(letters) for n in range(1, 5) for letters in itertools.product("ab", repeat=n)]
    fits = {pattern: {text for text in texts if wildcard.match(pattern, text)} for pattern in patterns}
    for one, other in itertools.combinations(patterns, 2):
        found, both = common(one, other), fits[one] & fits[other]
        if found is None:
            assert not both
        else:
            assert wildcard.match(one, found)
            assert wildcard.match(other, found)
            assert len(found) <= min(map(len, both), default=len(found))
