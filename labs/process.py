"""Processes by identity: a number and when it started, for a number alone comes back to another."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from labs.errors import Busy
from labs.state import write

_GRACE = 5.0


def started(pid: int) -> str | None:
    """When a process started, in a form only good for comparison; None where it is gone."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return None if fields[0] == "Z" else fields[19]  # proc(5): 22nd field, starttime
    except (OSError, IndexError):
        if Path("/proc/self/stat").exists():
            return None
    shown = subprocess.run(["ps", "-o", "lstart=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return shown.stdout.strip() or None


def alive(record: Path) -> int | None:
    """The process that a record names, if that very process still runs."""
    try:
        data = json.loads(record.read_text())
        pid = int(data["pid"])
        return pid if started(pid) == data["started"] is not None else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def record(path: Path, pid: int, **more: str) -> None:
    """Writes down which process it is."""
    write(path, json.dumps({"pid": pid, "started": started(pid), **more}).encode())


@contextmanager
def held(lock: Path, what: str) -> Iterator[None]:
    """Holds a lock file while the block runs.

    Raises Busy where a living process holds it; a dead one's is taken over.
    """
    lock.parent.mkdir(parents=True, exist_ok=True)
    while True:
        try:
            os.close(os.open(lock, os.O_CREAT | os.O_EXCL, 0o600))
            break
        except FileExistsError:
            _take_over(lock, what)
    record(lock, os.getpid())
    try:
        yield
    finally:
        with suppress(FileNotFoundError):
            lock.unlink()


def _take_over(lock: Path, what: str) -> None:
    with suppress(FileNotFoundError):
        if lock.stat().st_size == 0 and time.time() - lock.stat().st_mtime < 2:
            time.sleep(0.05)  # its maker is about to write its name into it
            return
        if pid := alive(lock):
            raise Busy(
                f"{what} is in use by another session (process {pid})", advice="Wait for it to end, or end it first."
            )
        lock.unlink()


def end_group(pid: int, grace: float = _GRACE) -> None:
    """Ends a process group politely, then firmly."""
    for number, patience in ((signal.SIGTERM, grace), (signal.SIGKILL, 1.0)):
        try:
            os.killpg(pid, number)
        except (ProcessLookupError, PermissionError):
            return
        until = time.monotonic() + patience
        while time.monotonic() < until:
            if started(pid) is None:
                return
            time.sleep(0.02)


def end_left_over(children: Path) -> list[str]:
    """Ends what a killed session left running; returns the programs' names."""
    ended = []
    for path in sorted(children.glob("*.json")):
        if pid := alive(path):
            end_group(pid)
            ended.append(json.loads(path.read_text()).get("program", "?"))
        path.unlink(missing_ok=True)
    return ended
