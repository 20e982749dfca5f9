"""`labs run`: the commands of a step, or one block of the text, each with how it ended."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import Protocol

from grader.course import Step
from grader.errors import UsageError
from labs import console
from labs.commands import learn_read
from labs.commands import learn_tell as tell
from labs.commands.learn import looking, place, say
from labs.learning.fence import NETWORK


class Session(Protocol):
    """Where commands run (labs.commands.session)."""

    @property
    def within(self) -> int: ...
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


def code(lab: str | None, module: str | None, named: str | None, number: int) -> None:
    """`labs run --code`: one block of the text, by the number that `labs text` gives it; ends as `run` does.

    `named` may name the module alone. Raises UsageError where the block is no command.
    """
    from labs.commands.session import LabSession

    me = looking(lab)
    found, step = place(me, module, named)
    if step is not None:
        raise UsageError("a step and --code do not go together", advice=f"labs run --code {number} runs the block.")
    block = learn_read.block(found, number)
    if not block.fence.runnable:
        kind = f" but {block.fence.language}" if block.fence.language else ""
        advice = f"labs text {found.id} --code {number} writes it as it is."
        raise UsageError(f"the block {number} is no command{kind}", advice=advice)
    session, command = LabSession(me.name), block.text.strip("\n")
    if command.strip() == "labs shell":
        sys.exit(session.shell())
    needs = f" ({NETWORK})" if block.fence.network else ""
    status = _one(session, f"Code {number}{needs}: {command}", command, meant=block.fence.refused)
    sys.exit(0 if block.fence.refused else status)


def ran(session: Session, step: Step) -> int:
    """Runs the commands in turn; stops at one that fails, unless it is meant to be refused."""
    for number, command in enumerate(step.commands, 1):
        meant = number in step.refused
        status = _one(session, _named(number, step.commands), command, meant=meant)
        if status and not meant:
            _stopped(number, step.commands)
            return status
    console.say(f"All commands of step {step.task} were run: {len(step.commands)}. Next: labs check.")
    return 0


def _one(session: Session, named: str, command: str, *, meant: bool) -> int:
    """Runs one, told as `named`; says how it ended, where a refusal is `meant` and where not."""
    console.say(named)
    status = _ended(session, command)
    within = f", but a line before the last one failed: {session.within}" if session.within and not meant else ""
    console.say(f"Ended with exit status {status}{within}.{_meant(status) if meant else ''}")
    return status


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
