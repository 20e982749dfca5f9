"""Reading a file that may be anything, and writing one so that it is there whole, or as it was before."""

from __future__ import annotations

import contextlib
import os
import stat
import tempfile
from pathlib import Path

from grader.errors import EnvironmentFault, InputError
from grader.text import one_line


def read(path: Path, mebibytes: int) -> bytes:
    """All bytes of a file that somebody names, or of a pipe that somebody writes into (`<(…)` of a shell).

    Raises InputError: it is not there, may not be read, is neither of these, or has more than `mebibytes`.
    """
    where = one_line(str(path))
    most = mebibytes << 20
    try:
        with open(path, "rb", opener=_opened) as file:
            data = _begun(file.fileno(), where) + file.read(most + 1)
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", where=where) from None
    if len(data) > most:
        raise InputError(f"is larger than {mebibytes} MiB", where=where)
    return data


def _opened(path: str, flags: int) -> int:
    """Opens a file or a pipe, and nothing else; waits for no writer."""
    handle = os.open(path, flags | os.O_NONBLOCK)
    mode = os.fstat(handle).st_mode
    if stat.S_ISREG(mode) or stat.S_ISFIFO(mode):
        return handle
    os.close(handle)
    raise InputError("is not a file", where=one_line(str(path)))


def _begun(handle: int, where: str) -> bytes:
    """The first byte of a pipe, if it is there yet; waits for the others from then on.

    Raises InputError where nobody has the pipe open for writing: read(2) then tells its end at once.
    """
    if stat.S_ISREG(os.fstat(handle).st_mode):
        return b""
    try:
        found = os.read(handle, 1)
    except BlockingIOError:
        found = b""
    else:
        if not found:
            raise InputError("is not a file but a pipe that nobody writes into", where=where)
    os.set_blocking(handle, True)
    return found


def replace(path: Path, data: bytes, mode: int = 0o644) -> None:
    """Writes a file whole, whatever happens: temporary file in its folder, fsync, rename, fsync of the folder.

    Raises EnvironmentFault (a full disk, a folder that is missing or may not be written to); the
    old file then stays as it was.
    """
    try:
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(handle, "wb") as file:
                os.fchmod(file.fileno(), mode)
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            os.replace(temporary, path)
        except BaseException:
            with contextlib.suppress(OSError):
                os.unlink(temporary)
            raise
        _sync_folder(path.parent)
    except OSError as error:
        raise EnvironmentFault(
            f"cannot be written: {error.strerror}", where=str(path), advice="What was there before is as it was."
        ) from None


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
