"""Commands run in a thread, their output gathered in bounded amounts for a screen that takes it in pieces."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Sequence

from grader.errors import LabsError
from grader.text import clean
from labs.tui.lines import begun
from labs.tui.session import Session

LINE = 2000
"""Characters of one line that are shown."""
WAITING = 2000
"""Lines that wait to be shown; older ones give way and are counted."""


class Run:
    """Commands one after the other; a refusal may be what a command is there to show, so one that fails ends nothing.

    `refused` are the numbers, from 1, of commands that are meant to be refused: that these fail is no failure, and is
    counted in `as_meant`. `status` is None while they run, then that of the last other command that failed, or 0;
    `failed` counts those. `within` is the exit status of a line that failed within a command that ended well, or 0.
    `skipped` counts lines that came faster than they were taken, and are not shown.
    """

    def __init__(self, session: Session, commands: Sequence[str], refused: frozenset[int] = frozenset()) -> None:
        self.session = session
        self.refused = refused
        self.commands = tuple(commands)
        self.status: int | None = None
        self.failed = 0
        self.within = 0
        self.as_meant = 0
        self.skipped = 0
        self.stopped = False
        self._lines: deque[str] = deque()
        self._skipped = 0
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._run, name="running commands", daemon=True)

    def start(self) -> None:
        """Begins. At once."""
        self._thread.start()

    def stop(self) -> None:
        """Ends what runs; the commands that have not begun do not."""
        self.stopped = True
        self.session.stop()

    def take(self, most: int) -> list[str]:
        """At most so many lines that were printed since; skipped ones are told as a line."""
        with self._lock:
            found = [f"({self._skipped} lines are not shown)"] if self._skipped else []
            self._skipped = 0
            while self._lines and len(found) < most:
                found.append(self._lines.popleft())
            return found

    @property
    def over(self) -> bool:
        """Whether it has ended and all of its output was taken."""
        return self.status is not None and not self._lines

    def _tell(self, line: str) -> None:
        told = clean(line, LINE)
        with self._lock:
            self._lines.append(told)
            if len(self._lines) > WAITING:
                self._lines.popleft()
                self._skipped += 1
                self.skipped += 1

    def _run(self) -> None:
        status = 0
        for number, command in enumerate(self.commands, 1):
            if self.stopped:
                break
            found = self._one(command)
            if number in self.refused:
                self.as_meant += found != 0
                self._tell(f"(exit status {found}: {_meant(found)})")
            elif found:
                self.failed += 1
                status = found
                self._tell(f"(exit status {found})")
            elif self.session.within:
                self.within = self.session.within
                self._tell(f"(exit status 0, but a line before the last one failed: {self.within})")
        self.status = status

    def _one(self, command: str) -> int:
        for line, begins in begun(command):
            self._tell(("$ " if begins else "  ") + line)
        try:
            return self.session.run(command, self._tell)
        except LabsError as error:
            for line in error.diagnostics().splitlines():
                self._tell(line)
            return error.exit_code
        except Exception as bug:
            self._tell(f"A fault of this program: {type(bug).__name__}: {bug}")
            return 1


def _meant(status: int) -> str:
    return "refused, as it should be" if status else "let in, where a refusal is meant"
