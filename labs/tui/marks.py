"""How a state is told: by shape and word, so that colour is never needed."""

from __future__ import annotations

from dataclasses import dataclass

from grader.outcome import Outcome, Status
from labs.learning.live_view import View
from labs.learning.standing import StepStanding


@dataclass(frozen=True, slots=True)
class Mark:
    """A shape, a word, and the name of a theme's colour."""

    shape: str
    word: str
    colour: str


PASSED = Mark("✓", "passed", "$good")
FAILED = Mark("✗", "failed", "$bad")
BLOCKED = Mark("…", "blocked", "$quiet")
ERROR = Mark("?", "could not tell", "$caution")
WAITING = Mark("~", "waiting", "$caution")
UNKNOWN = Mark("·", "not asked yet", "$quiet")
READ = Mark("-", "to read", "$quiet")
LOCKED = Mark("#", "locked", "$quiet")
DONE_BEFORE = Mark("✓", "passed before", "$good")

OF_STATUS = {
    Status.PASSED: PASSED,
    Status.FAILED: FAILED,
    Status.BLOCKED: BLOCKED,
    Status.ERROR: ERROR,
}


def of_outcome(outcome: Outcome, view: View | None) -> Mark:
    """The mark of a check: what it waits for goes before what it says at the moment."""
    return WAITING if outcome.check in waited_for(view) else OF_STATUS[outcome.status]


def of_step(standing: StepStanding, view: View | None) -> Mark:
    """The mark of a step."""
    if standing.state == "locked":
        return LOCKED
    if standing.state == "read":
        return READ
    if standing.status is not Status.PASSED and waited_for(view).intersection(standing.step.checks):
        return WAITING
    if standing.status is None:
        return DONE_BEFORE if standing.state == "done" else UNKNOWN
    return OF_STATUS[standing.status]


def waited_for(view: View | None) -> set[str]:
    """The checks that may pass by themselves."""
    return {one.check for one in view.waiting} if view else set()
