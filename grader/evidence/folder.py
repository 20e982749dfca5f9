"""A folder that is not trusted: read through one handle, never left, no link followed.

Every step of a path is opened with O_NOFOLLOW from the handle of the step before, so neither a
symbolic link nor `..` leads out, and only regular files are read: a pipe or a device is refused
before it could block.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO, Self

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
_INSIDE = _FOLDER | os.O_NOFOLLOW
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


class Folder:
    """An open folder. Paths are relative, with `/` between the steps.

    The path given to make one may itself be or pass a link, for the user named it; with `inside`
    it is a path in that folder and may not. Raises OSError where it is no folder.
    """

    def __init__(self, path: str | os.PathLike[str], *, inside: Folder | None = None) -> None:
        if inside is None:
            self._handle = os.open(path, _FOLDER)
        else:
            with inside._inside(os.fspath(path)) as handle:
                self._handle = os.dup(handle)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Closes the handle; a second time does nothing."""
        if self._handle >= 0:
            os.close(self._handle)
            self._handle = -1

    def status(self, path: str) -> os.stat_result | None:
        """What stands at the path, links not followed; None where nothing does."""
        try:
            with self._parent(path) as (handle, name):
                return os.stat(name, dir_fd=handle, follow_symlinks=False)
        except (OSError, ValueError):
            return None

    def is_folder(self, path: str) -> bool:
        """Whether a folder stands there that is no link."""
        status = self.status(path)
        return status is not None and stat.S_ISDIR(status.st_mode)

    def open(self, path: str) -> BinaryIO | None:
        """The regular file at the path, open for reading; None where there is none."""
        try:
            with self._parent(path) as (parent, name):
                handle = os.open(name, _FILE, dir_fd=parent)
        except (OSError, ValueError):
            return None
        if stat.S_ISREG(os.fstat(handle).st_mode):
            return os.fdopen(handle, "rb")
        os.close(handle)
        return None

    def read(self, path: str, limit: int) -> bytes | None:
        """The content of a regular file of at most `limit` bytes, else None."""
        file = self.open(path)
        if file is None:
            return None
        with file:
            content = file.read(limit + 1)
        return content if len(content) <= limit else None

    def entries(self, path: str, limit: int) -> list[tuple[str, os.stat_result]] | None:
        """Names and kinds of what lies in a folder, by name; None where it is no folder or has
        more than `limit` entries."""
        try:
            with self._inside(path) as handle, os.scandir(handle) as scan:
                found: list[tuple[str, os.stat_result]] = []
                for entry in scan:
                    if len(found) >= limit:
                        return None
                    found.append((entry.name, entry.stat(follow_symlinks=False)))
        except (OSError, ValueError):
            return None
        return sorted(found, key=lambda one: one[0])

    @contextmanager
    def _inside(self, path: str) -> Iterator[int]:
        """A handle on the folder at the path, closed at the end."""
        handle = os.dup(self._handle)
        try:
            for step in path.split("/"):
                if step in ("", "."):
                    continue
                if step == "..":
                    raise ValueError("a path must not leave its folder")
                below = os.open(step, _INSIDE, dir_fd=handle)
                os.close(handle)
                handle = below
            yield handle
        finally:
            os.close(handle)

    @contextmanager
    def _parent(self, path: str) -> Iterator[tuple[int, str]]:
        parent, _, name = path.rpartition("/")
        if name in ("", ".", ".."):
            raise ValueError("not the path of an entry")
        with self._inside(parent) as handle:
            yield handle, name
