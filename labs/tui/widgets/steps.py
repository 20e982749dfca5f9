"""The list of an exercise's steps with their marks."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets.option_list import Option

from grader.course import Step
from grader.text import one_line
from labs.learning.live_view import View
from labs.learning.standing import Standing, StepStanding
from labs.tui import marks
from labs.tui.widgets.marked import MarkedList

_TITLE = 38
"""Characters of a title that are shown."""


class Steps(MarkedList):
    """One line a step: shape, number, title, state in words, points."""

    KEYS_OF = ("On the list of steps",)
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "select", "Checks"),
        Binding("r", "screen.run", "Run"),
        Binding("tab", "screen.switch", "Text"),
        Binding("pagedown,space", "screen.details(1)", "More", key_display="PgDn"),
        Binding("pageup", "screen.details(-1)", "Less", show=False),
    ]

    def __init__(self, *, id: str) -> None:  # noqa: A002 (Textual's own name)
        super().__init__(id=id, markup=False)
        self.steps: tuple[Step, ...] = ()
        self._shown: list[tuple[str, str, int]] = []

    def show(self, standing: Standing, view: View | None) -> None:
        """Shows the steps; only what changed is painted anew, and the highlighted one stays."""
        told = [(marks.of_step(one, view).shape, marks.of_step(one, view).word, one.points) for one in standing.steps]
        width = max((len(one_line(one.step.title, _TITLE)) for one in standing.steps), default=0)
        if not self.steps:
            self.steps = tuple(one.step for one in standing.steps)
            self.add_options([Option(_prompt(one, view, width), id=one.step.id) for one in standing.steps])
        else:
            for index, one in enumerate(standing.steps):
                if told[index] != self._shown[index]:
                    self.replace_option_prompt_at_index(index, _prompt(one, view, width))
        self._shown = told

    def action_cursor_down(self) -> None:
        """The next step; the last one stays."""
        if self.highlighted is None or self.highlighted < self.option_count - 1:
            super().action_cursor_down()

    def action_cursor_up(self) -> None:
        """The step before; the first one stays."""
        if self.highlighted != 0:
            super().action_cursor_up()

    @property
    def current(self) -> Step | None:
        """The highlighted step."""
        return self.steps[self.highlighted] if self.highlighted is not None and self.steps else None


def _prompt(standing: StepStanding, view: View | None, width: int) -> Content:
    mark = marks.of_step(standing, view)
    step = standing.step
    scored = f" {standing.points}/{standing.max_points}" if standing.max_points else ""
    return Content.assemble(
        (f"{mark.shape} ", f"bold {mark.colour}"),
        f"{step.task} {one_line(step.title, _TITLE):{width}}  ",
        (mark.word, mark.colour),
        scored,
    )
