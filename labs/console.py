"""What `labs` shows a person; failures and exit codes are told by `grader.console`."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable

from grader.text import clean, one_line
from labs.steps.graph import Event, Phase

_MOST = 4 << 20
"""Characters of one text: as much as a whole state may have (labs.state)."""
_MARKS = {Phase.DONE: "done", Phase.KEPT: "kept", Phase.FAILED: "FAILED"}


def say(text: str = "") -> None:
    """A line for the person."""
    print(clean(text, _MOST), flush=True)


def is_plain() -> bool:
    """Whether nothing may move or be drawn: as `--plain` or LABS_PLAIN says, or as the terminal is."""
    return bool(os.environ.get("LABS_PLAIN")) or os.environ.get("TERM") in (None, "", "dumb")


def has_screen() -> bool:
    """Whether there is a terminal to draw on."""
    return sys.stdin.isatty() and sys.stdout.isatty() and not is_plain()


def can_ask() -> bool:
    """Whether somebody is there to answer."""
    return sys.stdin.isatty() and sys.stdout.isatty()


def asked(question: str) -> str:
    """The line that is typed as an answer; empty at the end of the input."""
    try:
        return input(clean(question)).strip()
    except EOFError:
        say()
        return ""


class Progress:
    """Steps as they go: one line each when it ended; on a terminal, below them, what runs and for how long."""

    def __init__(self, terminal: bool | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        self._terminal = sys.stdout.isatty() and not is_plain() if terminal is None else terminal
        self._clock = clock
        self._running: dict[str, float] = {}
        self._begun = clock()

    def event(self, event: Event) -> None:
        """Takes a step's change."""
        if event.phase is Phase.STARTED:
            self._running[event.title] = self._clock()
            return
        self._running.pop(event.title, None)
        seconds = f"{event.seconds:6.1f} s" if event.phase is not Phase.KEPT else " " * 8
        self.say(f"{_MARKS[event.phase]:6} {seconds}  {event.title}" + (f": {event.note}" if event.note else ""))

    def say(self, text: str) -> None:
        """A line of its own, above what runs."""
        self.wipe()
        say(text)

    def tick(self) -> None:
        """Shows anew what runs."""
        if self._terminal and self._running:
            now = self._clock()
            running = ", ".join(f"{title} {now - begun:.0f} s" for title, begun in self._running.items())
            print("\r\033[2K" + one_line(f"{now - self._begun:4.0f} s  {running}", 79), end="", flush=True)

    def wipe(self) -> None:
        """Takes the line of what runs away."""
        if self._terminal:
            print("\r\033[2K", end="", flush=True)
