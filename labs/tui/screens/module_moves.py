"""Ways about a module's screen: text, steps, code blocks, and the modules beside it."""

from __future__ import annotations

from textual.containers import VerticalScroll

from grader.course import Module
from labs.tui.screens.module_base import ModuleBase
from labs.tui.widgets.lesson import Lesson
from labs.tui.widgets.steps import Steps


class Moves(ModuleBase):
    """The keys Tab, Esc, PgUp and PgDn on the steps, n, p, the numbers and the brackets."""

    @property
    def over_text(self) -> bool:
        """Whether something else stands in the place of the text."""
        return self.has_class("-output") or (self.has_class("-side") and self.has_class("-narrow"))

    def action_to_text(self) -> None:
        """From the steps, where they stand alone, to the text."""
        self.action_switch()

    def action_smaller(self) -> None:
        """Gives the text and the steps their room back from the output."""
        self.uncover()

    def action_leave(self) -> None:
        """Back to the home screen; progress is kept."""
        self.dismiss()

    def uncover(self) -> None:
        """Gives the text and the steps their room back, for a key that is about them."""
        if self.has_class("-output"):
            self.show_output("small")

    def action_switch(self) -> None:
        """From the text to the steps and back; where there is little room, one of them is shown at a time."""
        self.uncover()
        steps, lesson = self.query_one(Steps), self.query_one(Lesson)
        alone = self.has_class("-narrow")  # the focus follows what is shown, a moment later
        to_steps = not (self.has_class("-side") if alone else self.query_one("#side").has_focus_within)
        self.set_class(to_steps, "-side")
        self.refresh_bindings()
        self.call_after_refresh((steps if to_steps else lesson).focus)
        self.call_after_refresh(steps.scroll_to_highlight)

    def action_step(self, task: int) -> None:
        """Chooses a step by its number."""
        self.uncover()
        for index, step in enumerate(self.module.exercise.steps):
            if step.task == task:
                self.query_one(Steps).highlighted = index
                self.query_one(Lesson).go(step.anchor)

    def action_block(self, by: int) -> None:
        """The next code block, or the one before."""
        lesson = self.query_one(Lesson)
        if self.over_text:  # the text is not laid out before it is shown
            self.uncover()
            self.remove_class("-side")
            self.call_after_refresh(lesson.choose_block, by)
        else:
            lesson.choose_block(by)

    def action_details(self, by: int) -> None:
        """Turns the page of what is told of a step."""
        frame = self.query_one("#details-frame", VerticalScroll)
        frame.scroll_relative(y=by * max(frame.size.height - 1, 1), animate=False)

    def action_module(self, by: int) -> None:
        """The module before, or the one after."""
        if other := self.beside(by):
            self.labs.open_module(other.id)
        else:
            self.say(f"This is the {'last' if by > 0 else 'first'} module that is written.")

    def beside(self, by: int) -> Module | None:
        """The written module so many places further on."""
        written = [module for module in self.learner.course.modules if module.written]
        index = next(i for i, module in enumerate(written) if module.id == self.module.id) + by
        return written[index] if 0 <= index < len(written) else None
