"""Steps that need each other, run side by side where they do not.

A step is done anew if it was never done, if a step that it needs was done anew, or if what it made
is no longer there. So a stopped bring-up goes on where it was, and a finished one is only looked at.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, Protocol, TypeVar

from labs.errors import Interrupted, LabsError

_TICK = 0.2
_PATIENCE = 10.0

C = TypeVar("C")


def _yes(_: object) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Step(Generic[C]):
    """One action. `run` does it again and again with the same result, and returns a few words on it.

    `holds` looks cheaply whether what an earlier run made is still there; a LabsError counts as no.
    """

    name: str
    title: str
    run: Callable[[C], str]
    needs: tuple[str, ...] = ()
    holds: Callable[[C], bool] = _yes


class Phase(StrEnum):
    """What happened to a step."""

    STARTED = "started"
    DONE = "done"
    KEPT = "kept"  # done earlier, and still so
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Event:
    """A step's change. `seconds` and `note` when it ended; `error` when it failed."""

    step: str
    title: str
    phase: Phase
    seconds: float = 0.0
    note: str = ""
    error: LabsError | None = None


class Journal(Protocol):
    """Where it is written down that a step ended well."""

    def step_done(self, name: str, seconds: float, note: str) -> None: ...
    def step_undone(self, name: str) -> None: ...
    def step(self, name: str) -> dict[str, object] | None: ...


class Graph(Generic[C]):
    """Runs steps in the order of their needs, each in a thread; `listener` and `tick` are called in the caller's."""

    def __init__(
        self,
        steps: Sequence[Step[C]],
        context: C,
        journal: Journal,
        listener: Callable[[Event], None],
        stop: Callable[[], None],
        tick: Callable[[], None] = lambda: None,
    ) -> None:
        _check(steps)
        self.steps = list(steps)
        self.context = context
        self.journal = journal
        self.listener = listener
        self.stop = stop
        self.tick = tick
        self._events: queue.Queue[Event] = queue.Queue()
        self._threads: list[threading.Thread] = []
        self._ended: set[str] = set()
        self._anew: set[str] = set()
        self._started: set[str] = set()
        self._failures: list[LabsError] = []

    def run(self) -> None:
        """Runs all steps. Raises the first step's failure, after the others under way have ended.

        KeyboardInterrupt stops all of them and is raised as Interrupted.
        """
        try:
            self._loop()
        except KeyboardInterrupt:
            self._abandon()
            raise Interrupted() from None
        except BaseException:
            self._abandon()
            raise
        if self._failures:
            raise self._failures[0]

    def _loop(self) -> None:
        while True:
            if not self._failures:
                self._start_ready()
            if len(self._ended) == len(self.steps) or not self._running():
                return
            try:
                self._take(self._events.get(timeout=_TICK))
            except queue.Empty:
                self.tick()

    def _running(self) -> bool:
        return bool(self._started - self._ended)

    def _start_ready(self) -> None:
        for step in self.steps:
            if step.name not in self._started and self._ended.issuperset(step.needs):
                self._started.add(step.name)
                anew = bool(self._anew.intersection(step.needs))
                thread = threading.Thread(target=self._work, args=(step, anew), name=step.name, daemon=True)
                self._threads.append(thread)
                thread.start()

    def _take(self, event: Event) -> None:
        if event.phase is not Phase.STARTED:
            self._ended.add(event.step)
        if event.phase is Phase.DONE:
            self._anew.add(event.step)
        if event.phase is Phase.FAILED and event.error is not None:
            self._failures.append(event.error)
        self.listener(event)

    def _work(self, step: Step[C], anew: bool) -> None:
        """In a thread: one step, from the look at what is there to the entry in the journal."""
        begun = time.monotonic()
        try:
            done = None if anew else self.journal.step(step.name)
            if done is not None and self._holds(step):
                self._tell(step, Phase.KEPT, 0.0, str(done.get("note", "")))
                return
            self._tell(step, Phase.STARTED)
            self.journal.step_undone(step.name)
            note = step.run(self.context)
            seconds = time.monotonic() - begun
            self.journal.step_done(step.name, seconds, note)
            self._tell(step, Phase.DONE, seconds, note)
        except LabsError as error:
            self._tell(step, Phase.FAILED, time.monotonic() - begun, error=error)
        except Exception as bug:
            fault = LabsError(f"a fault of this program: {type(bug).__name__}: {bug}", where=f"step {step.name}")
            fault.__cause__ = bug
            self._tell(step, Phase.FAILED, time.monotonic() - begun, error=fault)

    def _holds(self, step: Step[C]) -> bool:
        """What cannot be looked at is done anew, and then tells why."""
        try:
            return step.holds(self.context)
        except Interrupted:
            raise
        except LabsError:
            return False

    def _tell(
        self, step: Step[C], phase: Phase, seconds: float = 0.0, note: str = "", error: LabsError | None = None
    ) -> None:
        self._events.put(Event(step.name, step.title, phase, seconds, note, error))

    def _abandon(self) -> None:
        self.stop()
        until = time.monotonic() + _PATIENCE
        for thread in self._threads:
            thread.join(max(0.0, until - time.monotonic()))


def _check(steps: Sequence[Step[C]]) -> None:
    """Every need names an earlier step, so the order cannot go round."""
    seen: set[str] = set()
    for step in steps:
        unknown = set(step.needs) - seen
        if unknown or step.name in seen:
            raise ValueError(f"step {step.name}: {unknown or 'given twice'}")
        seen.add(step.name)
