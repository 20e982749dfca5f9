"""The list of an exercise's steps with their marks."""

from __future__ import annotations

from rich.text import Text
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from grader.course import Exercise, Step
from grader.outcome import Report
from grader.text import one_line
from labs.tui.marks import mark, points


class Steps(OptionList):
    """One line a step: shape, number, title; below it the state in words and the points."""

    def __init__(self, *, id: str) -> None:  # noqa: A002 (Textual's own name)
        super().__init__(id=id, markup=False)
        self.steps: tuple[Step, ...] = ()

    def show(self, exercise: Exercise, report: Report | None) -> None:
        """Shows the steps anew and keeps the highlighted one."""
        same = self.steps == exercise.steps
        kept = self.highlighted if same else 0
        self.steps = exercise.steps
        self.clear_options()
        self.add_options([Option(_prompt(step, report), id=step.id) for step in exercise.steps])
        self.highlighted = kept if self.steps else None

    @property
    def current(self) -> Step | None:
        """The highlighted step."""
        return self.steps[self.highlighted] if self.highlighted is not None and self.steps else None


def _prompt(step: Step, report: Report | None) -> Text:
    shape, word = mark(step, report)
    scored = points(step, report)
    text = Text(f"{shape} {step.task} {one_line(step.title, 60)}\n")
    return text.append(f"    {word}" + (f"  {scored}" if scored else ""), style="dim")
