"""What the plain twin says: one fact a line, every state in a word."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator

from grader.course import Course, Module, Step
from grader.outcome import Outcome, Report, Status
from grader.text import clean
from labs.commands.learn_fold import folded
from labs.commands.learn_text import inline, plain
from labs.learning.hints import Hints
from labs.learning.learner import Learner
from labs.learning.progress import Progress
from labs.learning.solutions import Solution
from labs.learning.standing import Standing, StepStanding

WORDS = {
    Status.PASSED: "passed",
    Status.FAILED: "failed",
    Status.BLOCKED: "blocked",
    Status.ERROR: "could not tell",
}
_STATES = {"read": "to read", "current": "to do now"}
_PARTS = ("expected", "seen", "where", "why", "next")


def modules(course: Course, progress: Progress) -> Iterator[str]:
    """One line a module."""
    yield f"Course: {course.title}"
    for module in course.modules:
        mine = progress.module(module.id)
        state = "not written yet" if not module.written else "done" if mine.done else "begun" if mine.step else "open"
        score = f", best score {mine.score} of {mine.max_score}" if mine.max_score else ""
        yield f"Module {module.id}, {state}{score}: {module.title}"


def steps(module: Module, standing: Standing, report: Report | None) -> Iterator[str]:
    """One line a step, then the sum."""
    yield f"Module {module.id}: {module.title}"
    yield from (step(one, here=one == standing.next) for one in standing.steps)
    if report:
        yield score(report)


def step(one: StepStanding, *, here: bool) -> str:
    """A step in a line: number, state in words, title, points."""
    state = _STATES.get(one.state, one.state)
    if one.status and one.state not in ("done", "read"):
        state += f", {WORDS[one.status]}"
    points = f" {one.points} of {one.max_points} points." if one.max_points else ""
    return f"Step {one.step.task}, {state}: {one.step.title}.{points}{' You are here.' if here else ''}"


def score(report: Report) -> str:
    """The sum of a grading."""
    if report.conclusive:
        return f"Score: {report.score} of {report.max_score}."
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
    yield from (f"    {line}" for command in one.commands for line in command.splitlines())


def outcome(one: Outcome) -> Iterator[str]:
    """One check: its state, and its parts where it did not pass."""
    predicted = " (predicted from the file)" if one.predicted else ""
    yield f"Check {one.check}: {WORDS[one.status]}{predicted}. {one.points} of {one.max_points} points."
    if one.status is not Status.PASSED:
        for name in _PARTS:
            yield from _part(name, getattr(one, name) or "")
    for note in one.notes:
        yield from _part("note", note)


def _part(name: str, text: str) -> Iterator[str]:
    lines = clean(text).splitlines()
    if lines:
        yield f"  {name}: {lines[0]}"
        yield from (f"    {line}" for line in lines[1:])


def position(me: Learner, module: Module) -> Iterator[str]:
    """Where one is, by the progress alone."""
    task = next((one for one in module.exercise.steps if one.id == me.at(module).step), module.exercise.steps[0])
    yield f"You are at step {task.task} of module {module.id}: {task.title}. Next: labs continue."


def wrapped(lines: Iterable[str]) -> Iterator[str]:
    """Each sentence to the width of the page; names of files stay whole."""
    for line in lines:
        yield from folded(line)


def hints(one: Step, found: Hints) -> Iterator[str]:
    """The hints that may be read, by number."""
    if not one.hints:
        yield f"Step {one.task} has no hints: the text says all there is."
        return
    about = f" for the check {found.chosen_for}" if found.chosen_for else ""
    yield f"Hints to step {one.task}{about}:"
    for number, text in enumerate(found.visible, 1):
        yield from textwrap.wrap(f"{number}. {inline(text)}", 79, subsequent_indent="   ")
    yield "“labs hint” gives one more." if found.more else "These are all; “labs show” shows the solution."


def solution(one: Solution) -> Iterator[str]:
    """A solution with its files."""
    yield f"Solution: {one.title}. {inline(one.note)}"
    for path, text in one.files:
        yield f"File {path}:"
        yield from (f"    {line}" for line in clean(text, 1 << 18).splitlines())
        yield "End of file."
