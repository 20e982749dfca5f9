"""What commands print, below the text: taken in pieces, so that a flood of lines never holds the keys up."""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.timer import Timer
from textual.widgets import RichLog, Static

from grader.text import one_line
from labs.tui.running import Run
from labs.tui.session import Session

PIECE = 200
"""Lines taken at once."""
OFTEN = 1 / 20
"""Seconds between two pieces."""
KEPT = 5000
"""Lines that can be scrolled back to."""


class OutputPanel(Vertical):
    """A heading that says what runs or how it ended, and the lines."""

    class Ended(Message):
        """The commands ended with a status, and all that they printed is shown."""

        def __init__(self, run: Run) -> None:
            super().__init__()
            self.run = run

    def __init__(self, *, id: str) -> None:  # noqa: A002 (Textual's own name)
        super().__init__(id=id)
        self.run: Run | None = None
        self._timer: Timer | None = None

    def compose(self) -> ComposeResult:
        yield Static(id="output-head", markup=False)
        yield RichLog(id="output-lines", markup=False, wrap=True, max_lines=KEPT)

    def on_unmount(self) -> None:
        self.stop()

    @property
    def running(self) -> bool:
        """Whether commands are under way."""
        return self._timer is not None

    def begin(self, session: Session, commands: Sequence[str]) -> None:
        """Runs commands; one at a time."""
        if self.running:
            return
        self.display = True
        self.query_one(RichLog).clear()
        self._head("$quiet", f"running: {one_line(commands[0], 60)}   x stops it")
        self.run = Run(session, commands)
        self.run.start()
        self._timer = self.set_interval(OFTEN, self._take)

    def stop(self) -> None:
        """Ends what runs."""
        if self.run and self.running:
            self.run.stop()

    def _take(self) -> None:
        run = self.run
        if run is None:
            return
        lines = run.take(PIECE)
        if lines:
            style = Text("\n".join(lines))
            self.query_one(RichLog).write(style)
        if run.over:
            self._end(run)

    def _end(self, run: Run) -> None:
        if self._timer:
            self._timer.stop()
            self._timer = None
        cut = f"; {run.skipped} lines are not shown" if run.skipped else ""
        if run.stopped:
            self._head("$caution", f"stopped{cut}")
        elif run.status:
            of = f" ({run.failed} of {len(run.commands)} commands)" if len(run.commands) > 1 else ""
            self._head("$bad", f"✗ ended with exit status {run.status}{of}{cut}")
        else:
            self._head("$good", f"✓ done, exit status 0{cut}")
        self.post_message(self.Ended(run))

    def _head(self, colour: str, words: str) -> None:
        self.query_one("#output-head", Static).update(Content.assemble((words, f"bold {colour}")))
