"""The only place that writes to a person's terminal, and maps failures to exit codes."""

from __future__ import annotations

import os
import sys

from grader.errors import LabsError
from grader.text import clean
from labs.steps.graph import Event, Phase

_WORDS = {Phase.STARTED: "…", Phase.DONE: "done", Phase.KEPT: "kept", Phase.FAILED: "FAILED"}


def say(text: str = "") -> None:
    """A line for the person."""
    print(clean(text, 20_000), flush=True)


def complain(error: LabsError) -> int:
    """Tells a failure on standard error, and returns the exit code that belongs to it."""
    print(f"labs: {error.diagnostics()}", file=sys.stderr, flush=True)
    return error.exit_code


def interrupted() -> int:
    """After Ctrl-C outside of a bring-up."""
    print("labs: interrupted", file=sys.stderr, flush=True)
    return 130


def step(event: Event) -> None:
    """One status line a step, when it ends; on a terminal also when it begins."""
    if event.phase is Phase.STARTED and not sys.stdout.isatty():
        return
    time = f"{event.seconds:5.1f} s" if event.phase in (Phase.DONE, Phase.FAILED) else "       "
    say(f"{_WORDS[event.phase]:6} {time}  {event.title}" + (f": {event.note}" if event.note else ""))


def shell() -> str:
    """The person's shell."""
    return os.environ.get("SHELL") or "/bin/sh"
