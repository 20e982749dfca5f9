"""An expression's text taken apart: RE2's syntax, as https://github.com/google/re2/wiki/Syntax has it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from grader.kyverno.expression import letters
from grader.kyverno.expression.tree import ANY, All, Edge, Either, Letter, Node, Repeat

_TOKEN = re.compile(
    r"""
    \\Q(?P<quoted>.*?)(?:\\E|\Z)
    | (?P<class>\\[dDsSwW] | \\[pP](?:\{[^}]*\}|.) | \[\^?\]?(?>\[:\^?\w+:\]|\\.|[^\]\\])*\])
    | (?P<edge>\\[AzbB]|[\^$])
    | \\(?P<escaped>x\{[0-9A-Fa-f]+\}|x[0-9A-Fa-f]{2}|[0-7]{1,3}|[aftnrv]|\W|_)
    | \(\?(?P<flags>[imsU]*(?:-[imsU]+)?)(?P<then>[:)])
    | (?P<open>\((?:\?P?<[^>]*>)?)
    | (?P<close>\))
    | (?P<or>\|)
    | (?P<sign>[*+?])\??
    | \{(?P<least>[0-9]+)(?:(?P<open_end>,)(?P<most>[0-9]*))?\}\??
    | (?P<dot>\.)
    | (?P<letter>[^\\])
    """,
    re.VERBOSE | re.DOTALL,
)
_EDGES = {"^": Edge.START, r"\A": Edge.START, "$": Edge.END, r"\z": Edge.END, r"\b": Edge.WORD, r"\B": Edge.INSIDE}
_SIGNS = {"*": (0, None), "+": (1, None), "?": (0, 1)}
_NAMED = {"a": "\a", "f": "\f", "t": "\t", "n": "\n", "r": "\r", "v": "\v"}
_DOT = Letter(frozenset("."))


class Unreadable(ValueError):
    """An expression that is not understood here, though RE2 may."""


@dataclass(slots=True)
class _Group:
    """A group being read: its branches so far, and whether its letters are of any case."""

    fold: bool
    branches: list[list[Node]] = field(default_factory=lambda: [[]])

    def node(self) -> Node:
        found = [branch[0] if len(branch) == 1 else All(branch) for branch in self.branches]
        return found[0] if len(found) == 1 else Either(found)


def read(expression: str) -> Node:
    """The parts of an expression that Go can read. Raises Unreadable.

    A dot that stands alone is taken for a dot: who leaves one without its backslash means a dot.
    """
    reader = _Reader()
    at = 0
    while at < len(expression):
        token = _TOKEN.match(expression, at)
        if token is None:
            raise Unreadable(expression[at : at + 20])
        reader.take(token)
        at = token.end()
    return reader.whole()


class _Reader:
    def __init__(self) -> None:
        self.groups = [_Group(fold=False)]

    def whole(self) -> Node:
        if len(self.groups) != 1:
            raise Unreadable("a bracket too many or too few")
        return self.groups[0].node()

    def take(self, token: re.Match[str]) -> None:
        """What one token adds."""
        if token["sign"] or token["least"]:
            self._repeat(*_counts(token))
        elif token["flags"] is not None:
            self._flags(token["flags"], lasting=token["then"] == ")")
        elif token["open"]:
            self._open()
        elif token["close"]:
            self._close()
        elif token["or"]:
            self.groups[-1].branches.append([])
        else:
            self._parts.extend(self._plain(token))

    @property
    def _parts(self) -> list[Node]:
        return self.groups[-1].branches[-1]

    def _plain(self, token: re.Match[str]) -> list[Node]:
        fold = self.groups[-1].fold
        if token["edge"]:
            return [_EDGES[token["edge"]]]
        if token["class"]:
            return [Letter(letters.of(token["class"], fold=fold))]
        if token["dot"]:
            return [_DOT]
        text = token["letter"] or (_escaped(token["escaped"]) if token["escaped"] else token["quoted"])
        return [Letter(letters.one(one, fold=fold)) for one in text]

    def _repeat(self, least: int, most: int | None) -> None:
        if not self._parts:
            raise Unreadable("nothing to repeat")
        part = self._parts.pop()
        self._parts.append(Repeat(ANY if part is _DOT else part, least, most))

    def _open(self) -> None:
        self.groups.append(_Group(self.groups[-1].fold))

    def _close(self) -> None:
        done = self.groups.pop()
        if not self.groups:
            raise Unreadable("a bracket too many")
        self._parts.append(done.node())

    def _flags(self, flags: str, *, lasting: bool) -> None:
        """Of the flags only that of letters' case matters: those of lines and greed let nobody else in."""
        if not lasting:
            self._open()
        on, _, off = flags.partition("-")
        self.groups[-1].fold = ("i" in on or self.groups[-1].fold) and "i" not in off


def _counts(token: re.Match[str]) -> tuple[int, int | None]:
    if token["sign"]:
        return _SIGNS[token["sign"]]
    least = int(token["least"])
    if not token["open_end"]:
        return least, least
    return least, int(token["most"]) if token["most"] else None


def _escaped(written: str) -> str:
    if written[0] == "x":
        return chr(int(written.strip("x{}"), 16))
    return chr(int(written, 8)) if written[0].isdigit() else _NAMED.get(written, written)
