"""A module: its text on one side, its steps on the other, what commands printed below."""

from __future__ import annotations

import time
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.timer import Timer
from textual.widgets import OptionList
from textual.worker import get_current_worker

from grader.course import Module
from grader.errors import LabsError
from grader.text import one_line
from labs.learning.live_view import View
from labs.tui import details
from labs.tui.screens.checks import ChecksScreen
from labs.tui.screens.module_hands import Hands
from labs.tui.screens.module_moves import Moves
from labs.tui.screens.module_teaching import Teaching
from labs.tui.screens.module_ways import Ways
from labs.tui.session import Marks, Session
from labs.tui.widgets.folded import FoldedText
from labs.tui.widgets.keys import KeyLine
from labs.tui.widgets.lesson import CodeBlock, Lesson
from labs.tui.widgets.output import OutputPanel
from labs.tui.widgets.status import StatusLine
from labs.tui.widgets.steps import Steps

_LOOK = 5.0
"""Seconds between two looks whether a lab has come, while there is none."""


class ModuleScreen(Hands, Teaching, Ways, Moves):
    """Text, steps and live marks of one module."""

    CSS_PATH = "../styles/module.tcss"
    KEYS_OF = ("A module", "On a code block", "On the list of steps")
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "switch", "Steps"),
        Binding("r", "run", "Run step", show=False),
        Binding("h", "hint", "Hint"),
        Binding("t", "shell", "Shell"),
        Binding("t", "decline('open a shell')", show=False),
        Binding("e", "edit", "Edit"),
        Binding("e", "decline('open an editor')", show=False),
        Binding("n", "block(1)", "Code"),
        Binding("p", "block(-1)", "Code before", show=False),
        Binding("g", "grade", "Grade", show=False),
        Binding("d", "app.demonstrations", "Demos"),
        Binding("x", "stop", "Stop"),
        Binding("o", "output", "Output", show=False),
        Binding("shift+up", "scroll_output(-3)", "Output up", show=False),
        Binding("shift+down", "scroll_output(3)", "Output down", show=False),
        Binding("backspace", "back", "Back in the text", show=False),
        Binding("s", "solutions", "Solutions", show=False),
        Binding("R", "reset", "Reset", show=False),
        Binding("J", "jump", "Jump", show=False),
        Binding("l", "links", "Links", show=False),
        Binding("m", "headings", "Headings", show=False),
        Binding("left_square_bracket", "module(-1)", "Module -", show=False),
        Binding("right_square_bracket", "module(1)", "Module +", show=False),
        *(Binding(str(number), f"step({number})", f"Step {number}", show=False) for number in range(10)),
        Binding("b", "app.show_making", "Lab being made", show=False),
        Binding("question_mark", "app.keys", "Keys", key_display="?"),
        Binding("escape,q", "smaller", "Smaller", key_display="Esc"),
        Binding("escape,q", "to_text", "Text", key_display="Esc"),
        Binding("escape,q", "leave", "Home", key_display="Esc"),
    ]

    def __init__(self, session: Session, module: Module, anchor: str = "") -> None:
        super().__init__(session, module)
        self.first_anchor = anchor
        self._marks: Marks | None = None
        self._looking: Timer | None = None
        self._lab_line = ""
        self._was_done: bool | None = None

    def compose(self) -> ComposeResult:
        wide, _ = self.labs.HORIZONTAL_BREAKPOINTS[-1]
        self.set_class(self.app.size.width < wide, "-narrow")  # before the first picture, not after it
        yield StatusLine(id="status")
        with Horizontal(id="body"):
            yield Lesson(self.module.text, id="lesson")
            with Vertical(id="side"):
                yield Steps(id="steps")
                with VerticalScroll(id="details-frame"):
                    yield FoldedText(id="details")
        yield OutputPanel(id="output")
        yield KeyLine()

    def on_mount(self) -> None:
        self.show_marks()
        steps = self.query_one(Steps)
        here = self.learner.step(self.module, None, self.standing)
        steps.highlighted = self.module.exercise.steps.index(here)
        self.query_one(Lesson).focus()
        if self.first_anchor:
            self.query_one(Lesson).go(self.first_anchor)
        elif self.learner.at(self.module).step:
            self.query_one(Lesson).go(here.anchor)
        self.look()

    def on_unmount(self) -> None:
        if self._marks is not None:
            self._marks.stop()

    def making_changed(self) -> None:
        """A lab is being made: says so, and watches it once it is there."""
        self.show_marks()
        if self.labs.making and self.labs.making.outcome != "running":
            self.look()

    @work(thread=True, exclusive=True, group="look")
    def look(self) -> None:
        """In a thread: what lab there is, and marks to watch it by."""
        later = self.app.call_later
        line, there = self.session.lab_line(), self.session.has_lab()
        marks: Marks | None = None
        if there and self._marks is None:
            try:
                marks = self.session.marks(self.module.id, self._told_from_outside)
            except LabsError as error:
                later(self.labs.tell, error)
        if not get_current_worker().is_cancelled:
            later(self._looked, line, there, marks)

    def _looked(self, line: str, there: bool, marks: Marks | None) -> None:
        """Begins live marks if there is a lab to watch; else looks again now and then."""
        if not self.is_attached:
            return
        self._lab_line, self.has_lab, self.looked = line, there, True
        if marks is not None and self._marks is None:
            self._marks = marks
            marks.start()
        if not there and self._looking is None:
            self._looking = self.set_interval(_LOOK, self.look)
        elif there and self._looking is not None:
            self._looking.stop()
            self._looking = None
        self.show_marks()

    def _told_from_outside(self, view: View) -> None:
        """From the thread of the live marks."""
        self.call_later(self.told, view)

    def told(self, view: View) -> None:
        """Takes in live marks."""
        if not self.is_attached:
            return
        self.view = view
        if view.report is not None:
            report = view.report
            self.labs.keep(lambda: self.learner.graded(self.module, report))
        self.show_marks()

    def show_marks(self) -> None:
        """Paints what depends on marks."""
        self.standing = self.learner.standing(self.module, self.view.report if self.view else None)
        self.query_one(Steps).show(self.standing, self.view)
        making = self.labs.making
        lab = making.line if making and making.outcome == "running" else self._lab_line
        self.query_one(StatusLine).show(self.standing, self.view, lab, self.module.title)
        self.show_details()
        self._say_done()

    def _say_done(self) -> None:
        """Says it when the last check has passed, whatever is on the screen; not of what was done before."""
        if self._was_done is False and self.standing.done and not self._away:
            self.say(self._done())
            self.query_one("#details-frame", VerticalScroll).scroll_home(animate=False)
        if self.view and self.view.report and not self._away:
            self._was_done = self.standing.done

    @property
    def _away(self) -> bool:
        """Whether the cluster does not answer, so that marks are those of an earlier look."""
        return self.view is not None and self.view.mode == "away"

    def _done(self) -> str:
        if self._away:
            return "✓ All was done when the cluster was last asked."
        after = "] opens the next module." if self.beside(1) else "It is the last one that is written so far."
        return f"✓ All done. Every check of this module has passed. {after}"

    def show_details(self) -> None:
        """Paints what stands below the steps: what the lab has to say, then the step chosen."""
        step = self.current
        lines = []
        if self.view and self.view.problem:
            lines += [Content.styled(f"! {one_line(self.view.problem, 500)}", "$caution"), Content("")]
        if self.standing.done:
            colour = "$quiet" if self._away else "bold $good"
            lines += [Content.styled(self._done(), colour), Content("")]
        if step is not None:
            lines += details.step(step, self.view, time.time(), self.module.exercise.steps)
        self.query_one("#details", FoldedText).update(Content("\n").join(lines))

    @on(OptionList.OptionHighlighted, "#steps")
    def _step_chosen(self) -> None:
        step = self.current
        if step is None or step.id == self.told_of:
            return
        first, self.told_of = not self.told_of, step.id
        self.query_one("#details-frame", VerticalScroll).scroll_home(animate=False)
        self.show_details()
        self.labs.keep(lambda: self.learner.enter(self.module, step))
        if not first:
            self.query_one(Lesson).go(step.anchor)

    @on(OptionList.OptionSelected, "#steps")
    def _step_opened(self) -> None:
        step = self.current
        if step is None or not step.checks:
            self.say("This step has no checks to open.")
        elif self.view is None or self.view.report is None:
            self.say("Nothing was graded yet: the marks come when there is a lab.")
        else:
            self.app.push_screen(ChecksScreen(self.session, self.module, step, self.view), self._then)

    def _then(self, what: str | None) -> None:
        """Does what was asked for in the opened checks."""
        if what:
            self.call_after_refresh(self.run_action, what)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offers the keys that have a meaning at the moment."""
        if action in ("smaller", "to_text", "leave"):
            covered = "smaller" if self.has_class("-output") else "to_text"
            return action == (covered if self.over_text else "leave")
        if action in ("shell", "edit", "decline"):
            return self.labs.restricted == (action == "decline")
        if action == "stop":
            return bool(self.query(OutputPanel)) and self.query_one(OutputPanel).running
        return True

    def action_grade(self) -> None:
        """Grades now."""
        if self._marks is None:
            self.say("There is no lab to grade. Esc, then n makes one.")
        else:
            self._marks.ask()
            self.say("Grading…")

    @on(CodeBlock.Asked)
    def _block_asked(self, event: CodeBlock.Asked) -> None:
        self.use_block(event.block, event.what)
