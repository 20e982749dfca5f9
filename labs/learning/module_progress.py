"""What a learner has done of one module, and how two accounts of it become one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from grader.course import Step
from grader.outcome import Report, Status

_Number = TypeVar("_Number", int, float)


@dataclass
class ModuleProgress:
    """One module: `step` is where one is, `passed` every check that once passed, `score` of `max_score` the best.

    By step: `hints` (how many tiers were shown) and `seconds` (time spent). `solutions_shown` counts how often the
    solution was asked for. `done`: all checks that were asked once passed together. `simulated`: whether the best score
    was had on a simulated cluster; None where that is not known.
    """

    step: str | None = None
    passed: set[str] = field(default_factory=set)
    score: int = 0
    max_score: int = 0
    hints: dict[str, int] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    solutions_shown: int = 0
    done: bool = False
    simulated: bool | None = None

    def graded(self, report: Report) -> None:
        """Takes in a grading: what passed stays noted. One that could not tell lowers nothing."""
        self.passed |= {one.check for one in report.outcomes if one.status is Status.PASSED}
        if report.score > self.score or (report.score == self.score and self.simulated is not False):
            self.simulated = report.provenance.get("simulated")
        self.score = max(self.score, report.score)
        self.max_score = max(self.max_score, report.max_score)
        self.done = self.done or (bool(report.outcomes) and report.exit_code == 0)

    def spent(self, step: str, seconds: float) -> None:
        """Adds time to a step."""
        self.seconds[step] = self.seconds.get(step, 0.0) + max(seconds, 0.0)

    def undone(self, steps: Iterable[Step]) -> None:
        """Forgets what was done of these steps; the best score stays."""
        for step in steps:
            self.passed -= set(step.checks)
            self.hints.pop(step.id, None)
            self.seconds.pop(step.id, None)
            self.done = False

    def bounded(self, points: int | None) -> None:
        """Lets the score be at most the `points` that can be had; None: nobody knows them."""
        if points is not None:
            self.score, self.max_score = min(self.score, points), min(self.max_score, points)

    def copy(self) -> ModuleProgress:
        """One of its own, that changes by itself."""
        return replace(self, passed=set(self.passed), hints=dict(self.hints), seconds=dict(self.seconds))

    def as_json(self) -> dict[str, Any]:
        """Plain data, in a fixed order."""
        return {**vars(self), "passed": sorted(self.passed)}


def merged(base: ModuleProgress, mine: ModuleProgress, theirs: ModuleProgress) -> ModuleProgress:
    """What `mine` changed since `base`, laid over `theirs`: what either has gained stays, what one took back goes."""
    return ModuleProgress(
        step=mine.step if mine.step != base.step else theirs.step,
        passed=(theirs.passed | (mine.passed - base.passed)) - (base.passed - mine.passed),
        score=_higher(base.score, mine.score, theirs.score),
        max_score=_higher(base.max_score, mine.max_score, theirs.max_score),
        hints=_each(base.hints, mine.hints, theirs.hints, _higher),
        seconds=_each(base.seconds, mine.seconds, theirs.seconds, _added),
        solutions_shown=_higher(base.solutions_shown, mine.solutions_shown, theirs.solutions_shown),
        done=mine.done if mine.done != base.done else theirs.done,
        simulated=mine.simulated if mine.score < base.score else _simulated(mine, theirs),
    )


def _simulated(*both: ModuleProgress) -> bool | None:
    """Where the higher score is from; of equal ones a real cluster's counts."""
    best = max(one.score for one in both)
    told = [one.simulated for one in both if one.score == best and one.simulated is not None]
    return all(told) if told else None


def _higher(base: int, mine: int, theirs: int) -> int:
    """The higher of both, but what was lowered on purpose."""
    return mine if mine < base else max(mine, theirs)


def _added(base: float, mine: float, theirs: float) -> float:
    return mine if mine < base else theirs + mine - base


def _each(
    base: Mapping[str, _Number],
    mine: Mapping[str, _Number],
    theirs: Mapping[str, _Number],
    one: Callable[[_Number, _Number, _Number], _Number],
) -> dict[str, _Number]:
    zero: Any = 0
    gone = (base.keys() - mine.keys()) | {name for name in base.keys() - theirs.keys() if mine.get(name) == base[name]}
    names = sorted((theirs.keys() | mine.keys()) - gone)
    return {name: one(base.get(name, zero), mine.get(name, zero), theirs.get(name, zero)) for name in names}
