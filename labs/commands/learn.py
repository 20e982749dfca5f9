"""The course by commands: reading, and going on."""

from __future__ import annotations

from collections.abc import Iterable

from grader.course import Module, Step
from grader.outcome import Report, Status
from labs import console
from labs.commands import head, unsaved
from labs.commands import learn_tell as tell
from labs.learning.learner import Learner
from labs.learning.standing import Standing

_MORE = "Next: labs run, labs check, labs hint, labs next."
_LAST = "Next: labs run, labs check, labs hint."


def learner(lab: str | None) -> Learner:
    """The learner at work; says what was wrong with the progress file, and at the end whether it could be written."""
    found = Learner.of(lab)
    unsaved.watch(found)
    if found.progress.problem:
        console.say(found.progress.problem)
    return found


def looking(lab: str | None) -> Learner:
    """The learner at work, for what shows the lab's state: says at its head where that is simulated."""
    found = learner(lab)
    head.say(found)
    return found


def say(lines: Iterable[str]) -> None:
    """Each line by itself."""
    for line in lines:
        console.say(line)


def place(me: Learner, module: str | None, wanted: str | None) -> tuple[Module, str | None]:
    """The module, and the step or check wanted in it: a word that names a module alone is taken for that.

    Raises UsageError.
    """
    names = {one.id for one in me.course.modules} | {one.id.partition("-")[0] for one in me.course.modules}
    if module is None and wanted in names:
        return me.module(wanted), None
    return me.module(module), wanted


def modules(lab: str | None) -> None:
    """`labs modules`."""
    me = looking(lab)
    say(tell.modules(me.course, me.progress))


def steps(lab: str | None, module: str | None) -> None:
    """`labs steps`: every step and its state."""
    me = looking(lab)
    found = me.module(module)
    report = looked(me, found)
    me.progress.enter(found.id)
    me.save()
    standing = me.standing(found, report)
    say(tell.steps(found, standing, report, me.step(found, None, standing)))


def where(lab: str | None) -> None:
    """`labs continue`: where one stands, and what to do next."""
    me = looking(lab)
    found = me.module()
    report = looked(me, found)
    standing = me.standing(found, report)
    if standing.done and standing.next is None:
        say(tell.steps(found, standing, report, None))
        say(finished(me, found))
        return
    new = me.at(found).step is None
    chosen = me.step(found, None, standing)
    say(tell.steps(found, standing, report, chosen))
    if standing.done:
        console.say(f"The module {found.id} is done.")
    if new:
        console.say(f"The module begins with a text. Read it first: labs text {found.id}, or part by part:")
        console.say(f"labs text {found.id} --sections.")
    me.enter(found, chosen)
    console.say()
    say(tell.lesson(found, chosen))
    say(_closing(found, chosen, report))


def finished(me: Learner, module: Module) -> Iterable[str]:
    """That a module is done, and what comes after it."""
    after = me.module()
    yield f"The module {module.id} is done."
    yield f"Next: labs text {after.id}" if after.id != module.id else "Every written module is done."


def onward(lab: str | None, module: str | None, step: str | None) -> None:
    """`labs next`: goes on to the next step, or to the one named."""
    me = looking(lab)
    found, step = place(me, module, step)
    report = me.looked(found)[0] if step is None or me.course.order == "gated" else None
    standing = me.standing(found, report)
    if step is None:
        here = me.step(found, None, standing)
        index = found.exercise.steps.index(here) + 1
        if index == len(found.exercise.steps):
            console.say(f"This was the last step of {found.id}. labs check tells whether all is done.")
            return
        if _is_lacking(found, here, standing, report):
            console.say(f"Step {here.task} is not done: labs check {here.task} tells what is missing. Going on:")
            console.say()
        step = found.exercise.steps[index].id
    chosen = me.step(found, step, standing)
    me.enter(found, chosen)
    say(tell.lesson(found, chosen))
    say(_closing(found, chosen, report))


def _is_lacking(module: Module, step: Step, standing: Standing, report: Report | None) -> bool:
    """Whether something of a step is to be mended before one goes on: not where a later step proves it."""
    if report is None or standing.of(step.id).status in (None, Status.PASSED):
        return False
    lacks = [one.check for one in report.outcomes if one.check in step.checks and one.status is not Status.PASSED]
    return any(tell.waiting(module, report, check) is None for check in lacks)


def _closing(module: Module, step: Step, report: Report | None) -> Iterable[str]:
    """What is to be known of a step that cannot be proved yet, and which commands there are."""
    waits = [tell.waiting(module, report, check) for check in step.checks] if report else []
    if line := next(filter(None, waits), None):
        yield from tell.wrapped([f"Not proved yet. {line}"])
        yield "When you think that it is right: labs next."
    yield _LAST if step == module.exercise.steps[-1] else _MORE


def standing_of(me: Learner, module: Module) -> Standing:
    """Where one stands; the lab is asked only where the course locks steps."""
    return me.standing(module, looked(me, module) if me.course.order == "gated" else None)


def looked(me: Learner, module: Module) -> Report | None:
    """A grading, if one can be had; else says why not."""
    report, problem = me.looked(module)
    if report is None:
        console.say(f"Not checked: {problem}")
    return report
