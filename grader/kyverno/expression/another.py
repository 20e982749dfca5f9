"""Whether anything but the right text fits: the shortest that does, or the proof that nothing does."""

from __future__ import annotations

import string
from collections import deque
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import product
from typing import NamedTuple

from grader.kyverno.expression.machine import Beside, Budget, Machine
from grader.kyverno.expression.tree import Letters

_LIKED = string.ascii_lowercase + string.digits + "-/.:@"
_WORD = frozenset(string.ascii_letters + string.digits + "_")
_ASTRAY = -1


class _Place(NamedTuple):
    """Where the automata stand after some text, what its last letter is, and how much of the right text it is.

    `right` is `_ASTRAY` where the text is no beginning of the right one.
    """

    steps: tuple[int, ...]
    before: Beside
    right: int


Came = dict[_Place, tuple[_Place, str] | None]


def another(machines: Sequence[Machine], right: str, budget: Budget) -> str | None:
    """The shortest text that all automata take, other than `right` in whatever case and not empty; None: there is none.

    Every place that a text can lead to is looked at once. Raises TooMuch.
    """
    search = _Search(machines, right, budget)
    first = _Place(tuple(one.start for one in machines), Beside.NOTHING, 0)
    came: Came = {first: None}
    left = deque([first])
    while left:
        place = left.popleft()
        if place.right not in (0, len(right)) and search.ends(place):
            return _text(came, place)
        for letter, following in search.onward(place):
            if following not in came:
                came[following] = (place, letter)
                left.append(following)
    return None


def _text(came: Came, place: _Place) -> str:
    found = []
    while step := came[place]:
        place, letter = step
        found.append(letter)
    return "".join(reversed(found))


class _Search:
    def __init__(self, machines: Sequence[Machine], right: str, budget: Budget) -> None:
        self.machines = machines
        self.right = [one.casefold() for one in right]
        self.budget = budget
        self.words = any(one.words for one in machines)

    def ends(self, place: _Place) -> bool:
        """Whether the text may end here."""
        standing = zip(self.machines, place.steps, strict=True)
        return all(machine.reached(step, place.before, Beside.NOTHING).ends for machine, step in standing)

    def onward(self, place: _Place) -> Iterator[tuple[str, _Place]]:
        """Letters that may come next, one for each way that they lead to."""
        wanted = self.right[place.right] if 0 <= place.right < len(self.right) else ""
        for behind in (Beside.WORD, Beside.OTHER) if self.words else (Beside.OTHER,):
            standing = zip(self.machines, place.steps, strict=True)
            takes = [machine.reached(step, place.before, behind).takes for machine, step in standing]
            for taken in product(*takes):
                self.budget.spend()
                steps = tuple(one.then for one in taken)
                for letter in _chosen(_common([one.among for one in taken]), wanted, behind if self.words else None):
                    right = place.right + 1 if letter.casefold() == wanted else _ASTRAY
                    yield letter, _Place(steps, behind, right)


def _common(sets: Sequence[Letters]) -> Letters:
    named = [one for one in sets if one is not None]
    return frozenset.intersection(*named) if named else None


@lru_cache(1024)
def _chosen(among: Letters, wanted: str, kind: Beside | None) -> tuple[str, ...]:
    """The letter of the right text, and another one, as far as they are among those that fit and of that kind."""
    fitting = frozenset((wanted or "x", *_LIKED)) if among is None else among
    if kind is not None:
        fitting = fitting & _WORD if kind is Beside.WORD else fitting - _WORD
    same = [one for one in fitting if one.casefold() == wanted]
    others = [one for one in fitting if one.casefold() != wanted]
    return tuple(min(one, key=_oddness) for one in (same, others) if one)


def _oddness(letter: str) -> tuple[int, str]:
    return _LIKED.find(letter) % 100, letter
