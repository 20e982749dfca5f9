"""The learner's clone and its remote, watched: told whenever something may be other than before."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from pathlib import Path

from labs.learning.mounts import elsewhere

POLL = 2.0
"""Seconds between two looks where watching is not possible."""

_GROUPED = 200  # milliseconds in which changes are told together at most
_STEP = 40  # milliseconds without a further change after which they are told
_STILL_THERE = 10_000  # milliseconds between two looks whether the folders are the same ones
_GIT = ("HEAD", "index", "packed-refs", "refs")


class WatchedRepository:
    """Tells `changed` from its own thread, from `start` to `stop`.

    `polled` says why the folders are not watched; then `changed` is told every two seconds, and
    whoever is told has to see for himself.
    """

    def __init__(self, clone: Path, remote: Path, changed: Callable[[], None]) -> None:
        self.polled: str | None = None
        self._folders = (clone, remote)
        self._changed = changed
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="watch repository", daemon=True)

    def start(self) -> None:
        """Begins to watch."""
        self._thread.start()

    def stop(self) -> None:
        """Has the watch end; `join` waits for it."""
        self._stopping.set()

    def join(self, seconds: float) -> None:
        """Waits for the end, at most so long."""
        if self._thread.is_alive():
            self._thread.join(seconds)

    def _run(self) -> None:
        while not self._stopping.is_set():
            self.polled = self._unwatchable()
            if self.polled is None:
                try:
                    self._watch()
                    continue
                except (OSError, RuntimeError) as error:
                    self.polled = _reason(error)
            self._changed()
            self._stopping.wait(POLL)

    def _unwatchable(self) -> str | None:
        if os.environ.get("LABS_POLL"):
            return "LABS_POLL is set"
        for folder in self._folders:
            if not folder.is_dir():
                return f"there is no folder {folder}"
            if kind := elsewhere(folder):
                return f"{folder} is on a file system ({kind}) that does not tell of changes"
        return None

    def _watch(self) -> None:
        """Watches the folders for as long as they are the same ones."""
        from watchfiles import watch

        same = self._identities()
        self._changed()
        for changes in watch(
            *self._folders,
            watch_filter=lambda _, path: self._matters(path),
            debounce=_GROUPED,
            step=_STEP,
            stop_event=self._stopping,
            rust_timeout=_STILL_THERE,
            yield_on_timeout=True,
            raise_interrupt=False,
            force_polling=False,
            ignore_permission_denied=True,
        ):
            if changes:
                self._changed()
            if self._identities() != same:
                return

    def _identities(self) -> list[tuple[int, int] | None]:
        return [_identity(folder) for folder in self._folders]

    def _matters(self, path: str) -> bool:
        """Files of the working tree, and of Git's own what a reference or the index is kept in."""
        clone, remote = (str(folder) for folder in self._folders)
        for git in (f"{clone}{os.sep}.git", remote):
            if path == git or path.startswith(git + os.sep):
                first = path[len(git) + 1 :].split(os.sep)[0]
                return first in ("", *_GIT) and not path.endswith(".lock")
        return True


def _identity(folder: Path) -> tuple[int, int] | None:
    try:
        found = folder.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _reason(error: Exception) -> str:
    """Words for what `watchfiles` raises: OSError, or an error of its own where the kernel's limit is reached."""
    words = str(error)
    if "watch limit" in words or "No space left" in words or "Too many open files" in words:
        return "the kernel watches no more files (sysctl fs.inotify.max_user_watches, max_user_instances)"
    return f"the folders cannot be watched: {words[:200]}"
