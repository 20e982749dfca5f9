"""What made work in a repository fail, in words."""

from __future__ import annotations

import errno
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager

from grader.text import one_line

_FULL = (errno.ENOSPC, errno.EDQUOT)


def reason(error: Exception) -> str:
    """An error's kind and words. Files that it left open are closed, without another word of theirs."""
    with _quiet():
        traceback.clear_frames(error.__traceback__)
    return f"{type(error).__name__}: {one_line(str(error))}"


def advice(error: Exception, otherwise: str) -> str:
    """What to do: where the disk is full to make room, else what is said."""
    if isinstance(error, OSError) and error.errno in _FULL:
        return "Make room on the disk, then run the same command again."
    return otherwise


@contextmanager
def _quiet() -> Iterator[None]:
    """Says nothing of what fails while objects are taken down (a file that cannot be closed on a full disk)."""
    before = sys.unraisablehook
    sys.unraisablehook = lambda _: None
    try:
        yield
    finally:
        sys.unraisablehook = before
