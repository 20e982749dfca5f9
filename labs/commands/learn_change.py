"""Going back, going ahead, and carrying the progress from machine to machine."""

from __future__ import annotations

from pathlib import Path

from labs import console
from labs.commands import learn_tell as tell
from labs.commands.learn import learner, say
from labs.learning.progress import Progress


def reset(lab: str | None, module: str | None, step: str | None) -> None:
    """`labs reset`: back to before a step, or to before all of the module."""
    me = learner(lab)
    say(tell.turned(me.reset(me.module(module), step, console.say), me.name))


def jump(lab: str | None, module: str | None, step: str) -> None:
    """`labs jump`: ahead to a step, with what comes before it built."""
    me = learner(lab)
    say(tell.turned(me.jump(me.module(module), step, console.say), me.name))


def show(lab: str | None) -> None:
    """`labs progress show`."""
    me = learner(lab)
    console.say(f"Progress file: {me.progress.file}")
    say(tell.modules(me.course, me.progress))
    for name, mine in sorted(me.progress.modules.items()):
        if mine.passed:
            console.say(f"Checks of {name} that once passed: {', '.join(sorted(mine.passed))}")


def export(lab: str | None, file: str) -> None:
    """`labs progress export`."""
    learner(lab).progress.export(Path(file))
    console.say(f"Written: {file}. On the other machine: labs progress import {file}")


def take_in(lab: str | None, file: str) -> None:
    """`labs progress import`: what either has gained stays."""
    other = Progress.imported(Path(file))
    me = learner(lab)
    me.progress.adopt(other)
    me.progress.save()
    console.say(f"Taken in: {file}. What was done here stays.")
    say(tell.modules(me.course, me.progress))
