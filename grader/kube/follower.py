"""One collection kept current: listed once, then followed by a watch."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol

from grader.errors import EnvironmentFault
from grader.kube.errors import Refusal, TooMuch, Unreachable
from grader.kube.events import Event, Stream
from grader.kube.transport import MAX_BYTES
from grader.text import one_line

POLL = 2.0
"""Seconds between two lists where watching is not possible."""

MAX_OBJECTS = 20_000

_WATCH_AGAIN = 30
"""After so many polls watching is tried once more."""

_FIRST_REST, _LONGEST_REST = 0.2, 5.0
_LONG_REST = 60.0
_HOPES = 9
_SHORT, _TOO_SHORT = 1.0, 3


class Way(StrEnum):
    """How a collection is known at present."""

    NEW = "not yet read"
    WATCHED = "watched"
    POLLED = "polled"
    UNSERVED = "not served"
    BROKEN = "not readable"


@dataclass(frozen=True, slots=True)
class Followed:
    """The collection as last heard.

    `error` says why it is polled or not readable. `lost`: no answer at all. `known`: it was read
    once, and `objects` are those last seen.
    """

    way: Way = Way.NEW
    objects: tuple[Any, ...] = ()
    error: str | None = None
    lost: bool = False
    known: bool = False


class Source(Protocol):
    """The part of `Kube` that is used."""

    def listed(self, path: str, *, fields: str = "", metadata_only: bool = False) -> tuple[tuple[Any, ...], str]: ...

    def watch(
        self, path: str, version: str, *, fields: str = "", metadata_only: bool = False
    ) -> AbstractContextManager[Stream]: ...


@dataclass(frozen=True, slots=True)
class Collection:
    """What to follow: the paths by which it may be served, the first one counts. `shape` makes what is kept."""

    paths: tuple[str, ...]
    fields: str = ""
    metadata_only: bool = False
    shape: Callable[[Any, str], Any] = field(default=lambda found, path: found)


class Follower:
    """Follows a collection step by step; `changed` is told, from the same thread, of every change.

    `unserved_rest` tells how long to leave a collection alone that is not served, in seconds; None
    for until `wake`.
    """

    def __init__(
        self,
        kube: Source,
        collection: Collection,
        changed: Callable[[], None],
        unserved_rest: Callable[[], float | None] = lambda: None,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self.collection = collection
        self._kube = kube
        self._changed = changed
        self._unserved_rest = unserved_rest
        self._now = now
        self._path = collection.paths[0]
        self._version = ""
        self._told: tuple[Way, str | None, bool] = (Way.NEW, None, False)
        self._known = False
        self._stream: Stream | None = None
        self._objects: dict[str, Any] = {}
        self._sizes: dict[str, int] = {}
        self._failures = self._short = self._polls = self._hopes = 0
        self._woken = threading.Event()
        self._stopped = False

    @property
    def state(self) -> Followed:
        """What is known at this moment; to be asked from any thread."""
        way, error, lost = self._told
        return Followed(way, tuple(self._objects.values()), error, lost, self._known)

    @property
    def way(self) -> Way:
        """How the collection is known at this moment."""
        return self._told[0]

    @property
    def lost(self) -> bool:
        """Whether the server gave no answer, or does not accept the credentials any more."""
        return self._told[2]

    def run(self) -> None:
        """Steps until `stop`; to be called in a thread of its own."""
        while not self._stopped:
            rest = self.step()
            if rest is None or rest > 0:
                self._woken.wait(rest)
            self._woken.clear()

    def wake(self) -> None:
        """Has the server asked again what it serves, and a while longer than once: a kind may be on its way."""
        self._hopes = _HOPES
        self._woken.set()
        if stream := self._stream:
            stream.cut()

    def stop(self) -> None:
        """Ends `run` at its next step; what waits for the server is ended by `Kube.interrupt`."""
        self._stopped = True
        self._woken.set()

    def step(self) -> float | None:
        """Lists where that is due, and follows until the watch ends. Returns the seconds to rest."""
        try:
            if not self._version or self.way is Way.POLLED:
                self._list()
            if self.way is Way.UNSERVED:
                return self._unserved()
            if self.way is Way.POLLED and self._polls % _WATCH_AGAIN:
                self._polls += 1
                return POLL
            return self._follow()
        except EnvironmentFault as fault:
            return self._broken(fault)

    def _list(self) -> None:
        for path in self.collection.paths:
            try:
                found, version = self._kube.listed(
                    path, fields=self.collection.fields, metadata_only=self.collection.metadata_only
                )
            except Refusal as refusal:
                if refusal.status == 404:
                    continue
                raise
            self._path, self._version = path, version
            self._objects = {_key(one): self.collection.shape(one, path) for one in found}
            self._sizes, self._known = {}, True
            self._tell(self.way if self.way is Way.POLLED else Way.WATCHED, self._told[1])
            return
        self._forget(known=True)
        self._tell(Way.UNSERVED)

    def _unserved(self) -> float | None:
        if self._hopes:
            self._hopes -= 1
            return _FIRST_REST * 2.0 ** min(_HOPES - 1 - self._hopes, 5)
        return self._unserved_rest()

    def _follow(self) -> float:
        """Watches until the server ends it."""
        began = self._now()
        options: Mapping[str, Any] = {
            "fields": self.collection.fields, "metadata_only": self.collection.metadata_only
        }  # fmt: skip
        try:
            with self._kube.watch(self._path, self._version, **options) as self._stream:
                if self.way is not Way.WATCHED:
                    self._tell(Way.WATCHED)
                for event in self._stream:
                    self._failures = self._polls = 0
                    self._take(event)
        except Refusal as refusal:
            return self._refused(refusal)
        finally:
            self._stream = None
            lasted = self._now() - began >= _SHORT
            self._failures = 0 if lasted else self._failures
        self._short = 0 if lasted else self._short + 1
        return self._poll("its watches end at once") if self._short >= _TOO_SHORT else 0.0

    def _refused(self, refusal: Refusal) -> float:
        """A watch that was not accepted or has ended by an error: the list counts again."""
        self._version = ""
        if refusal.status in (403, 405):
            return self._poll(one_line(str(refusal), 300))
        self._failures += 1
        return 0.0 if refusal.status in (404, 410) and self._failures == 1 else self._rest()

    def _poll(self, why: str) -> float:
        self._short = 0
        self._polls += 1
        self._tell(Way.POLLED, why)
        return POLL

    def _take(self, event: Event) -> None:
        if event.type in ("ADDED", "MODIFIED", "DELETED") and isinstance(event.object, dict):
            key = _key(event.object)
            if event.type == "DELETED":
                self._objects.pop(key, None)
                self._sizes.pop(key, None)
            else:
                self._objects[key] = self.collection.shape(event.object, self._path)
                self._sizes[key] = event.size
            self._tell(Way.WATCHED)
        if len(self._objects) > MAX_OBJECTS or sum(self._sizes.values()) > MAX_BYTES:
            self._forget(known=False)
            raise TooMuch("there are more objects than can be followed", where=self._path)
        self._version = event.version or self._version

    def _forget(self, *, known: bool) -> None:
        self._version, self._objects, self._sizes, self._known = "", {}, {}, known

    def _broken(self, fault: EnvironmentFault) -> float:
        """No list, or a watch that was cut: what is known stays, and is followed from there on."""
        self._failures += 1
        status = fault.status if isinstance(fault, Refusal) else 0
        lost = status == 401 or (isinstance(fault, Unreachable) and not isinstance(fault, TooMuch))
        if not self._version or not lost or self._failures > 1:
            self._tell(Way.BROKEN, one_line(str(fault), 400), lost=lost)
        return _LONG_REST if status == 403 or isinstance(fault, TooMuch) else self._rest()

    def _rest(self) -> float:
        longest = min(_LONGEST_REST, _FIRST_REST * 2.0 ** min(self._failures, 10))
        return longest * random.uniform(0.5, 1)  # noqa: S311 (spreads reconnections)

    def _tell(self, way: Way, error: str | None = None, *, lost: bool = False) -> None:
        if not self._stopped:
            self._told = way, error, lost
            self._changed()


def _key(found: Any) -> str:
    metadata = found.get("metadata") if isinstance(found, dict) else None
    told: dict[str, Any] = metadata if isinstance(metadata, dict) else {}
    return f"{told.get('namespace') or ''}/{told.get('name') or ''}"
