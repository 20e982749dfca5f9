"""The verdict of one check, and the report of one grading."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

SCHEMA = "platform-labs/report/v1"
SIMULATED = "The cluster is simulated: models stand in for Kyverno, Argo CD and Crossplane."
"""What is said wherever the state of a simulated cluster is shown."""


class Status(StrEnum):
    """How a check ended."""

    PASSED = "passed"
    FAILED = "failed"
    BLOCKED = "blocked"  # waits for another check, named in `needs`
    ERROR = "error"  # could not tell: the environment's fault, no points either way


class Profile(StrEnum):
    """Which checks are asked: what files show, or everything."""

    REPOSITORY = "repository"
    CLUSTER = "cluster"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a check function returns; `Outcome` adds what the course says about the check.

    expected, seen, why and next are the four parts of a message: what was asked for, what was
    found (`where`: `file:line:column` at the graded commit, or `Kind/name`), why it matters in
    one sentence, and a command that really shows it. `needs` names the checks that a blocked
    one waits for. `notes` never cost points. `predicted`: the oracle answered, not a cluster.
    """

    status: Status
    seen: str = ""
    expected: str = ""
    where: str | None = None
    why: str = ""
    next: str = ""
    needs: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    predicted: bool = False

    def noting(self, *notes: str) -> Verdict:
        """The same verdict with more notes."""
        return replace(self, notes=self.notes + notes)


@dataclass(frozen=True, slots=True)
class Outcome:
    """One check's result. `points` and `max_points` are whole numbers; `task` is 1 to 7."""

    check: str
    task: int
    status: Status
    points: int
    max_points: int
    predicted: bool = False
    expected: str = ""
    seen: str = ""
    where: str | None = None
    why: str = ""
    next: str = ""
    needs: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """All outcomes of one grading, in the exercise's order.

    A report with any `error` is inconclusive: its score is what was proved, not a mark.
    `provenance` names the hashes of course, commit, evidence and the grader's version.
    """

    module: str
    profile: Profile
    outcomes: tuple[Outcome, ...]
    notes: tuple[str, ...] = ()
    provenance: Mapping[str, Any] = field(default_factory=dict)

    @property
    def score(self) -> int:
        return sum(outcome.points for outcome in self.outcomes)

    @property
    def max_score(self) -> int:
        return sum(outcome.max_points for outcome in self.outcomes)

    @property
    def conclusive(self) -> bool:
        return all(outcome.status is not Status.ERROR for outcome in self.outcomes)

    @property
    def exit_code(self) -> int:
        """0 all asked passed, 1 something failed or blocked, 3 could not tell."""
        if not self.conclusive:
            return 3
        return 0 if all(outcome.status is Status.PASSED for outcome in self.outcomes) else 1

    def outcome(self, check: str) -> Outcome:
        """The outcome of the check named `check`; KeyError where it was not asked."""
        for outcome in self.outcomes:
            if outcome.check == check:
                return outcome
        raise KeyError(check)
