"""Commands of the course's text, run one after the other as if in one shell."""

from __future__ import annotations

import fcntl
import os
import select
import shutil
import signal
import struct
import subprocess
import tempfile
import termios
import threading
import time
import weakref
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from labs import process
from labs.errors import EnvironmentFault

_SCRIPT = """\
[ -f "$1" ] && . "$1"
printf -v _labs %q "$1"
trap "{ declare -f; printf 'cd -- %q 2>/dev/null\\n' \\"\\$PWD\\"; } >$_labs" EXIT
trap "echo \\$? >$_labs.failed" ERR
unset _labs
eval "$2"
"""
_LINE = 64 << 10
"""Bytes of a line; a longer one is told in parts."""
_MOMENT = 0.1
_AFTER = 1.0
"""Seconds at most that are given to what goes on writing in the background once a command has ended."""
PATIENCE = 2.0
"""Seconds that a command has to end by itself when it is stopped."""
_GRACE = 0.5


class Commands:
    """Runs commands by bash; functions and the folder that one leaves are there for the next."""

    def __init__(self) -> None:
        self._left = Path(tempfile.mkdtemp(prefix="labs-"))
        weakref.finalize(self, shutil.rmtree, self._left, ignore_errors=True)
        self._running: subprocess.Popen[bytes] | None = None
        self._stopped: subprocess.Popen[bytes] | None = None
        self.within = 0
        """The exit status of a line of what ran last that failed, though what ran after it did not; else 0."""

    def run(self, command: str, folder: Path, variables: Mapping[str, str], tell: Callable[[str], None]) -> int:
        """Runs one to its end, a line of output at a time; returns its exit status (128 and more: ended by a signal).

        What it leaves running in the background stays. Raises EnvironmentFault where there is no bash.
        """
        arguments = ["bash", "-c", _SCRIPT, "labs", str(self._left / "left"), command]
        self.within = 0
        (self._left / "left.failed").unlink(missing_ok=True)
        try:
            running = subprocess.Popen(
                arguments,
                cwd=folder,
                env=dict(variables),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=_hear_ctrl_c,  # what was started in the background hands on that it is ignored
            )
        except OSError as error:
            raise EnvironmentFault(f"bash cannot be run: {error.strerror}", where=str(folder)) from None
        self._running = running
        try:
            for line in _lines(running):
                tell(line)
            status = running.wait()
        finally:
            self._running = None
            if running.poll() is None:
                _end(running)
            elif self._stopped is running:  # also what it left in the background
                process.end_group(running.pid, _GRACE)
            if running.stdout:
                running.stdout.close()
        self.within = 0 if status else self._failed()
        return 128 - status if status < 0 else status

    def _failed(self) -> int:
        """What bash noted of the last line that failed (its trap ERR)."""
        try:
            return int((self._left / "left.failed").read_bytes()[:4])
        except (OSError, ValueError):
            return 0

    def stop(self) -> None:
        """Ends the command that runs as Ctrl-C does, if one does. At once.

        Where it does not hear that for `PATIENCE` seconds, or when asked again, it is ended firmly.
        """
        running = self._running
        if running is None:
            return
        again, self._stopped = self._stopped is running, running
        with suppress(ProcessLookupError):
            os.killpg(running.pid, signal.SIGINT)
        firmly = threading.Timer(0 if again else PATIENCE, self._firmly, (running,))
        firmly.daemon = True
        firmly.start()

    def _firmly(self, running: subprocess.Popen[bytes]) -> None:
        if self._running is running:
            process.end_group(running.pid, _GRACE)

    def close(self) -> None:
        """Ends the command that runs with all that it began, and waits for that: three seconds at most."""
        if running := self._running:
            self._stopped = running
            _end(running)


def _hear_ctrl_c() -> None:
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def _end(running: subprocess.Popen[bytes]) -> None:
    with suppress(ProcessLookupError):
        os.killpg(running.pid, signal.SIGINT)
    with suppress(subprocess.TimeoutExpired):
        running.wait(1)
    process.end_group(running.pid, 2.0)
    running.wait()


def _lines(running: subprocess.Popen[bytes]) -> Iterator[str]:
    """The output by lines, until the process ended and all that it wrote was read."""
    if running.stdout is None:
        return
    source, rest = running.stdout.fileno(), b""
    left, until = 0, 0.0  # once it has ended: bytes that it wrote, and how long others are heard
    while True:
        if not until and running.poll() is not None:
            left, until = _waiting(source), time.monotonic() + _AFTER
        ready, _, _ = select.select([source], [], [], _MOMENT)
        if until and (not ready or (left <= 0 and time.monotonic() > until)):
            break
        if not ready:
            continue
        data = os.read(source, _LINE)
        if not data:
            break
        left -= len(data)
        *whole, rest = (rest + data).replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
        if len(rest) > _LINE:
            whole, rest = [*whole, rest], b""
        yield from (line.decode(errors="replace") for line in whole)
    if rest:
        yield rest.decode(errors="replace")


def _waiting(pipe: int) -> int:
    """Bytes that can be read from a pipe (FIONREAD)."""
    return int(struct.unpack("i", fcntl.ioctl(pipe, termios.FIONREAD, b"\0" * 4))[0])
