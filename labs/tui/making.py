"""A lab being made in the background: what each step does, what was said, how it ended. No screen is here."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from grader.errors import LabsError
from grader.text import one_line
from labs.errors import Interrupted
from labs.steps.graph import Event, Phase
from labs.tui.session import Session

Outcome = Literal["running", "done", "failed", "stopped"]
_SAID = 500


@dataclass(slots=True)
class Row:
    """One step: how it stands, when it began (monotonic seconds), how long it took, and a few words."""

    title: str
    phase: Phase
    begun: float
    seconds: float = 0.0
    note: str = ""


class Making:
    """Runs a bring-up in a thread. `changed` is called from that thread after every change."""

    def __init__(self, session: Session, name: str, cluster: str | None, changed: Callable[[], None]) -> None:
        self.session = session
        self.name = name
        self.cluster = cluster
        self.changed = changed
        self.rows: dict[str, Row] = {}
        self.said: list[str] = []
        self.error: LabsError | None = None
        self.outcome: Outcome = "running"
        self.begun = time.monotonic()
        self.ended = 0.0
        self._wanted = True
        self._thread = threading.Thread(target=self._run, name="making a lab", daemon=True)

    def start(self) -> None:
        """Begins. At once."""
        self._thread.start()

    def cancel(self) -> None:
        """Asks it to stop; what is under way ends first. The same bring-up goes on later."""
        self._wanted = False

    def wait(self, seconds: float) -> None:
        """Waits for its end."""
        self._thread.join(seconds)

    @property
    def seconds(self) -> float:
        """How long it has taken so far, or in all."""
        return (self.ended or time.monotonic()) - self.begun

    @property
    def line(self) -> str:
        """One line on how far it is."""
        if self.outcome != "running":
            words = {"done": "is ready", "failed": "could not be made", "stopped": "was stopped half made"}
            return f"lab {self.name} {words[self.outcome]}"
        under_way = ", ".join(row.title for row in self.rows.values() if row.phase is Phase.STARTED)
        return one_line(f"making lab {self.name}: {under_way or 'beginning'} ({self.seconds:.0f} s)")

    def _run(self) -> None:
        outcome: Outcome = "done"
        try:
            self.session.make_lab(self.name, self.cluster, self._event, self._say, self._tick)
        except Interrupted:
            outcome = "stopped"
        except LabsError as error:
            outcome, self.error = "failed", error
        except Exception as bug:
            outcome, self.error = "failed", LabsError(f"a fault of this program: {type(bug).__name__}")
        self.ended = time.monotonic()
        self.outcome = outcome
        self.changed()

    def _event(self, event: Event) -> None:
        row = self.rows.setdefault(event.step, Row(event.title, event.phase, time.monotonic()))
        row.phase, row.seconds, row.note = event.phase, event.seconds, event.note
        if event.error is not None:
            row.note = event.error.message
        self.changed()

    def _say(self, text: str) -> None:
        self.said = [*self.said, text][-_SAID:]
        self.changed()

    def _tick(self) -> None:
        if not self._wanted:
            raise KeyboardInterrupt
