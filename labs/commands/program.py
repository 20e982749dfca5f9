"""`labs` without a command: the learner's program."""

from __future__ import annotations

import os
import sys

from labs import console


def open_program() -> None:
    """Opens the TUI on the first lab that there is; without a terminal, says in plain lines where one stands."""
    from labs.commands.session import LabSession

    session = LabSession.first()
    if not (sys.stdin.isatty() and sys.stdout.isatty()) or os.environ.get("TERM") in (None, "", "dumb"):
        _plainly(session.lab_line(), [(module.id, module.title) for module in session.course.modules if module.written])
        return
    from labs.tui.app import LabsApp

    LabsApp(session).run()


def _plainly(lab: str, modules: list[tuple[str, str]]) -> None:
    console.say("Platform Labs. The program's screen needs a terminal; every command works without one.")
    console.say(lab)
    for identifier, title in modules:
        console.say(f"{identifier}  {title}: grader grade {identifier} --repo CLONE")
    console.say("labs --help lists the commands.")
