"""Where a learner stands in a module: a state for each step, and what comes next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from grader.course import Course, Module, Step
from grader.outcome import Outcome, Report, Status
from labs.learning.module_progress import ModuleProgress
from labs.learning.progress import Progress

Order = Literal["gated", "free"]
State = Literal["done", "current", "open", "locked", "read"]
_WORST = (Status.ERROR, Status.FAILED, Status.BLOCKED, Status.PASSED)


@dataclass(frozen=True, slots=True)
class StepStanding:
    """One step. `done`: its checks passed; `current`: the one to work on; `open`: may be begun; `locked`: the course
    is gated, and an earlier step comes first; `read`: it has no checks.

    `status` is the worst of its checks in the last grading, None where they were not asked.
    """

    step: Step
    state: State
    status: Status | None = None
    points: int = 0
    max_points: int = 0


@dataclass(frozen=True, slots=True)
class Standing:
    """All steps of a module. `next` is where to go on; None where nothing is left. `done`: every check passed."""

    steps: tuple[StepStanding, ...]
    next: StepStanding | None
    done: bool

    def of(self, step: str) -> StepStanding:
        """The standing of the step named; KeyError where there is none."""
        for one in self.steps:
            if one.step.id == step:
                return one
        raise KeyError(step)


def stand(module: Module, progress: ModuleProgress, report: Report | None, order: Order) -> Standing:
    """Where a learner stands. A grading decides; where a check was not asked or could not be told, what once passed.

    Going on passes a step that is only to read, and one that only a later step can prove. In a gated course the first
    step that is not done, and waits for no later one, locks those after it.
    """
    steps = module.exercise.steps
    passed = _passed(progress, report)
    finished = [bool(step.checks) and passed.issuperset(step.checks) for step in steps]
    passing = [not step.checks or _waits_for_later(index, steps, report) for index, step in enumerate(steps)]
    here = next((index for index, step in enumerate(steps) if step.id == progress.step), 0)
    reached = max([here, *(index for index, done in enumerate(finished) if done)])
    to_do = [index for index, done in enumerate(finished) if not done]
    first = next((index for index in to_do if not passing[index] or index >= reached), None)
    gate = next((index for index in to_do if not passing[index]), len(steps)) if order == "gated" else len(steps)
    found = tuple(
        _standing(step, _state(step, index, finished[index], first, gate), report) for index, step in enumerate(steps)
    )
    done = all(ok for step, ok in zip(steps, finished, strict=True) if step.checks)
    left = None if first is None or (done and first <= here) else found[first]
    return Standing(found, left, done)


def next_module(course: Course, progress: Progress) -> Module:
    """The module that one was in last, unless it is done; else the first written one that is not, else the last."""
    written = [module for module in course.modules if module.written]
    here = next((module for module in written if module.id == progress.here), None)
    if here and not progress.module(here.id).done:
        return here
    return next((module for module in written if not progress.module(module.id).done), written[-1])


def _passed(progress: ModuleProgress, report: Report | None) -> set[str]:
    told = {one.check: one.status for one in report.outcomes} if report else {}
    unknown = {check for check in progress.passed if told.get(check, Status.ERROR) is Status.ERROR}
    return unknown | {check for check, status in told.items() if status is Status.PASSED}


def _waits_for_later(index: int, steps: tuple[Step, ...], report: Report | None) -> bool:
    """Whether all that a step lacks is blocked, and what blocks it is in steps after it."""
    told = {one.check: one for one in report.outcomes} if report else {}
    lacks = [told[check] for check in steps[index].checks if check in told and told[check].status is not Status.PASSED]
    later = {check for step in steps[index + 1 :] for check in step.checks}
    return bool(lacks) and all(
        one.status is Status.BLOCKED and (roots := roots_of(one, told)) and roots <= later for one in lacks
    )


def comes_first(module: Module, report: Report, check: str) -> Step | None:
    """The later step that must be done before a blocked check can be told; None where its own or an earlier step is
    what lacks, so that there is something to mend first."""
    steps = module.exercise.steps
    told = {one.check: one for one in report.outcomes}
    own = next((index for index, step in enumerate(steps) if check in step.checks), None)
    if own is None or check not in told or told[check].status is not Status.BLOCKED:
        return None
    roots = roots_of(told[check], told)
    later = {name for step in steps[own + 1 :] for name in step.checks}
    return next((one for one in steps if roots & set(one.checks)), None) if roots and roots <= later else None


def roots_of(blocked: Outcome, told: Mapping[str, Outcome]) -> set[str]:
    """The checks where the work is that a blocked one waits for."""
    found, met, ahead = set(), set(), list(blocked.needs)
    while ahead:
        need = ahead.pop()
        if need in met or need not in told or told[need].status is Status.PASSED:
            continue
        met.add(need)
        if told[need].status is Status.BLOCKED:
            ahead += told[need].needs
        else:
            found.add(need)
    return found


def _state(step: Step, index: int, finished: bool, first: int | None, gate: int) -> State:
    if finished:
        return "done"
    if index > gate:
        return "locked"
    if not step.checks:
        return "read"
    return "current" if index == first else "open"


def _standing(step: Step, state: State, report: Report | None) -> StepStanding:
    asked = [one for one in report.outcomes if one.check in step.checks] if report else []
    return StepStanding(
        step, state, worst(asked), sum(one.points for one in asked), sum(one.max_points for one in asked)
    )


def worst(outcomes: list[Outcome]) -> Status | None:
    """The status that speaks for several: could not tell, failed, blocked, passed. None of none."""
    found = {one.status for one in outcomes}
    return next((status for status in _WORST if status in found), None)
