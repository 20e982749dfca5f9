"""`labs run`: the commands of a step, one after the other, each with how it ended."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import Protocol

from grader.course import Step
from labs import console
from labs.commands import learn_tell as tell
from labs.commands.learn import looking, place, say


class Session(Protocol):
    """Where commands run (labs.commands.session)."""

    def run(self, command: str, tell: Callable[[str], None], /) -> int: ...
    def stop(self) -> None: ...


def run(lab: str | None, module: str | None, step: str | None) -> None:
    """`labs run`: ends with the exit status of the command that failed, else with 0."""
    from labs.commands.session import LabSession

    me = looking(lab)
    found, step = place(me, module, step)
    look = step is None or me.course.order == "gated"
    chosen = me.step(found, step, me.standing(found, me.looked(found)[0] if look else None))
    me.enter(found, chosen)
    if not chosen.commands:
        say(tell.commands(chosen))
        return
    sys.exit(ran(LabSession(me.name), chosen))


def ran(session: Session, step: Step) -> int:
    """Runs the commands in turn; stops at one that fails, unless it is meant to be refused."""
    for number, command in enumerate(step.commands, 1):
        console.say(_named(number, step.commands))
        status = _ended(session, command)
        meant = number in step.refused
        console.say(f"Ended with exit status {status}.{_meant(status) if meant else ''}")
        if status and not meant:
            _stopped(number, step.commands)
            return status
    console.say(f"All commands of step {step.task} were run: {len(step.commands)}. Next: labs check.")
    return 0


def _ended(session: Session, command: str) -> int:
    try:
        return session.run(command, console.say)
    except KeyboardInterrupt:
        session.stop()
        raise


def _meant(status: int) -> str:
    if status:
        return " A refusal is meant here: read above who refused it, and why."
    return " It was let in, but a refusal is meant here: labs check tells what is missing."


def _stopped(number: int, commands: Sequence[str]) -> None:
    left = range(number + 1, len(commands) + 1)
    console.say(
        "Stopped, because this command failed." + (f" Commands that were not run: {len(left)}." if left else "")
    )
    say(_named(one, commands) for one in left)


def _named(number: int, commands: Sequence[str]) -> str:
    return f"Command {number} of {len(commands)}: {commands[number - 1]}"
