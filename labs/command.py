"""The programs that a lab runs (kind, helm, kubectl): their own process groups, logs, one way to stop them all."""

from __future__ import annotations

import os
import subprocess
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from labs import process
from labs.errors import CommandFailed, EnvironmentFault, Interrupted

_OUTPUT = 64 << 20
_LAST_WORDS = 2.0


@dataclass(frozen=True, slots=True)
class Result:
    """What a program that ended well printed."""

    stdout: str
    stderr: str


class Runner:
    """Runs programs for one lab, from any thread.

    `environment` is added to the session's. Logs go to `logs`, one file a step. Every child is
    written down in `children` while it runs, so that a later session can end what a killed one left.
    """

    def __init__(self, logs: Path, children: Path, environment: Mapping[str, str] | None = None) -> None:
        self.logs = logs
        self.children = children
        self.environment = dict(environment or {})
        self.stopped = threading.Event()
        self._running: set[int] = set()
        self._lock = threading.Lock()

    def run(
        self,
        arguments: Sequence[str | Path],
        *,
        log: str,
        given: str | bytes | None = None,
        timeout: float = 120,
        environment: Mapping[str, str] | None = None,
        quiet: bool = False,
    ) -> Result:
        """Runs a program to its end. What it prints stays out of the log where it is `quiet`.

        Raises CommandFailed with what it printed, Interrupted after `stop`, EnvironmentFault
        where there is no such program.
        """
        sent = given.encode() if isinstance(given, str) else given
        out, err = self._run(arguments, log, sent, timeout, environment or {}, quiet)
        return Result(out[:_OUTPUT].decode(errors="replace"), err[:_OUTPUT].decode(errors="replace"))

    def run_bytes(self, arguments: Sequence[str | Path], *, log: str, timeout: float = 120) -> bytes:
        """Standard output of a program as it is, kept out of the log. Raises as `run` does."""
        return self._run(arguments, log, None, timeout, {}, True)[0]

    def _run(
        self,
        arguments: Sequence[str | Path],
        log: str,
        given: bytes | None,
        timeout: float,
        environment: Mapping[str, str],
        quiet: bool,
    ) -> tuple[bytes, bytes]:
        argv = [str(part) for part in arguments]
        if self.stopped.is_set():
            raise Interrupted()
        child = self._start(argv, {**os.environ, **self.environment, **environment})
        note = self.children / f"{child.pid}.json"
        try:
            process.record(note, child.pid, Path(argv[0]).name)
            out, err, late = self._communicate(child, given, timeout)
        finally:
            self._forget(child, note)
        file = self._write_log(log, argv, child.returncode, b"" if quiet else out, err)
        if self.stopped.is_set():
            raise Interrupted()
        if late or child.returncode:
            printed = b"" if quiet else out[:_OUTPUT]
            output = f"{printed.decode(errors='replace')}\n{err[:_OUTPUT].decode(errors='replace')}"
            raise CommandFailed(_shown(argv), None if late else child.returncode, output, file)
        return out, err

    def stop(self) -> None:
        """Ends all running programs; none can be started any more."""
        self.stopped.set()
        with self._lock:
            running = list(self._running)
        for pid in running:
            process.end_group(pid)

    def pause(self, seconds: float) -> None:
        """Waits. Raises Interrupted at once after `stop`."""
        if self.stopped.wait(seconds):
            raise Interrupted()

    def _start(self, argv: list[str], environment: dict[str, str]) -> subprocess.Popen[bytes]:
        try:
            child = subprocess.Popen(
                argv,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env=environment,
                start_new_session=True,
            )
        except OSError as error:
            raise EnvironmentFault(
                f"{argv[0]} cannot be run: {error.strerror}", advice="labs doctor says how to get what is missing."
            ) from None
        with self._lock:
            self._running.add(child.pid)
        if self.stopped.is_set():  # `stop` may have looked a moment too early
            process.end_group(child.pid)
        return child

    def _communicate(
        self, child: subprocess.Popen[bytes], given: bytes | None, timeout: float
    ) -> tuple[bytes, bytes, bool]:
        try:
            out, err = child.communicate(given, timeout=timeout)
            return out, err, False
        except subprocess.TimeoutExpired:
            process.end_group(child.pid)
            return *self._last_words(child), True

    def _last_words(self, child: subprocess.Popen[bytes]) -> tuple[bytes, bytes]:
        """What an ended program printed; its pipes may be held open by one that it started elsewhere."""
        try:
            return child.communicate(timeout=_LAST_WORDS)
        except subprocess.TimeoutExpired as held:
            for pipe in (child.stdin, child.stdout, child.stderr):
                if pipe:
                    pipe.close()
            return held.output or b"", held.stderr or b""

    def _forget(self, child: subprocess.Popen[bytes], note: Path) -> None:
        if child.poll() is None:
            process.end_group(child.pid)
            with suppress(subprocess.TimeoutExpired):
                child.wait(timeout=2)
        with self._lock:
            self._running.discard(child.pid)
        note.unlink(missing_ok=True)

    def _write_log(self, log: str, argv: list[str], code: int | None, out: bytes, err: bytes) -> Path:
        self.logs.mkdir(parents=True, exist_ok=True)
        path = self.logs / f"{log}.log"
        with path.open("ab") as file:
            file.write(f"$ {' '.join(argv)}\n".encode() + _bounded(out) + _bounded(err) + f"→ {code}\n".encode())
        return path


def _bounded(output: bytes, limit: int = 256 << 10) -> bytes:
    return output if len(output) <= limit else b"[...]\n" + output[-limit:]


def _shown(argv: Sequence[str]) -> str:
    """The program and its verb, as it is named in a message."""
    words = [Path(argv[0]).name]
    words += [word for word in argv[1:4] if not word.startswith("-") and "/" not in word]
    return " ".join(words)
