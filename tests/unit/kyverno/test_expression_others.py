"""What else fits an expression: compared with RE2 on all short texts, and bounded whatever is asked."""

from __future__ import annotations

import random
from itertools import product

import pytest

from grader.kyverno.expression import engine, letters
from grader.kyverno.fills import Others, Undecided

RIGHT = "ab"
SHORT = ["".join(one) for size in (1, 2, 3) for one in product("aAb-z", repeat=size)]
LETTERS = (
    "a", "b", "B", "-", r"\x61", r"\x{62}", r"\141", r"\Qb\E", r"\Qab\E", r"\-", "é", "[ab]", "[^a]", "[^ab-]",
    "[[:alpha:]]", "[[:^alpha:]]", "[]a-]", r"[\d\-]", r"\w", r"\W", r"\pL", r"\PL", r"\p{Lu}", r"[^\x00-\x{10FFFF}]",
)  # fmt: skip
EDGES = ("^", "$", r"\A", r"\z", r"\b", r"\B")
SIGNS = ("*", "+", "?", "{2}", "{1,2}", "{0}", "{1,}", "*?", "{0,1}?", "{,2}")
GROUPS = ("(", "(?:", "(?i:", "(?-i:", "(?i)(?-i:", "(?P<a{}>", "(?<b{}>", "(?ms:", "(?U:")


def drawn(chance: random.Random, depth: int = 3) -> str:
    """An expression of RE2's syntax."""
    kind = chance.choice("lllleeagrsf" if depth else "lle")
    if kind == "l":
        return chance.choice(LETTERS)
    if kind == "e":
        return chance.choice(EDGES)
    if kind == "r":
        return f"(?:{drawn(chance, depth - 1)}){chance.choice(SIGNS)}"
    if kind == "g":
        return f"{chance.choice(GROUPS).format(chance.randrange(10**9))}{drawn(chance, depth - 1)})"
    if kind == "f":
        return f"{chance.choice(('(?i)', '(?-i)', '(?i-m)', '(?U)', '(?s)'))}{drawn(chance, depth - 1)}"
    parts = [drawn(chance, depth - 1) for _ in range(3)]
    return "|".join(parts) if kind == "a" else "".join(parts)


@pytest.mark.parametrize("seed", range(4))
def test_what_is_found_fits_and_where_nothing_is_nothing_does(seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(60):
        inner = drawn(chance)
        expression = chance.choice(("^(?:{})$", "^{}$", r"\A(?:ab|{})\z", "^a(?:{})$", "{}")).format(inner)
        if engine.fault(expression):
            continue
        found = Others().than(RIGHT, "", expression)
        others = [one for one in SHORT if one.lower() != RIGHT and engine.found(expression, one)]
        assert found is not None or not others, (expression, others[:3])
        if found is not None:
            assert engine.found(expression, found), expression
            assert found.lower() != RIGHT
            assert len(found) <= min(map(len, others), default=len(found)), (expression, found, others[:3])


@pytest.mark.parametrize(
    ("pattern", "expression", "expected"),
    [
        ("a?", "", {"aa"}),
        ("ab", "", None),
        ("*", "^[a-b]{2}$", {"aa", "ba", "bb"}),
        ("a*", "^(?:ab|b.*)$", None),
        ("", "a.b|^a.$", {"a.b", "a."}),
        ("", "^AB$", None),
        ("", "^Ac$", {"ac", "Ac"}),
        ("", "^[aA][b]$", None),
        ("a*", "^ab$", None),
        ("", r"^a[b\x{1F600}]$", {"a\U0001f600"}),
        ("", r"^ab[\x00-\x1f]?$", None),
        ("", "(", None),
        ("", r"a\C", None),
    ],
)
def test_patterns_and_expressions_hold_together(pattern: str, expression: str, expected: set[str] | None) -> None:
    found = Others().than(RIGHT, pattern, expression)
    assert found is None if expected is None else found in expected


def test_a_class_is_what_re2_says() -> None:
    assert letters.of("[a-c]") == set("abc")
    assert letters.of("[.@]") == set(".@")
    assert letters.of("[k]", fold=True) >= set("kK")
    assert "a" not in letters.of("[^a-c]", fold=True)
    assert letters.of(r"[\x{1F600}-\x{1F602}]") == {"\U0001f600", "\U0001f602"}


@pytest.mark.parametrize(
    "expression",
    [f"^(?:{'|'.join(['ab'] * 20_000)})$", f"^{'(?:ab|' * 900}ab{')' * 900}$"],
    ids=["long", "deep"],
)
def test_what_takes_too_long_is_not_decided(expression: str) -> None:
    assert engine.fault(expression) is None
    with pytest.raises(Undecided):
        Others().than(RIGHT, "", expression)
