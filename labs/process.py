"""Processes by identity: a number and when it started, for a number alone comes back to another."""

from __future__ import annotations

import fcntl
import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from grader.text import one_line
from labs.errors import Busy
from labs.state import Json, write

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


def alive(identity: Json) -> int | None:
    """The process that was recorded as `identity`, if that very process still runs."""
    try:
        pid = int(identity["pid"])
        return pid if started(pid) == identity["started"] is not None else None
    except (ValueError, KeyError, TypeError):
        return None


def record(path: Path, pid: int, program: str) -> None:
    """Writes down a child of this process: which process it is, and whose."""
    owner = os.getpid()
    child = {"pid": pid, "started": started(pid), "program": program}
    write(path, json.dumps({**child, "owner": {"pid": owner, "started": started(owner)}}).encode())


@contextmanager
def held(lock: Path, what: str) -> Iterator[None]:
    """Holds a lock file while the block runs; the system lets go of it when its holder dies (flock(2)).

    Raises Busy where another session holds it.
    """
    handle = _locked(lock, what)
    try:
        yield
    finally:
        os.close(handle)


def _locked(lock: Path, what: str) -> int:
    """The open lock file. One that was removed between opening and locking is no lock, and made anew."""
    while True:
        lock.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(lock, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if _same(handle, lock):
                os.ftruncate(handle, 0)
                os.pwrite(handle, str(os.getpid()).encode(), 0)
                return handle
        except BlockingIOError:
            holder = os.pread(handle, 20, 0).decode(errors="replace")
            os.close(handle)
            raise _busy(what, holder) from None
        os.close(handle)


def _busy(what: str, holder: str) -> Busy:
    by = f" (process {holder})" if holder.isascii() and holder.isdigit() else ""
    return Busy(f"{what} is in use by another session{by}", advice="Wait for it to end, or end it first.")


def _same(handle: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(handle), path.stat())
    except FileNotFoundError:
        return False


def end_group(pid: int, grace: float = _GRACE) -> None:
    """Ends a process group: its leader politely, then all that is left of it firmly."""
    for number, patience in ((signal.SIGTERM, grace), (signal.SIGKILL, 1.0)):
        try:
            os.killpg(pid, number)
        except (ProcessLookupError, PermissionError):
            return
        _await_end(pid, patience)


def _await_end(pid: int, patience: float) -> None:
    until = time.monotonic() + patience
    while started(pid) is not None and time.monotonic() < until:
        time.sleep(0.02)


def end_left_over(children: Path) -> list[str]:
    """Ends what sessions that are gone left running; returns the programs' names. Others are left alone."""
    ended = []
    for path in sorted(children.glob("*.json")):
        child = _read(path)
        if alive(child.get("owner")):
            continue
        if pid := alive(child):
            end_group(pid)
            ended.append(one_line(str(child.get("program", "?")), 40))
        path.unlink(missing_ok=True)
    return ended


def _read(path: Path) -> dict[str, Json]:
    try:
        found = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
