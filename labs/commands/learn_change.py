"""Going back, going ahead, and carrying the progress from machine to machine."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path

from grader.course import Module
from grader.errors import UsageError
from labs import console
from labs.commands import learn_tell as tell
from labs.commands.learn import learner, looking, say
from labs.learning.building import index_of
from labs.learning.learner import Learner
from labs.learning.progress import Progress
from labs.learning.progress_text import SIZE
from labs.learning.resetting import Turned
from labs.learning.turned import sentences

_STANDARD = "-"
"""Stands for standard output, or standard input, in place of a file."""


def reset(lab: str | None, module: str | None, step: str | None, *, sure: bool) -> None:
    """`labs reset`: back to before a step, or to before all of the module, which is asked about first."""
    me = looking(lab)
    found = me.module(module)
    if step is None and not sure:
        me.needed_lab()
        steps = found.exercise.steps
        text = (
            f"This undoes all of module {found.id}, steps {steps[0].task} to {steps[-1].task}. "
            "Your work goes to a branch first. To undo one step: reset --step N."
        )
        if not _agreed("reset", text, _call(["reset"], module, lab)):
            return
    _told(me, found, me.reset(found, step, console.say))


def jump(lab: str | None, module: str | None, step: str, *, sure: bool) -> None:
    """`labs jump`: to a step, with what comes before it built, which is asked about first."""
    me = looking(lab)
    found = me.module(module)
    if not sure:
        me.needed_lab()
        task = found.exercise.steps[index_of(found, step)].task
        text = (
            f"This builds what there is before step {task} of module {found.id} from the reference solution, in place "
            "of what your clone and the cluster hold. Your work goes to a branch first."
        )
        if not _agreed("jump", text, _call(["jump", step], module, lab)):
            return
    _told(me, found, me.jump(found, step, console.say))


def _agreed(word: str, text: str, call: str) -> bool:
    """Asks before work is put away; `call` does the same. Raises UsageError where nobody can be asked."""
    say(tell.wrapped([text]))
    if not console.can_ask():
        raise UsageError("your work would be put away", advice=f"{call} --yes does it without asking.")
    if console.asked(f"Type {word} again to do it, or press Enter to leave all as it is: ") == word:
        return True
    console.say("Nothing was changed.")
    return False


def _call(words: list[str], module: str | None, lab: str | None) -> str:
    """The command line that names the same module and lab."""
    told = [word for option, value in (("-m", module), ("--lab", lab)) if value for word in (option, value)]
    return shlex.join(["labs", *words, *told])


def _told(me: Learner, module: Module, done: Turned) -> None:
    """What was done, and where one is then."""
    say(tell.wrapped(sentences(done)))
    console.say(f"The lab {me.name} is ready.")
    say(tell.position(me, module))


def show(lab: str | None) -> None:
    """`labs progress show`."""
    me = looking(lab)
    console.say(f"Progress file: {me.progress.file}")
    say(tell.modules(me.course, me.progress))
    for name, mine in sorted(me.progress.modules.items()):
        if mine.passed:
            console.say(f"Checks of {name} that once passed: {', '.join(sorted(mine.passed))}")


def export(lab: str | None, file: str) -> None:
    """`labs progress export`; `-` is standard output."""
    progress = learner(lab).progress
    if file == _STANDARD:
        sys.stdout.write(progress.text())
        return
    there = Path(file).exists()
    progress.export(Path(file))
    replaced = " It replaced the file that was there." if there else ""
    console.say(f"Written: {file}.{replaced} On the other machine: labs progress import {file}")


def take_in(lab: str | None, file: str) -> None:
    """`labs progress import`: what either has gained stays; `-` is standard input."""
    name = "standard input" if file == _STANDARD else file
    other = Progress.told(_standard_input(), name) if file == _STANDARD else Progress.imported(Path(file))
    me = looking(lab)
    written = (module for module in me.course.modules if module.written)
    me.progress.adopt(other, {one.id: sum(check.points for check in one.exercise.checks) for one in written})
    me.progress.save()
    console.say(f"Taken in: {name}. What was done here stays.")
    say(tell.modules(me.course, me.progress))
    say(tell.position(me, me.module()))


def _standard_input() -> bytes:
    """What is given there, a little more than a progress at most. Raises UsageError where it is closed."""
    if sys.stdin is None:
        raise UsageError("standard input is closed", advice="labs progress import FILE reads a file.")
    return sys.stdin.buffer.read(SIZE + 1)
