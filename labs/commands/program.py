"""`labs` without a command: the learner's program."""

from __future__ import annotations

import sys

from grader.errors import UsageError


def open_program() -> None:
    """Opens the TUI on the first lab that there is. Raises UsageError where there is no terminal."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError("labs without a command opens a screen and needs a terminal", advice="labs --help lists more.")
    from labs.commands.session import LabSession
    from labs.tui.app import LabsApp

    LabsApp(LabSession.first()).run()
