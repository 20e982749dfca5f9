"""The parts that an expression, or a pattern of wildcards, is made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

Letters = frozenset[str] | None
"""What a letter may be; None: any. A few of a kind stand for all of that kind (`letters.of`)."""


class Edge(StrEnum):
    """What has to be between two letters. A name has one line, so those of lines are those of the text."""

    START = "start of the text"
    END = "end of the text"
    WORD = "edge of a word"
    INSIDE = "no edge of a word"


@dataclass(frozen=True, slots=True)
class Letter:
    """One of some letters."""

    among: Letters


@dataclass(frozen=True, slots=True)
class All:
    """Parts one behind the other."""

    parts: Sequence[Node]


@dataclass(frozen=True, slots=True)
class Either:
    """One of some branches."""

    branches: Sequence[Node]


@dataclass(frozen=True, slots=True)
class Repeat:
    """A part so many times; `most` None: without end."""

    part: Node
    least: int
    most: int | None


Node = Edge | Letter | All | Either | Repeat
ANY = Letter(None)
RUN = Repeat(ANY, 0, None)


def of_pattern(pattern: str) -> Node:
    """A pattern of wildcards, which fits a whole text: `*` any run of letters, `?` one letter."""
    wild: dict[str, Node] = {"*": RUN, "?": ANY}
    return All([wild.get(one, Letter(frozenset(one))) for one in pattern])


def anywhere(inner: Node) -> Node:
    """What holds `inner` somewhere, as an expression is looked for."""
    return All([RUN, inner, RUN])


def single(node: Node) -> str | None:
    """The only text, but for its case, that an expression fits, where that is plain to see; else None."""
    parts = node.parts if isinstance(node, All) else ()
    if parts[:1] != [Edge.START] or parts[-1:] != [Edge.END]:
        return None
    named = [one.among for one in parts[1:-1] if isinstance(one, Letter) and one.among]
    if len(named) != len(parts) - 2 or any(len({each.casefold() for each in among}) != 1 for among in named):
        return None
    return "".join(min(among) for among in named)
