"""The course by commands: what is right, what is not yet, and help with it."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from grader.course import Module, Step
from grader.errors import UsageError
from grader.evidence.model import Evidence
from grader.outcome import SIMULATED, Outcome, Report, Status
from grader.report import explain
from labs import console
from labs.commands import learn_tell as tell
from labs.commands.learn import finished, learner, looked, looking, place, say
from labs.learning.standing import roots_of

ASK_AGAIN = "Ask once more to see the solution: the hints may be all you need."


def check(
    lab: str | None, module: str | None, wanted: str | None, wait: str | None, *, everything: bool, probes: bool
) -> None:
    """`labs check`: 0 all asked passed, 1 something failed or is blocked, 3 could not tell."""
    from grader.commands.waiting import seconds

    me = looking(lab)
    found, wanted = place(me, module, wanted)
    patience = seconds(wait) if wait else 0.0
    evidence = me.evidence(found, patience, console.say) if probes else None
    report = me.judged(found, evidence) if evidence else me.grade(found, patience, console.say)
    asked = _asked(found, report, wanted)
    if wanted is None:
        console.say(f"Module {found.id}: {found.title}")
        console.say(tell.score(report))
        say(tell.wrapped(note for note in report.notes if note != SIMULATED or not me.is_simulated))
    if wanted is None and not everything and evidence is None:
        say(_briefly(found, report))
    else:
        say(_each(found, report, asked, evidence))
    if wanted is None and me.standing(found, report).done:
        say(finished(me, found))
    sys.exit(_exit_code(asked))


def _each(module: Module, report: Report, asked: list[Outcome], evidence: Evidence | None) -> Iterator[str]:
    """Every check that was asked for; with `evidence` its probes too."""
    for one in asked:
        yield from tell.outcome(one, tell.waiting(module, report, one.check))
        if evidence:
            yield from tell.probes(explain.probes(one.check, evidence, module.exercise))


def _briefly(module: Module, report: Report) -> Iterator[str]:
    """What passed by name; the first thing to mend in full; how much waits for it, and what else there is."""
    open_ = [one for one in report.outcomes if one.status is not Status.PASSED]
    passed = [one.check for one in report.outcomes if one.status is Status.PASSED]
    if passed:
        yield from tell.wrapped([f"Passed: {', '.join(passed)}."])
    if not open_:
        return
    told = {one.check: one for one in report.outcomes}
    first = next((one for one in open_ if one.status is not Status.BLOCKED), open_[0])
    yield "First to look at:"
    yield from tell.outcome(first, tell.waiting(module, report, first.check))
    rest = [one for one in open_ if one is not first]
    wait = [one.check for one in rest if one.status is Status.BLOCKED and first.check in roots_of(one, told)]
    others = [one.check for one in rest if one.check not in wait]
    if wait:
        yield from tell.wrapped([f"{len(wait)} more wait for it: {', '.join(wait)}."])
    if others:
        yield from tell.wrapped([f"Not passed either: {', '.join(others)}."])
    if rest:
        yield "labs check --all tells of each."


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


def hint(lab: str | None, module: str | None, step: str | None, *, everything: bool) -> None:
    """`labs hint`: one hint more, for the check that fails; `everything`: those that were shown before too.

    Of a step that is done, all may be read at once.
    """
    me = looking(lab)
    found, step = place(me, module, step)
    report = looked(me, found)
    standing = me.standing(found, report)
    chosen = me.step(found, step, standing)
    if step is None:
        chosen = _in_need(found, chosen, report) or chosen
    if standing.of(chosen.id).state == "done":
        say(tell.hints(chosen, me.hints(found, chosen, report)))
        return
    before = me.hints(found, chosen, report)
    after = me.hint(found, chosen, report)
    say(tell.hints(chosen, after, 0 if everything else len(before.visible)))


def _in_need(module: Module, here: Step, report: Report | None) -> Step | None:
    """The step of the first check that failed, where the step that one is at lacks nothing."""
    told = {one.check: one.status for one in report.outcomes} if report else {}
    if any(told.get(check, Status.PASSED) is not Status.PASSED for check in here.checks):
        return None
    failed = next((check for check, status in told.items() if status is Status.FAILED), None)
    return next((one for one in module.exercise.steps if failed in one.checks), None)


def show(lab: str | None, module: str | None, number: int | None) -> None:
    """`labs show`: the reference solution when asked twice, then the other accepted ones, by their numbers.

    Raises UsageError for a number that there is not.
    """
    me = learner(lab)
    found = me.module(module)
    if not found.solutions:
        console.say(f"The exercise of {found.id} has no files to show: its text and hints say all there is.")
        return
    may = me.ask_solution(found)
    if not may:
        console.say(ASK_AGAIN)
    elif number is not None and not 1 <= number <= len(found.solutions):
        raise UsageError("there is no such solution", advice=f"There are 1 to {len(found.solutions)}.")
    elif number is not None and number <= len(may):
        say(tell.solution(may[number - 1]))
    elif len(may) < len(found.solutions):
        say(tell.solution(may[0]))
        console.say(f"Ask again for the {len(found.solutions) - 1} other accepted ones.")
    else:
        say(tell.solutions(may))
