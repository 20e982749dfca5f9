"""How a state is told: by shape and word, so that colour is never needed."""

from __future__ import annotations

from grader.course import Step
from grader.outcome import Report, Status

SHAPES = {
    Status.PASSED: ("✓", "passed"),
    Status.FAILED: ("✗", "failed"),
    Status.BLOCKED: ("…", "blocked"),
    Status.ERROR: ("?", "could not tell"),
}
UNKNOWN = ("·", "not asked yet")
NO_CHECKS = ("○", "to read")


def step_status(step: Step, report: Report | None) -> Status | None:
    """The state of a step: the worst of its checks, or None where nothing was asked."""
    if report is None:
        return None
    found = {outcome.status for outcome in report.outcomes if outcome.check in step.checks}
    for status in (Status.ERROR, Status.FAILED, Status.BLOCKED, Status.PASSED):
        if status in found:
            return status
    return None


def mark(step: Step, report: Report | None) -> tuple[str, str]:
    """Shape and word for a step."""
    if not step.checks:
        return NO_CHECKS
    status = step_status(step, report)
    return SHAPES[status] if status else UNKNOWN


def points(step: Step, report: Report | None) -> str:
    """`5/10` for a step's checks, or an empty string."""
    if report is None:
        return ""
    asked = [outcome for outcome in report.outcomes if outcome.check in step.checks]
    return f"{sum(o.points for o in asked)}/{sum(o.max_points for o in asked)}" if asked else ""
