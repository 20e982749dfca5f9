"""All objects, one number that counts every change, and the last changes for those who watch.

Objects in the store are never altered: a change puts a new one in the place of the old.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

Object = dict[str, Any]
Kind = tuple[str, str]
"""Group and plural."""

HISTORY = 4096


@dataclass(frozen=True, slots=True)
class Key:
    """Which object: its kind, namespace (empty for cluster-wide kinds) and name."""

    kind: Kind
    namespace: str
    name: str


@dataclass(frozen=True, slots=True)
class Change:
    """One change: `type` is ADDED, MODIFIED or DELETED; `old` what was there before."""

    version: int
    type: str
    key: Key
    object: Object
    old: Object | None


Listener = Callable[[Change], None]


class Store:
    """The objects of a cluster. `version` is the resource version of the last change."""

    def __init__(self, history: int = HISTORY) -> None:
        self.version = 1
        self._objects: dict[Kind, dict[tuple[str, str], Object]] = {}
        self._changes: deque[Change] = deque(maxlen=history)
        self._forgotten = 1  # changes up to this version are not kept
        self._listeners: list[Listener] = []

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Calls `listener` with every change from now on; the returned function ends it."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def get(self, key: Key) -> Object | None:
        """An object, or None. It must not be altered."""
        return self._objects.get(key.kind, {}).get((key.namespace, key.name))

    def all(self, kind: Kind, namespace: str = "") -> list[Object]:
        """All objects of a kind, of one namespace or of all, by namespace and name."""
        found = self._objects.get(kind, {})
        return [found[place] for place in sorted(found) if not namespace or place[0] == namespace]

    def places(self) -> Iterator[Key]:
        """The keys of all objects of all kinds."""
        for kind, found in self._objects.items():
            for namespace, name in list(found):
                yield Key(kind, namespace, name)

    def put(self, key: Key, value: Object) -> Object:
        """Stores an object under the next resource version, and returns what was stored."""
        old = self.get(key)
        self.version += 1
        stored = {**value, "metadata": {**value["metadata"], "resourceVersion": str(self.version)}}
        self._objects.setdefault(key.kind, {})[(key.namespace, key.name)] = stored
        self._tell(Change(self.version, "MODIFIED" if old else "ADDED", key, stored, old))
        return stored

    def remove(self, key: Key) -> Object:
        """Takes an object away; returns it as it was last. KeyError where there is none."""
        old = self._objects[key.kind].pop((key.namespace, key.name))
        self.version += 1
        last = {**old, "metadata": {**old["metadata"], "resourceVersion": str(self.version)}}
        self._tell(Change(self.version, "DELETED", key, last, old))
        return last

    def since(self, version: int) -> list[Change] | None:
        """The changes after a resource version, or None where they are no longer all kept."""
        if version < self._forgotten:
            return None
        return [change for change in self._changes if change.version > version]

    def restore(self, version: int, objects: Iterator[tuple[Key, Object]]) -> None:
        """Puts back what a snapshot holds, silently; nothing before it can be watched."""
        for key, value in objects:
            self._objects.setdefault(key.kind, {})[(key.namespace, key.name)] = value
        self.version = self._forgotten = max(version, self.version)

    def _tell(self, change: Change) -> None:
        if len(self._changes) == self._changes.maxlen:
            self._forgotten = self._changes[0].version
        self._changes.append(change)
        for listener in list(self._listeners):
            listener(change)
