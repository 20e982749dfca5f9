"""The one detached process of a simulated cluster: started, found again, stopped.

The server holds a lock on a file for as long as it lives, so that nothing has to be guessed from
a process number; it writes to a pipe when it answers, so that nobody has to ask it again and again.
"""

from __future__ import annotations

import fcntl
import os
import select
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from labs.cluster.simulated import kubeconfig
from labs.cluster.simulated.place import Place
from labs.errors import EnvironmentFault

_PATIENCE = 30.0
_TAIL = 600


@dataclass(frozen=True, slots=True)
class Running:
    """A server that answers: its process, its port, and the kubeconfig that leads to it."""

    pid: int
    port: int
    kubeconfig: Path


def running(folder: Path) -> tuple[int, int] | None:
    """Process number and port of the living server of a folder, or None."""
    place = Place(folder)
    try:
        with place.lock.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except FileNotFoundError:
        return None
    except BlockingIOError:
        record = place.read()
        return (int(record["pid"]), int(record["port"])) if record and _alive(int(record["pid"])) else None
    return None


def _alive(pid: int) -> bool:
    """Whether there is such a process: a server that has only just begun has not written its record yet."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def start(folder: Path, name: str = "default", config: Path | None = None) -> Running:
    """Starts the server where none lives and writes the kubeconfig (by default into the folder).

    A living one is left alone; a dead one comes back with all it knew.
    Raises EnvironmentFault with the end of the server's log where it does not come up.
    """
    config = config or folder / "kubeconfig"
    found = running(folder)
    if found is None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        _spawn(folder)
        found = running(folder) or _begun_elsewhere(folder)
    if found is None:
        raise _failed(folder)
    pid, port = found
    kubeconfig.save(config, Place(folder), name, port)
    return Running(pid, port, config)


def stop(folder: Path) -> None:
    """Ends the server; its state stays. No server is no fault."""
    found = running(folder)
    if found is None:
        return
    for number, patience in ((signal.SIGTERM, 5.0), (signal.SIGKILL, 2.0)):
        try:
            os.kill(found[0], number)
        except ProcessLookupError:
            return
        until = time.monotonic() + patience
        while time.monotonic() < until:
            if running(folder) is None:
                return
            time.sleep(0.01)
    raise EnvironmentFault(
        "the simulated cluster does not end", where=f"process {found[0]}", advice="End it by kill -9."
    )


def reset(folder: Path, name: str = "default", config: Path | None = None) -> Running:
    """Forgets every object and starts afresh on the same port, with the same token."""
    stop(folder)
    for path in Place(folder).objects:
        path.unlink(missing_ok=True)
    return start(folder, name, config)


def _begun_elsewhere(folder: Path) -> tuple[int, int] | None:
    """A server that another command is starting at this moment: it holds the lock, and ours has ended."""
    until = time.monotonic() + _PATIENCE
    while _locked(folder) and time.monotonic() < until:
        if found := running(folder):
            return found
        time.sleep(0.01)
    return None


def _locked(folder: Path) -> bool:
    with Place(folder).lock.open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def _spawn(folder: Path) -> None:
    """Starts the server in a session of its own and waits until it answers or ends.

    The process in between ends at once, so that the server is nobody's child here.
    """
    reading, writing = os.pipe()
    command = [sys.executable, "-m", "labs.cluster.simulated", "--state", str(folder), "--ready", str(writing)]
    with Place(folder).log.open("ab") as log, open(os.devnull, "rb") as nothing:
        subprocess.run(
            [sys.executable, "-I", "-S", "-c", _DETACH, *command], stdin=nothing, stdout=log, stderr=log,
            pass_fds=(writing,), start_new_session=True, check=False, cwd="/", env=_environment(),
        )  # fmt: skip
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        select.select([pipe], [], [], _PATIENCE)


_DETACH = "import os,sys\nif os.fork()==0: os.execv(sys.argv[1], sys.argv[1:])"


def _environment() -> dict[str, str]:
    """The environment, with the place that this very program was loaded from first on the path."""
    source = str(Path(__file__).resolve().parents[3])
    path = os.pathsep.join([source, *filter(None, [os.environ.get("PYTHONPATH")])])
    return {**os.environ, "PYTHONPATH": path}


def _failed(folder: Path) -> EnvironmentFault:
    from grader.text import one_line

    log = Place(folder).log
    told = log.read_text(errors="replace")[-_TAIL:].strip() if log.exists() else ""
    last = one_line(told.splitlines()[-1]) if told else "it wrote nothing"
    return EnvironmentFault(f"the simulated cluster did not start: {last}", advice=f"Its log: {log}")
