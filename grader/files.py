"""Writing a file so that it is there whole, or as it was before."""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path

from grader.errors import EnvironmentFault


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
