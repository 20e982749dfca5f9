"""What the plain twin says: one fact a line, every state in a word."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from grader.course import Course, Module, Step
from grader.outcome import Outcome, Report, Status
from grader.text import clean
from labs.commands.learn_fold import folded
from labs.commands.learn_text import inline, plain
from labs.learning.hints import Hints
from labs.learning.learner import Learner
from labs.learning.probes import ordered
from labs.learning.progress import Progress
from labs.learning.solutions import Solution
from labs.learning.standing import Standing, StepStanding, comes_first

WORDS = {
    Status.PASSED: "passed",
    Status.FAILED: "failed",
    Status.BLOCKED: "blocked",
    Status.ERROR: "could not tell",
}
_STATES = {"read": "to read", "current": "to do now"}
_AS_THEY_ARE = ("where", "next")
_QUOTED = re.compile(r"`([^`\n]+)`")
_AGAIN = "\n  again "
_MOST = 200_000
_PARTS = ("expected", "seen", "where", "why", "next")


def modules(course: Course, progress: Progress) -> Iterator[str]:
    """One line a module."""
    yield f"Course: {course.title}"
    for module in course.modules:
        mine = progress.module(module.id)
        state = "not written yet" if not module.written else "done" if mine.done else "begun" if mine.step else "open"
        score = f", best score {mine.score} of {mine.max_score}" if mine.max_score else ""
        score += " (simulated)" if mine.simulated else ""
        yield f"Module {module.id}, {state}{score}: {module.title}"


def steps(module: Module, standing: Standing, report: Report | None, here: Step | None) -> Iterator[str]:
    """One line a step, with the one that one is at marked, then the sum."""
    yield f"Module {module.id}: {module.title}"
    at = module.exercise.steps.index(here) if here else len(standing.steps)
    for index, one in enumerate(standing.steps):
        waits = report and any(comes_first(module, report, check) for check in one.step.checks)
        yield step(one, here=index == at, begun=index <= at, waits=bool(waits))
    if report:
        yield score(report)


def step(one: StepStanding, *, here: bool, begun: bool = True, waits: bool = False) -> str:
    """A step in a line: number, state in words, title, points.

    What was not begun has not failed; what `waits` for a later step is not proved yet.
    """
    state = _STATES.get(one.state, one.state)
    if one.status and one.state not in ("done", "read"):
        untouched = one.status in (Status.FAILED, Status.BLOCKED) and not begun and not one.points
        proof = ", not proved yet" if waits and one.status is Status.BLOCKED else f", {WORDS[one.status]}"
        state += ", not yet" if untouched else proof
    points = f" {one.points} of {one.max_points} points." if one.max_points else ""
    return f"{'You are here: ' if here else ''}Step {one.step.task}, {state}: {one.step.title}.{points}"


def score(report: Report) -> str:
    """The sum of a grading."""
    if report.conclusive:
        simulated = ", simulated" if report.provenance.get("simulated") else ""
        return f"Score: {report.score} of {report.max_score}{simulated}."
    return f"No score: something could not be told. {report.score} of {report.max_score} points are proved."


def lesson(module: Module, one: Step) -> Iterator[str]:
    """What the text says on a step, and its commands."""
    yield from plain(module.text, one.anchor) or [f"Step {one.task}: {one.title}"]
    yield from commands(one)


def commands(one: Step) -> Iterator[str]:
    """The commands of a step."""
    if not one.commands:
        yield "This step has no command to run: the text tells what to do."
        return
    yield f"Commands of step {one.task}; “labs run” runs them in the lab's shell:"
    yield from (line for command in one.commands for line in command.splitlines())
    if one.refused:
        yield f"Meant to be refused: command {' and '.join(map(str, one.refused))} of {len(one.commands)}."


def waiting(module: Module, report: Report, check: str) -> str | None:
    """A line on a check that only a later step can prove; None where there is something to mend before that."""
    first = comes_first(module, report, check)
    if first is None:
        return None
    return (
        f"Step {first.task} comes first ({first.title}). Nothing in your file is known to be wrong: go on with step "
        f"{first.task}, and this is judged once what it waits for is there."
    )


def outcome(one: Outcome, waits: str | None = None) -> Iterator[str]:
    """One check: its state, and its parts where it did not pass. `waits` says in plain words that it comes later."""
    predicted = " (predicted from the file)" if one.predicted else ""
    state = "not proved yet" if waits else WORDS[one.status]
    yield f"Check {one.check}: {state}{predicted}. {one.points} of {one.max_points} points."
    if waits:
        yield from folded(waits, indent="  ", later="  ")
    if one.status is not Status.PASSED:
        for name in _PARTS:
            yield from _part(name, getattr(one, name) or "")
    for note in one.notes:
        yield from _part("note", note)


def probes(told: str) -> Iterator[str]:
    """The probes of a check as `grader.report.explain` tells them, those that are not as expected first.

    The command that asks one again stands as it is, at its end.
    """
    before, found = ordered(clean(told, _MOST))
    for line in before.splitlines():
        yield from folded(line, indent="  ", later="  ")
    for one in found:
        said, mark, again = one.text.partition(_AGAIN)
        yield ""
        for line in f"Probe {said}".splitlines():
            yield from folded(line, later=" " * 12)
        yield from f"{mark.strip(chr(10))}{again}".splitlines()


def _part(name: str, text: str) -> Iterator[str]:
    lines = _QUOTED.sub("“\\1”", clean(text)).splitlines()
    if name in _AS_THEY_ARE and lines:
        yield f"  {name}: {lines[0]}"
        yield from (f"    {line}" for line in lines[1:])
        return
    for index, line in enumerate(lines):
        yield from folded(line, indent="    " if index else f"  {name}: ", later="    ")


def position(me: Learner, module: Module) -> Iterator[str]:
    """Where one is, by the progress alone."""
    task = next((one for one in module.exercise.steps if one.id == me.at(module).step), module.exercise.steps[0])
    yield f"You are at step {task.task} of module {module.id}: {task.title}. Next: labs continue."


def wrapped(lines: Iterable[str]) -> Iterator[str]:
    """Each sentence to the width of the page; names of files stay whole."""
    for line in lines:
        yield from folded(line)


def hints(one: Step, found: Hints, before: int = 0) -> Iterator[str]:
    """The hints after those that were shown `before`, by number."""
    if not one.hints:
        yield f"Step {one.task} has no hints: the text says all there is."
        return
    if before >= len(found.visible):
        yield f"Step {one.task} has no more hints: these were all {found.total}. “labs hint --all” tells them again."
        return
    yield f"Step {one.task}" + (f", for the check {found.chosen_for}:" if found.chosen_for else ":")
    for number, text in enumerate(found.visible[before:], before + 1):
        yield from folded(f"Hint {number} of {found.total}. {inline(text)}")
    yield "“labs hint” gives one more." if found.more else "These are all; “labs show” shows the solution."


def solutions(found: Sequence[Solution]) -> Iterator[str]:
    """The accepted solutions by their titles."""
    yield f"{len(found)} accepted solutions. To see one: labs show 1, to labs show {len(found)}."
    yield from (f"Solution {number}: {one.title}" for number, one in enumerate(found, 1))


def solution(one: Solution) -> Iterator[str]:
    """A solution with its files."""
    yield from folded(f"Solution: {one.title}. {inline(one.note)}")
    for path, text in one.files:
        yield f"File {path}:"
        yield from clean(text, 1 << 18).splitlines()
        yield "End of file."
