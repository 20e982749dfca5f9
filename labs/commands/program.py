"""`labs` without a command: the learner's program."""

from __future__ import annotations


def open_program() -> None:
    """Opens the TUI on the first lab that there is."""
    from labs.commands.session import LabSession
    from labs.tui.app import LabsApp

    LabsApp(LabSession.first()).run()
