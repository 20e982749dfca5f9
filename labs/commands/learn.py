"""The course by commands: reading, checking, hints, solutions."""

from __future__ import annotations

import sys
from collections.abc import Iterable

from grader.course import Module
from grader.errors import UsageError
from grader.outcome import Outcome, Report, Status
from labs import console
from labs.commands import learn_tell as tell
from labs.commands.learn_text import plain
from labs.learning.learner import Learner
from labs.learning.standing import Standing

ASK_AGAIN = "Ask once more to see the solution: the hints may be all you need."


def learner(lab: str | None) -> Learner:
    """The learner at work; says what was wrong with the progress file."""
    found = Learner.of(lab)
    if found.progress.problem:
        console.say(found.progress.problem)
    return found


def say(lines: Iterable[str]) -> None:
    """Each line by itself."""
    for line in lines:
        console.say(line)


def modules(lab: str | None) -> None:
    """`labs modules`."""
    me = learner(lab)
    say(tell.modules(me.course, me.progress))


def text(lab: str | None, module: str | None, step: str | None) -> None:
    """`labs text`: a module's text, or that of one step with its commands."""
    me = learner(lab)
    found = me.module(module)
    if step is None:
        me.progress.enter(found.id)
        me.progress.save()
        say(plain(found.text))
        return
    chosen = me.step(found, step, _standing(me, found))
    me.enter(found, chosen)
    say(tell.lesson(found, chosen))


def steps(lab: str | None, module: str | None) -> None:
    """`labs steps`: every step and its state."""
    me = learner(lab)
    found = me.module(module)
    report = looked(me, found)
    me.progress.enter(found.id)
    me.progress.save()
    say(tell.steps(found, me.standing(found, report), report))


def where(lab: str | None) -> None:
    """`labs continue`: where one stands, and what to do next."""
    me = learner(lab)
    found = me.module()
    report = looked(me, found)
    standing = me.standing(found, report)
    say(tell.steps(found, standing, report))
    if standing.done:
        console.say(f"The module {found.id} is done.")
    if standing.done and standing.next is None:
        after = me.module()
        console.say(f"Next: labs text {after.id}" if after.id != found.id else "Every written module is done.")
        return
    if me.at(found).step is None:
        console.say(f"The module begins with a text to read: labs text {found.id}")
    chosen = me.step(found, None, standing)
    me.enter(found, chosen)
    console.say()
    say(tell.lesson(found, chosen))
    if standing.of(chosen.id).status is Status.BLOCKED:
        console.say("This step is proved when a later one is done. When you think that it is right: labs next.")
    console.say("Next: labs run, labs check, labs hint, labs next.")


def onward(lab: str | None, module: str | None, step: str | None) -> None:
    """`labs next`: goes on to the next step, or to the one named."""
    me = learner(lab)
    found = me.module(module)
    standing = _standing(me, found)
    if step is None:
        here = me.step(found, None, standing)
        index = found.exercise.steps.index(here) + 1
        if index == len(found.exercise.steps):
            console.say(f"This was the last step of {found.id}. labs check tells whether all is done.")
            return
        step = found.exercise.steps[index].id
    chosen = me.step(found, step, standing)
    me.enter(found, chosen)
    say(tell.lesson(found, chosen))


def check(lab: str | None, module: str | None, wanted: str | None, wait: str | None) -> None:
    """`labs check`: 0 all asked passed, 1 something failed or is blocked, 3 could not tell."""
    from grader.commands.waiting import seconds

    me = learner(lab)
    found = me.module(module)
    report = me.grade(found, seconds(wait) if wait else 0.0, console.say)
    asked = _asked(found, report, wanted)
    for one in asked:
        say(tell.outcome(one))
    if wanted is None:
        say(report.notes)
        console.say(tell.score(report))
    sys.exit(_exit_code(asked))


def _asked(module: Module, report: Report, wanted: str | None) -> list[Outcome]:
    """The outcomes of a check, of a step, or all. Raises UsageError."""
    names = {one.check for one in report.outcomes}
    if wanted is None:
        return list(report.outcomes)
    step = next((one for one in module.exercise.steps if wanted in (one.id, str(one.task))), None)
    chosen = names & ({wanted} if step is None else set(step.checks))
    if not chosen and step is None:
        raise UsageError("there is no such check", advice=f"Checks of {module.id}: {', '.join(sorted(names))}.")
    if not chosen:
        console.say("This step has no checks.")
    return [one for one in report.outcomes if one.check in chosen]


def _exit_code(asked: list[Outcome]) -> int:
    states = {one.status for one in asked}
    return 3 if Status.ERROR in states else 1 if states - {Status.PASSED} else 0


def hint(lab: str | None, module: str | None, step: str | None) -> None:
    """`labs hint`: one hint more, for the check that fails."""
    me = learner(lab)
    found = me.module(module)
    report = looked(me, found)
    chosen = me.step(found, step, me.standing(found, report))
    say(tell.hints(chosen, me.hint(found, chosen, report)))


def show(lab: str | None, module: str | None) -> None:
    """`labs show`: the reference solution when asked twice, then the other accepted ones."""
    me = learner(lab)
    found = me.module(module)
    if not found.solutions:
        console.say(f"The exercise of {found.id} has no files to show: its text and hints say all there is.")
        return
    may = me.ask_solution(found)
    if not may:
        console.say(ASK_AGAIN)
        return
    for one in may:
        say(tell.solution(one))
    if len(may) < len(found.solutions):
        console.say(f"Ask again for the {len(found.solutions) - 1} other accepted ones.")


def _standing(me: Learner, module: Module) -> Standing:
    """Where one stands; the lab is asked only where the course locks steps."""
    return me.standing(module, looked(me, module) if me.course.order == "gated" else None)


def looked(me: Learner, module: Module) -> Report | None:
    """A grading, if one can be had; else says why not."""
    report, problem = me.looked(module)
    if report is None:
        console.say(f"Not checked: {problem}")
    return report
