"""Texts that a pattern of wildcards, or a regular expression, fits beside the right one."""

from __future__ import annotations

from grader.kyverno import wildcard
from grader.kyverno.expression import engine, tree
from grader.kyverno.expression.another import another
from grader.kyverno.expression.machine import Budget, Machine, TooMuch
from grader.kyverno.expression.reading import Unreadable, read

_LONGEST = 2000
_RUNS = ("other", "", "other/other")
_STEPS = 30_000
"""What the policies of one grading are worth: some tenths of a second. An exact subject takes some hundreds."""


class Undecided(Exception):
    """Nobody can say here whom an expression lets in beside the right one."""


def of_pattern(pattern: str) -> tuple[str, ...]:
    """Some texts that a pattern with `*` and `?` fits; one without them is itself the only one."""
    if not wildcard.contains(pattern):
        return (pattern,)
    if len(pattern) > _LONGEST:
        return ()
    single = pattern.replace("?", "x")
    return tuple(dict.fromkeys(single.replace("*", run) for run in _RUNS))


class Others:
    """Other texts than the right ones, for all patterns and expressions of one grading."""

    def __init__(self) -> None:
        self._budget = Budget(_STEPS)
        self._found: dict[tuple[str, str, str], str | None] = {}

    def than(self, right: str, pattern: str, expression: str) -> str | None:
        """The shortest text but `right` that fits a pattern and an expression, of which one may be empty.

        None: there is none, and that is proved. Case does not matter, and control characters are nobody's. Raises
        Undecided where that takes too long.
        """
        asked = right, pattern, expression
        if asked not in self._found:
            self._found[asked] = self._search(*asked)
        return self._found[asked]

    def _search(self, right: str, pattern: str, expression: str) -> str | None:
        if engine.fault(expression):
            return None
        try:
            self._budget.spend(len(expression) // 4)
            inner = read(expression)
            if (only := tree.single(inner)) and only.casefold() == right.casefold():
                return None
            parts = [tree.of_pattern(pattern)] if pattern else []
            parts += [tree.anywhere(inner)] if expression else []
            found = another([Machine.of(part, self._budget) for part in parts], right, self._budget)
        except (TooMuch, Unreadable, RecursionError):
            raise Undecided from None
        if found is not None and expression and not engine.found(expression, found):
            raise Undecided
        return found
