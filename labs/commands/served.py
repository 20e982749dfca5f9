"""The program that `labs serve` runs for each session: `python -m labs.commands.served NAME`."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from labs import state


def log() -> Path:
    """Where faults of the sessions are written."""
    return state.home() / "serve.log"


def begin_log() -> None:
    """Begins an empty log. Raises OSError."""
    log().parent.mkdir(parents=True, exist_ok=True)
    os.close(os.open(log(), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))


def opened_log() -> int:
    """The log, or nothing at all where it cannot be written: a session does not end for that."""
    try:
        return os.open(log(), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    except OSError:
        return os.open(os.devnull, os.O_WRONLY)


def main() -> None:
    """Runs the program between the server's pipes."""
    os.dup2(opened_log(), sys.stderr.fileno())
    from labs.commands.session import LabSession
    from labs.tui.served import ServedApp

    app = ServedApp(LabSession(sys.argv[1]))
    app.run_guarded()
    sys.exit(app.return_code or 0)


if __name__ == "__main__":
    main()
