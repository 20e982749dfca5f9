"""What commands print, below the text: taken in pieces, so that a flood of lines never holds the keys up."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence

from rich.text import Text
from textual import events
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
_CALM = 0.2
"""Seconds without another change of size before lines are folded anew."""


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

        self._kept: deque[str] = deque(maxlen=KEPT)
        self._width = 0
        self._again: Timer | None = None

    def compose(self) -> ComposeResult:
        yield Static(id="output-head", markup=False)
        yield RichLog(id="output-lines", markup=False, wrap=True, max_lines=KEPT, min_width=20)

    def on_mount(self) -> None:
        self.show_keys(large=False)

    def show_keys(self, large: bool) -> None:
        """Says in the frame what the keys do."""
        told = "Esc smaller, o away, ↑ ↓ PgUp PgDn scroll" if large else "o larger, Shift+↑ Shift+↓ scroll"
        self.border_title = Content(f"Output: {told}")

    @property
    def lines(self) -> RichLog:
        """Where the lines stand."""
        return self.query_one(RichLog)

    def on_resize(self, event: events.Resize) -> None:
        """Folds the lines anew, once the width stays as it is."""
        if self._width and event.size.width != self._width and self._kept:
            if self._again:
                self._again.stop()
            self._again = self.set_timer(_CALM, self._fold)
        self._width = event.size.width

    def _fold(self) -> None:
        self.lines.clear()
        self._write(self._kept)

    def _write(self, lines: Iterable[str]) -> None:
        width = self.lines.scrollable_content_region.width or None
        at_end = self.lines.is_vertical_scroll_end
        self.lines.write(Text("\n".join(lines)), width, scroll_end=False)
        if at_end:  # once the lines have their place: the panel may only just be coming into sight
            self.call_after_refresh(self.lines.scroll_end, animate=False)

    def on_unmount(self) -> None:
        self.stop()

    @property
    def running(self) -> bool:
        """Whether commands are under way."""
        return self._timer is not None

    def begin(self, session: Session, commands: Sequence[str], refused: frozenset[int] = frozenset()) -> None:
        """Runs commands; one at a time. Those of the numbers `refused` are meant to fail."""
        if self.running:
            return
        self.display = True
        self.lines.clear()
        self._kept.clear()
        self._head("$quiet", f"running: {one_line(commands[0], 60)}   x stops it")
        self.run = Run(session, commands, refused)
        self.run.start()
        self._timer = self.set_interval(OFTEN, self._take)
        self.screen.refresh_bindings()

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
            self._kept.extend(lines)
            self._write(lines)
        if run.over:
            self._end(run)

    def add(self, lines: Sequence[str]) -> None:
        """Says more below what commands printed."""
        self._kept.extend(lines)
        self._write(lines)

    def _end(self, run: Run) -> None:
        if self._timer:
            self._timer.stop()
            self._timer = None
        self.screen.refresh_bindings()
        cut = f"; {run.skipped} lines are not shown" if run.skipped else ""
        if run.stopped:
            self._head("$caution", f"stopped{cut}")
        elif run.status:
            of = f" ({run.failed} of {len(run.commands)} commands)" if len(run.commands) > 1 else ""
            self._head("$bad", f"✗ ended with exit status {run.status}{of}{cut}")
        elif run.as_meant:
            self._head("$good", f"✓ done; refused, as it should be: {run.as_meant} of {len(run.commands)}{cut}")
        elif run.within:
            self._head("$caution", f"! done, but something in it failed: exit status {run.within}{cut}")
        else:
            self._head("$good", f"✓ done, exit status 0{cut}")
        self.post_message(self.Ended(run))

    def _head(self, colour: str, words: str) -> None:
        self.query_one("#output-head", Static).update(Content.assemble((words, f"bold {colour}")))
