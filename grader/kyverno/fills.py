"""Texts that a pattern of wildcards, or a regular expression, fits: a few of each, every alternative among them.

They are guesses, to be asked about: what they show is told by whoever compares them as Kyverno does.
"""

from __future__ import annotations

import re
import string
from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from re import _constants as kinds  # type: ignore[attr-defined]  # the tree of an expression has no public module
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

MOST = 24
"""Texts of one pattern or expression."""
_LONGEST = 2000
_RUNS = ("other", "", "other/other")
_FREE = "other"
_CLASSES = {
    kinds.CATEGORY_DIGIT: "17",
    kinds.CATEGORY_NOT_DIGIT: "x",
    kinds.CATEGORY_SPACE: " ",
    kinds.CATEGORY_NOT_SPACE: "x",
    kinds.CATEGORY_WORD: "x7",
    kinds.CATEGORY_NOT_WORD: "-/",
}
_LETTERS = string.ascii_lowercase + string.digits + "-/.@:"


def of_pattern(pattern: str) -> tuple[str, ...]:
    """Texts that a pattern with `*` and `?` fits; one without them is itself the only one."""
    if len(pattern) > _LONGEST:
        return ()
    single = pattern.replace("?", "x")
    return tuple(dict.fromkeys(single.replace("*", run) for run in _RUNS))


def of_expression(expression: str) -> tuple[str, ...]:
    """Texts that hold a regular expression. Empty for one that cannot be read here.

    A dot that stands alone is filled with a dot: who leaves one without its backslash means a dot.
    """
    if len(expression) > _LONGEST:
        return ()
    try:
        tree = parser.parse(expression.replace(r"\z", r"\Z"))
        found = _sequence(tree.data)
    except (re.error, RecursionError, OverflowError, KeyError):
        return ()
    around = (f"{before}{text}{behind}" for text in found[:2] for before, behind in (("other/", ""), ("", "/other")))
    return tuple(dict.fromkeys([*found, *around]))


def _sequence(nodes: Iterable[tuple[Any, Any]]) -> list[str]:
    """The first choice of every part, then each other choice of one part among first ones."""
    parts = [_KNOWN[kind](value) for kind, value in nodes]
    first = [part[0] for part in parts]
    found = ["".join(first)]
    for index, part in enumerate(parts):
        found += ["".join([*first[:index], other, *first[index + 1 :]]) for other in part[1:]]
    return _bounded(found)


def _bounded(found: Iterable[str]) -> list[str]:
    return list(islice((text[:_LONGEST] for text in dict.fromkeys(found)), MOST))


def _class(members: Sequence[tuple[Any, Any]]) -> list[str]:
    letters: list[str] = []
    for kind, value in members:
        if kind is kinds.LITERAL:
            letters.append(chr(value))
        elif kind is kinds.RANGE:
            letters += [chr(value[0]), chr(value[1])]
        elif kind is kinds.CATEGORY:
            letters += _CLASSES[value]
    if members and members[0][0] is kinds.NEGATE:
        return [next((one for one in _LETTERS if one not in letters), "~")]
    return _bounded(letters)


def _branches(value: tuple[None, Sequence[Any]]) -> list[str]:
    """Choices of every branch, so that each has its turn."""
    found = [_sequence(branch) for branch in value[1]]
    return _bounded([*(one[0] for one in found), *(text for one in found for text in one[1:])])


def _repeated(value: tuple[int, int, Sequence[tuple[Any, Any]]]) -> list[str]:
    least, most, inner = value
    if len(inner) == 1 and inner[0][0] is kinds.ANY:
        wide = _FREE[: int(most)] if most < len(_FREE) else _FREE
        return _bounded([wide.ljust(min(least, _LONGEST), "x"), "x" * min(least, _LONGEST)])
    choices = _sequence(inner)
    counts = [count for count in (max(least, min(most, 1)), least, least + 4) if least <= count <= most]
    return _bounded(choice * min(count, _LONGEST) for count in counts for choice in choices)


_KNOWN: dict[Any, Callable[[Any], list[str]]] = {
    kinds.LITERAL: lambda value: [chr(value)],
    kinds.NOT_LITERAL: lambda value: [next(one for one in _LETTERS if ord(one) != value)],
    kinds.ANY: lambda _: ["."],
    kinds.IN: _class,
    kinds.BRANCH: _branches,
    kinds.SUBPATTERN: lambda value: _sequence(value[3]),
    kinds.MAX_REPEAT: _repeated,
    kinds.MIN_REPEAT: _repeated,
    kinds.AT: lambda _: [""],
}
