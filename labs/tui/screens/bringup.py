"""A lab being made: its steps as they happen, what was said, and what to do when one fails."""

from __future__ import annotations

import time
from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import Screen
from textual.timer import Timer
from textual.widgets import RichLog, Static

from grader.errors import LabsError
from grader.text import clean, one_line
from labs.doctor.finding import Level
from labs.steps.graph import Phase
from labs.tui.making import Making, Row
from labs.tui.session import Session
from labs.tui.widgets.folded import FoldedText
from labs.tui.widgets.keys import KeyLine

_SHAPES = {
    Phase.STARTED: ("~", "running", "$caution"),
    Phase.DONE: ("✓", "done", "$good"),
    Phase.KEPT: ("✓", "was there", "$good"),
    Phase.FAILED: ("✗", "failed", "$bad"),
}
_LEVELS = {Level.GOOD: ("✓", "$good"), Level.WARN: ("!", "$caution"), Level.BAD: ("✗", "$bad")}


class BringUpScreen(Screen[None]):
    """Shows a making that goes on by itself; leaving the screen does not end it."""

    CSS_PATH = "../styles/bringup.tcss"
    KEYS_OF = ("A lab being made",)
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "go_on", show=False),
        Binding("escape,b", "meanwhile", "Read meanwhile", key_display="Esc"),
        Binding("escape,b", "leave", "Back", key_display="Esc"),
        Binding("r", "retry", "Once more"),
        Binding("d", "doctor", "Doctor"),
        Binding("x", "stop", "Stop"),
        Binding("c", "go_on", "Continue"),
        Binding("question_mark", "app.keys", "Keys", key_display="?"),
    ]

    def __init__(self, session: Session, making: Making) -> None:
        super().__init__()
        self.session = session
        self.making = making
        self._said = 0
        self._timer: Timer | None = None

    def compose(self) -> ComposeResult:
        yield Static(id="bringup-head", classes="title", markup=False)
        with VerticalScroll(id="bringup-frame"):
            yield FoldedText("", _below_title, id="bringup-steps")
            yield Static(id="bringup-end", markup=False)
        yield RichLog(id="bringup-log", markup=False, wrap=True, max_lines=1000)
        yield KeyLine()

    def on_mount(self) -> None:
        self.query_one("#bringup-log").border_title = "What was said"
        self.making_changed()

    def making_changed(self) -> None:
        """Shows the making as it stands; while it runs, the seconds go on."""
        running = self.making.outcome == "running"
        if running and self._timer is None:
            self._timer = self.set_interval(1.0, self._show)
        if not running and self._timer is not None:
            self._timer.stop()
            self._timer = None
        self.refresh_bindings()
        self._show()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offers what has a meaning at the moment."""
        outcome = self.making.outcome
        offered = {
            "retry": outcome in ("failed", "stopped"),
            "stop": outcome == "running",
            "go_on": outcome == "done",
            "meanwhile": outcome == "running",
            "leave": outcome != "running",
        }
        return offered.get(action, True)

    def _show(self) -> None:
        making = self.making
        self.query_one("#bringup-head", Static).update(Content(" " + making.line))
        rows = [_line(row) for row in making.rows.values()] or [Content.styled("Looking at what is there…", "$quiet")]
        self.query_one("#bringup-steps", FoldedText).update(Content("\n").join(rows))
        self.query_one("#bringup-end", Static).update(_ending(making))
        log = self.query_one(RichLog)
        said = making.said
        for line in said[self._said :]:
            log.write(clean(line))
        self._said = len(said)

    def action_retry(self) -> None:
        """The same bring-up once more; what is made already is kept."""
        self.making = self.app.make_lab(self.making.name, self.making.cluster)  # type: ignore[attr-defined]
        self._said = 0
        self.query_one(RichLog).clear()
        self.making_changed()

    def action_stop(self) -> None:
        """Ends the bring-up as Ctrl-C does."""
        self.making.cancel()
        self.notify("Stopping; what is under way ends first.", markup=False)

    def action_meanwhile(self) -> None:
        """Goes and reads; the lab is made all the same."""
        self.dismiss()

    def action_leave(self) -> None:
        """Back to where one came from."""
        self.dismiss()

    def action_go_on(self) -> None:
        """Goes on with the course."""
        self.dismiss()
        self.app.call_later(self.app.action_continue)  # type: ignore[attr-defined]

    def action_doctor(self) -> None:
        """Asks what this machine lacks."""
        self.query_one(RichLog).write("The doctor looks at this machine:")
        self.examine()

    @work(thread=True, exclusive=True, group="doctor")
    def examine(self) -> None:
        """In a thread: every finding as soon as it is known."""
        try:
            for finding in self.session.doctor():
                shape, _ = _LEVELS[finding.level]
                told = f"{shape} {finding.subject}: {finding.message}"
                self.app.call_later(self._found, told, "" if finding.level is Level.GOOD else finding.fix)
        except LabsError as error:
            self.app.call_later(self._found, error.diagnostics(), "")

    def _found(self, told: str, fix: str) -> None:
        log = self.query_one(RichLog)
        log.write(clean(told))
        for line in clean(fix).splitlines():
            log.write(f"    {line}")


def _below_title(line: str) -> int:
    """A step's line goes on below its title, which stands behind shape, word and time."""
    return len(" ✓ ") + 10 + 9 + 2


def _line(row: Row) -> Content:
    shape, word, colour = _SHAPES[row.phase]
    seconds = time.monotonic() - row.begun if row.phase is Phase.STARTED else row.seconds
    spent = "" if row.phase is Phase.KEPT else f"{seconds:6.1f} s"
    head = ((f" {shape} ", f"bold {colour}"), f"{word:10}{spent:>9}  {one_line(row.title, 60)}")
    note = (f"  {one_line(row.note, 160)}", "$quiet") if row.note and row.phase is not Phase.FAILED else ""
    return Content.assemble(*head, note)


def _ending(making: Making) -> Content:
    if making.outcome == "done":
        return Content.assemble(
            (f"\n✓ The lab {making.name} is ready", "bold $good"), f" after {making.seconds:.0f} s.  Enter goes on."
        )
    if making.outcome == "stopped":
        return Content.assemble(("\nStopped.", "bold $caution"), " What is made stays; r goes on from here.")
    if making.error is None:
        return Content("")
    where = f"\n{one_line(making.error.where)}" if making.error.where else ""
    advice = f"\n\n{clean(making.error.advice)}" if making.error.advice else ""
    told = f"\n✗ {clean(making.error.message)}"
    return Content.assemble((told, "bold $bad"), where, advice, "\n\nr tries once more, d asks the doctor.")
