"""The line at the top of a module: how marks are known, score, one shape a step, the lab."""

from __future__ import annotations

from textual.content import Content
from textual.widgets import Static

from grader.text import one_line
from labs.learning.live_view import View
from labs.learning.standing import Standing
from labs.tui import marks

MODES = {"watching": ("●", "live"), "polling": ("◌", "asking again and again"), "away": ("!", "cluster away")}


class StatusLine(Static):
    """One line. What does not fit is cut off at the right, so the marks come first."""

    def __init__(self, *, id: str) -> None:  # noqa: A002 (Textual's own name)
        super().__init__(id=id, markup=False)

    def show(self, standing: Standing, view: View | None, lab: str, title: str) -> None:
        """Says where one stands."""
        strip = " ".join(f"{marks.of_step(one, view).shape}{one.step.task}" for one in standing.steps)
        told = [_mode(view), _score(view), strip, one_line(lab, 60), one_line(title, 80)]
        self.update(Content(" " + "  │  ".join(part for part in told if part)))


def _mode(view: View | None) -> str:
    return " ".join(MODES[view.mode]) if view else "not graded"


def _score(view: View | None) -> str:
    if view is None or view.report is None:
        return ""
    report = view.report
    return f"{report.score}/{report.max_score}" + ("" if report.conclusive else " so far")
