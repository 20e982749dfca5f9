"""The letters that a class of an expression means, by asking RE2: some of a kind stand for all of that kind."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from grader.kyverno.expression.engine import compiled

_NEAR = "".join(chr(one) for one in (*range(0x20, 0x7F), *range(0xA0, 0x250))).encode()
_WRITTEN_OUT = re.compile(r"\[((?:\\[!-/:-@\[-`{-~]|[^\\\[\]^-])+)\]")
"""A class that names its letters, without ranges, classes of its own or letters by number."""


@lru_cache(256)
def of(source: str, *, fold: bool = False) -> frozenset[str]:
    r"""What a class fits, written as RE2 reads it: `[a-z]`, `\d`, `\p{Greek}`; `fold`: in any case.

    All letters of English and its neighbours, and the first and the last of the others. No control characters:
    nobody's name holds one.
    """
    if named := _WRITTEN_OUT.fullmatch(source):
        written = re.sub(r"\\(.)", r"\1", named[1])
        return frozenset().union(*(one(each, fold=fold) for each in written))
    flags = "i" if fold else ""
    near = compiled(f"(?{flags}:{source})".encode()).finditer(_NEAR)
    return frozenset(each.group().decode() for each in near) | _ends(compiled(rf"\A(?{flags}:{source})\z".encode()))


def one(letter: str, *, fold: bool = False) -> frozenset[str]:
    """A letter that stands for itself; nothing for a control character."""
    written = {letter, letter.lower(), letter.upper()} if fold else {letter}
    return frozenset(each for each in written if len(each) == 1 and not _control(each))


def _ends(whole: Any) -> frozenset[str]:
    """The first and the last letter of a class."""
    found = (each.decode(errors="replace") for each in whole.possiblematchrange(8))
    return frozenset(each for each in found if len(each) == 1 and not _control(each) and whole.search(each.encode()))


def _control(letter: str) -> bool:
    return letter < " " or "\x7f" <= letter < "\xa0"
