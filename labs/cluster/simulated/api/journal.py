"""The store on disk: a snapshot, and a journal of the changes since.

Every change is one line appended to the journal before the request is answered, so that a killed
process loses nothing. At its start, and when the journal has grown, a new snapshot takes its place.
A line cut short by a crash ends the journal.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, Self

from grader.errors import InputError
from labs.cluster.simulated.api.store import Change, Key, Object, Store
from labs.state import write

FORMAT = 1
_LINES = 5000


class Journal:
    """Keeps a store in a folder for as long as it is entered."""

    def __init__(self, folder: Path, store: Store, limit: int = _LINES) -> None:
        self.snapshot = folder / "objects.json"
        self.journal = folder / "changes.jsonl"
        self.store = store
        self.limit = limit
        self._lines = 0
        self._file: IO[str] | None = None

    def __enter__(self) -> Self:
        """Reads what there is and follows the store from here on. Raises InputError for a foreign snapshot."""
        version, objects = _read_snapshot(self.snapshot)
        for number, key, value in _read_journal(self.journal):
            if number > version:
                version = number
                if value is None:
                    objects.pop(key, None)
                else:
                    objects[key] = value
        self.store.restore(version, iter(objects.items()))
        self.compact()
        self._stop = self.store.subscribe(self._record)
        return self

    def __exit__(self, *_: object) -> None:
        self._stop()
        self._close()

    def compact(self) -> None:
        """Writes a new snapshot and empties the journal."""
        objects = [[*_place(key), self.store.get(key)] for key in self.store.places()]
        data = {"format": FORMAT, "version": self.store.version, "objects": objects}
        write(self.snapshot, json.dumps(data, separators=(",", ":")).encode())
        self._close()
        self._file = self.journal.open("w", encoding="utf-8")
        self.journal.chmod(0o600)
        self._lines = 0

    def _close(self) -> None:
        if self._file:
            self._file.close()
            self._file = None

    def _record(self, change: Change) -> None:
        if self._file is None:
            return
        value = None if change.type == "DELETED" else change.object
        self._file.write(json.dumps([change.version, *_place(change.key), value], separators=(",", ":")) + "\n")
        self._file.flush()
        self._lines += 1
        if self._lines >= self.limit:
            self.compact()


def _place(key: Key) -> tuple[str, str, str, str]:
    return (*key.kind, key.namespace, key.name)


def _read_snapshot(path: Path) -> tuple[int, dict[Key, Object]]:
    try:
        data = json.loads(path.read_bytes())
    except FileNotFoundError:
        return 1, {}
    except ValueError:
        data = None
    if not isinstance(data, dict) or data.get("format") != FORMAT:
        raise InputError("is no snapshot of a simulated cluster", where=str(path), advice="labs reset makes a new one.")
    return data["version"], {Key((g, p), namespace, name): value for g, p, namespace, name, value in data["objects"]}


def _read_journal(path: Path) -> Iterator[tuple[int, Key, Any]]:
    with contextlib.suppress(FileNotFoundError, ValueError), path.open(encoding="utf-8") as file:
        for line in file:
            number, group, plural, namespace, name, value = json.loads(line)
            yield number, Key((group, plural), namespace, name), value
