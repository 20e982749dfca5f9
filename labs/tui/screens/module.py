"""A module: its text on one side, its steps on the other, what was said below."""

from __future__ import annotations

from typing import ClassVar

from rich.text import Text
from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.screen import Screen
from textual.widgets import Footer, MarkdownViewer, OptionList, RichLog, Static

from grader.course import Module, Step
from grader.errors import LabsError
from grader.outcome import Report, Status
from grader.text import clean, one_line
from labs.tui import details
from labs.tui.session import Session
from labs.tui.widgets.steps import Steps

REFRESH = 5.0  # seconds between the end of one grading and the start of the next


class ModuleScreen(Screen[None]):
    """Text, steps and marks of one module."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("g", "grade", "Grade"),
        Binding("r", "run_step", "Run step"),
        Binding("x", "stop", "Stop"),
        Binding("tab", "app.focus_next", "Switch", show=False),
        Binding("left_square_bracket", "module(-1)", "Module -", key_display="["),
        Binding("right_square_bracket", "module(1)", "Module +", key_display="]"),
        Binding("q", "app.quit", "Quit"),
    ]

    def __init__(self, session: Session, module: Module) -> None:
        super().__init__()
        self.session = session
        self.module = module
        self.report: Report | None = None
        self.running = False
        self.showing_output = False  # what a command printed stays until another step is chosen
        self.told_of = ""
        self.problem = ""

    def compose(self) -> ComposeResult:
        yield Static(id="status", markup=False)
        with Horizontal(id="body"):
            yield MarkdownViewer(self.module.text, show_table_of_contents=False, id="text")
            yield Steps(id="steps")
        yield RichLog(id="output", markup=False, wrap=True, max_lines=5000)
        yield Footer()

    def on_mount(self) -> None:
        self._show_marks()
        self.query_one(Steps).focus()
        if self.session.has_lab():
            self.grade()

    def _show_marks(self) -> None:
        self.query_one(Steps).show(self.module.exercise, self.report)
        score = f"{self.report.score}/{self.report.max_score} points" if self.report else "not graded"
        if self.report and not self.report.conclusive:
            score += " so far"
        line = f" {score}  ·  {one_line(self.session.lab_line())}  ·  {self.module.title}"
        self.query_one("#status", Static).update(line)

    @on(OptionList.OptionHighlighted)
    def _step_chosen(self) -> None:
        step = self.query_one(Steps).current
        if step is None:
            return
        if step.id != self.told_of:
            self.told_of = step.id
            self.query_one(MarkdownViewer).document.goto_anchor(step.anchor)
            self.showing_output = self.running
        if not self.showing_output:
            self._show_details(step)

    def _show_details(self, step: Step) -> None:
        output = self.query_one(RichLog)
        output.clear()
        for line in details.lines(step, self.report):
            output.write(Text(line))
        output.scroll_home(animate=False)

    def action_grade(self) -> None:
        self.grade()

    @work(thread=True, exclusive=True, group="grade")
    def grade(self) -> None:
        """One grading in a thread; the next follows by itself while a lab is there."""
        try:
            report = self.session.grade(self.module.id)
        except LabsError as error:
            self.app.call_from_thread(self._not_graded, error)
            return
        self.app.call_from_thread(self._graded, report)

    def _not_graded(self, error: LabsError) -> None:
        """Says once what kept the grader from looking, and tries again later."""
        if self.problem != str(error):
            self.problem = str(error)
            self._say(error.diagnostics())
        if self.session.has_lab():
            self.set_timer(REFRESH, self.grade)

    def _graded(self, report: Report) -> None:
        if not self.is_mounted:
            return
        changed = report.outcomes != (self.report.outcomes if self.report else None)
        self.report = report
        self.problem = ""
        if changed:
            self._show_marks()
        if any(outcome.status is not Status.PASSED for outcome in report.outcomes):
            self.set_timer(REFRESH, self.grade)

    def action_run_step(self) -> None:
        step = self.query_one(Steps).current
        if step is None or self.running:
            return
        if not step.commands:
            self._say("This step has no command to run: the text tells what to do.")
            return
        self.running = self.showing_output = True
        self.query_one(RichLog).clear()
        self.run_commands(step.commands)

    @work(thread=True, exclusive=True, group="run")
    def run_commands(self, commands: tuple[str, ...]) -> None:
        """Runs a step's commands one after the other until one fails."""
        status = 0
        try:
            for command in commands:
                self.app.call_from_thread(self._tell, f"$ {command}")
                status = self.session.run(command, lambda line: self.app.call_from_thread(self._tell, line))
                if status:
                    break
        except LabsError as error:
            self.app.call_from_thread(self._tell, error.diagnostics())
            status = error.exit_code
        self.app.call_from_thread(self._ran, status)

    def action_stop(self) -> None:
        self.session.stop()

    def _ran(self, status: int) -> None:
        self.running = False
        self._tell("— done" if status == 0 else f"— ended with exit status {status}")
        if self.session.has_lab():
            self.grade()

    def _tell(self, text: str) -> None:
        self.query_one(RichLog).write(Text(clean(text, 4000)))

    def _say(self, text: str) -> None:
        self.notify(clean(text), markup=False, timeout=10)

    def action_module(self, by: int) -> None:
        written = [module for module in self.session.course.modules if module.written]
        index = next(i for i, module in enumerate(written) if module.id == self.module.id) + by
        if 0 <= index < len(written):
            self.app.switch_screen(ModuleScreen(self.session, written[index]))
