"""Help in tiers: chosen by the check that fails and by the time spent."""

from __future__ import annotations

from dataclasses import dataclass

from grader.course import Hint, Step
from grader.outcome import Report, Status

SOON = 300.0
"""Seconds on a step after which asking leads straight to what the failing check is about."""
LONG = 900.0
"""Seconds on a step after which asking shows every tier."""


@dataclass(frozen=True, slots=True)
class Hints:
    """What may be read: `visible` tiers in order, whether there are `more` of the `total`, and the check they were
    chosen for."""

    visible: tuple[str, ...]
    more: bool
    chosen_for: str | None
    total: int = 0


def hints(step: Step, report: Report | None, shown: int, seconds: float = 0.0) -> Hints:
    """The first `shown` tiers. Time opens none by itself: see `asked`. When the step is done, all may be read."""
    check = failing(step, report)
    found = _ladder(step, check)
    count = len(found) if _done(step, report) else max(shown, 0)
    return Hints(tuple(hint.text for hint in found[:count]), count < len(found), check, len(found))


def asked(step: Step, report: Report | None, shown: int, seconds: float) -> int:
    """How many tiers are open after asking once more.

    One more at a time; after `SOON` seconds at least as far as the failing check's own, after `LONG` all.
    """
    check = failing(step, report)
    found = _ladder(step, check)
    wanted = shown + 1
    if seconds >= SOON and check:
        wanted = max(wanted, *(index + 1 for index, hint in enumerate(found) if hint.check), 0)
    return min(len(found) if seconds >= LONG else wanted, len(found))


def failing(step: Step, report: Report | None) -> str | None:
    """The step's first check that a grading did not see pass."""
    told = {one.check: one.status for one in report.outcomes} if report else {}
    return next((check for check in step.checks if told.get(check, Status.PASSED) is not Status.PASSED), None)


def _ladder(step: Step, check: str | None) -> list[Hint]:
    """A general hint first, then those for the failing check, then the other general ones."""
    general = [hint for hint in step.hints if hint.check is None]
    own = [hint for hint in step.hints if hint.check and hint.check == check]
    return [*general[:1], *own, *general[1:]]


def _done(step: Step, report: Report | None) -> bool:
    asked_for = {one.check: one.status for one in report.outcomes} if report else {}
    return bool(step.checks) and all(asked_for.get(check) is Status.PASSED for check in step.checks)
