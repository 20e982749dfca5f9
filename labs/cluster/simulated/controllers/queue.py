"""The work of controllers: what changed, each thing once, and again later where it failed."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from typing import Protocol

from labs.cluster.simulated.api.errors import ApiError
from labs.cluster.simulated.api.store import Change

_STEPS = 200  # reconciliations in one go, before requests get their turn
_BACKOFF = (0.2, 1.0, 5.0, 30.0)
_log = logging.getLogger(__name__)


class Scheduler(Protocol):
    """Runs something soon or later: the event loop, or a test's hand."""

    def soon(self, action: Callable[[], None]) -> None:
        """Runs `action` after what is running."""
        ...

    def later(self, seconds: float, action: Callable[[], None]) -> Callable[[], None]:
        """Runs `action` after some seconds; the returned function calls it off."""
        ...


class Controller(Protocol):
    """Makes the world as an object wants it."""

    def concerns(self, change: Change) -> Iterable[str]:
        """The keys of the work that a change makes."""
        ...

    def reconcile(self, key: str) -> float | None:
        """Does the work of a key. Returns the seconds after which to look again, if at all."""
        ...


class Queue:
    """All work that waits, in order, none of it twice."""

    def __init__(self, scheduler: Scheduler) -> None:
        self.scheduler = scheduler
        self.controllers: list[Controller] = []
        self._waiting: dict[tuple[Controller, str], None] = {}
        self._timers: dict[tuple[Controller, str], Callable[[], None]] = {}
        self._failures: dict[tuple[Controller, str], int] = {}
        self._called = False
        self._stopped = False

    def heard(self, change: Change) -> None:
        """Puts what a change concerns at the end of the queue."""
        for controller in self.controllers:
            for key in controller.concerns(change):
                self.add(controller, key)

    def add(self, controller: Controller, key: str) -> None:
        """Puts a key at the end of the queue, where it does not wait already."""
        self._waiting.setdefault((controller, key))
        if not self._called and not self._stopped:
            self._called = True
            self.scheduler.soon(self._run)

    def stop(self) -> None:
        """Does nothing more."""
        self._stopped = True
        for cancel in self._timers.values():
            cancel()

    def _run(self) -> None:
        self._called = False
        for _ in range(_STEPS):
            if not self._waiting or self._stopped:
                return
            work = next(iter(self._waiting))
            del self._waiting[work]
            self._do(*work)
        self._called = True
        self.scheduler.soon(self._run)

    def _do(self, controller: Controller, key: str) -> None:
        work = (controller, key)
        if cancel := self._timers.pop(work, None):
            cancel()
        try:
            again = controller.reconcile(key)
            self._failures.pop(work, None)
        except ApiError as error:
            again = self._failed(work)
            _log.info("%s %s: %s", type(controller).__name__, key, error.message)
        except (KeyError, TypeError, ValueError, AttributeError, OSError):
            again = self._failed(work)
            _log.exception("%s %s", type(controller).__name__, key)
        if again is not None:
            self._timers[work] = self.scheduler.later(again, lambda: self.add(*work))

    def _failed(self, work: tuple[Controller, str]) -> float:
        count = self._failures[work] = self._failures.get(work, 0) + 1
        return _BACKOFF[min(count, len(_BACKOFF)) - 1]
