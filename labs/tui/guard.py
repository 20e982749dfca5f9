"""A terminal that is left as it was found, however the program ends."""

from __future__ import annotations

import asyncio
import signal
import sys
import termios
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

_PLAIN = (
    "\x1b[?1049l\x1b[?25h\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1006l\x1b[?1015l\x1b[?2004l\x1b[?1004l\x1b[<u\x1b[0m"
)
"""Main screen, cursor shown, mouse, paste, focus and keyboard reports off, no colours (xterm's control sequences)."""


@contextmanager
def kept() -> Iterator[None]:
    """Puts the terminal's settings back when the block fails or is left by a signal."""
    try:
        before = termios.tcgetattr(sys.stdin.fileno())
    except (termios.error, OSError, ValueError):
        yield
        return
    try:
        yield
    except BaseException:
        with suppress(OSError, ValueError):
            sys.__stderr__.write(_PLAIN) if sys.__stderr__ else None
            sys.__stderr__.flush() if sys.__stderr__ else None
        raise
    finally:
        with suppress(termios.error, OSError, ValueError):
            termios.tcsetattr(sys.stdin.fileno(), termios.TCSADRAIN, before)


def when_ended(leave: Callable[[], object]) -> None:
    """Calls `leave` in the event loop when the program is told to end, or its terminal is closed."""
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGHUP):
        with suppress(NotImplementedError, RuntimeError, ValueError):
            loop.add_signal_handler(number, leave)
