"""`labs` without a command: the learner's program."""

from __future__ import annotations

import sys

import click

from labs import console


def open_program(commands: click.Group) -> None:
    """Opens the TUI on the first lab that there is; its plain twin where that is asked for or there is no screen.

    Without a terminal the twin says where one stands and what to do next, and ends.
    """
    if console.has_screen():
        from labs.commands.session import LabSession
        from labs.tui.app import LabsApp

        LabsApp(LabSession()).run_guarded()
        return
    from labs.commands import learn, learn_prompt

    if sys.stdin.isatty() and sys.stdout.isatty():
        learn_prompt.read(commands)
    else:
        learn.where(None)
