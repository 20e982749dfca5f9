"""Which file of the clone is to be opened, and at which line."""

from __future__ import annotations

import re
from collections.abc import Collection
from pathlib import Path

from grader.course import Module, Step
from grader.outcome import Report, Status

_PLACE = re.compile(r"(?P<path>[^:\s]+):(?P<line>\d+):\d+")


def failing(report: Report | None, checks: Collection[str] | None = None) -> tuple[str, int] | None:
    """The file and line that the first check points at, of those named or of all, that did not pass."""
    for outcome in report.outcomes if report else ():
        place = _PLACE.match(outcome.where or "")
        if place and outcome.status is not Status.PASSED and (checks is None or outcome.check in checks):
            return place["path"], int(place["line"])
    return None


def pointed(module: Module, step: Step, report: Report | None, clone: Path | None) -> tuple[str, int | None]:
    """The file that a step is about, and a line: what a check points at, else what the course expects by then.

    An empty name: neither tells one.
    """
    return failing(report, step.checks) or (_expected(module, step, clone), None)


def _expected(module: Module, step: Step, clone: Path | None) -> str:
    steps = module.exercise.steps
    before = steps[: steps.index(step) + 1]
    expected = next((next(iter(one.after.files)) for one in reversed(before) if one.after.files), "")
    expected = expected or next(iter(dict(module.exercise.parameters.get("starter", {}))), "")
    if clone and expected and not (clone / expected).exists():
        placed = clone / str(module.exercise.parameters.get("folder", "")) / Path(expected).name
        if placed.is_file():
            return str(placed.relative_to(clone))
    return expected
