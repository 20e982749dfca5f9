"""An expression as an automaton: what may come next after what was read."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum

from grader.kyverno.expression.tree import All, Edge, Either, Letter, Letters, Node, Repeat


class Beside(IntEnum):
    """What stands before or behind a place in a text. Where no edge of a word is asked for, letters are all OTHER."""

    NOTHING = 0
    WORD = 1
    OTHER = 2


class TooMuch(Exception):
    """More work than one grading is worth."""


@dataclass(slots=True)
class Budget:
    """Steps that are left; one takes some microseconds. `spend` raises TooMuch."""

    left: int

    def spend(self, steps: int = 1) -> None:
        """Takes steps."""
        self.left -= steps
        if self.left < 0:
            raise TooMuch


@dataclass(frozen=True, slots=True)
class Take:
    """A letter is read, and the automaton stands at `then`."""

    among: Letters
    then: int


@dataclass(frozen=True, slots=True)
class Reached:
    """What a place leads to without reading: letters to take, and whether the text may end."""

    takes: tuple[Take, ...]
    ends: bool


@dataclass(slots=True)
class Machine:
    """A nondeterministic automaton. `words`: edges of words matter to it. Building it raises TooMuch."""

    budget: Budget
    words: bool = False
    start: int = 0
    _steps: list[Take | list[int] | tuple[Edge, int] | None] = field(default_factory=lambda: [None])
    _reached: dict[tuple[int, Beside, Beside], Reached] = field(default_factory=dict)

    @classmethod
    def of(cls, node: Node, budget: Budget) -> Machine:
        """The automaton of an expression that has to fit a whole text."""
        found = cls(budget)
        found.start = found._build(node, 0)
        return found

    def _new(self, step: Take | list[int] | tuple[Edge, int]) -> int:
        self.budget.spend()
        self._steps.append(step)
        return len(self._steps) - 1

    def _build(self, node: Node, then: int) -> int:
        """Where `node` begins, if `then` follows it. The step 0 is the end."""
        match node:
            case Letter(among):
                return self._new(Take(among, then))
            case Edge():
                self.words = self.words or node in (Edge.WORD, Edge.INSIDE)
                return self._new((node, then))
            case All(parts):
                for part in reversed(parts):
                    then = self._build(part, then)
                return then
            case Either(branches):
                return self._new([self._build(branch, then) for branch in branches])
            case Repeat():
                return self._repeat(node, then)

    def _repeat(self, node: Repeat, then: int) -> int:
        if node.most is None:
            again = [then]
            behind = self._new(again)
            again.append(self._build(node.part, behind))
        else:
            behind = then
            for _ in range(node.most - node.least):
                behind = self._new([then, self._build(node.part, behind)])
        for _ in range(node.least):
            behind = self._build(node.part, behind)
        return behind

    def reached(self, step: int, before: Beside, behind: Beside) -> Reached:
        """What `step` leads to between what stands before it and behind it. Raises TooMuch."""
        key = (step, before, behind)
        if key not in self._reached:
            self._reached[key] = self._follow(*key)
        return self._reached[key]

    def _follow(self, first: int, before: Beside, behind: Beside) -> Reached:
        left, seen = [first], {first}
        takes: dict[Take, None] = {}
        while left:
            self.budget.spend()
            step = self._steps[left.pop()]
            further: list[int] = []
            if isinstance(step, Take):
                takes[step] = None
            elif isinstance(step, list):
                further = step
            elif step and _holds(step[0], before, behind):
                further = [step[1]]
            left += [one for one in further if one not in seen]
            seen.update(further)
        return Reached(tuple(takes), 0 in seen)


def _holds(edge: Edge, before: Beside, behind: Beside) -> bool:
    if edge is Edge.START:
        return before is Beside.NOTHING
    if edge is Edge.END:
        return behind is Beside.NOTHING
    return ((before is Beside.WORD) != (behind is Beside.WORD)) == (edge is Edge.WORD)
