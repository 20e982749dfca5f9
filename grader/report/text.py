"""The report for a person at a terminal: plain words and shapes, so that colour is never needed."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator
from dataclasses import replace

from grader.course import Exercise, Step
from grader.outcome import Outcome, Profile, Report, Status

WORDS = {Status.PASSED: "PASS", Status.FAILED: "FAIL", Status.BLOCKED: "BLOCKED", Status.ERROR: "ERROR"}
_COLOURS = {Status.PASSED: "32", Status.FAILED: "31", Status.BLOCKED: "33", Status.ERROR: "35"}
_LABELS = {
    Status.PASSED: (),
    Status.FAILED: ("expected", "seen", "where", "why", "next"),
    Status.BLOCKED: ("seen",),
    Status.ERROR: ("seen", "where", "why", "next"),
}
_INDENT = " " * 10
_CODE = re.compile("`[^`]+`")
_HOLD = "\ue000"
WIDTH = 100
"""Characters in a line; places and commands are never broken."""


def write(report: Report, exercise: Exercise, *, colour: bool = False) -> str:
    """The whole report, grouped by the exercise's tasks, with the total and all notes at the end."""
    lines = [*_head(report), ""]
    outcomes = list(_once(report.outcomes))
    for step in exercise.steps:
        mine = [outcome for outcome in outcomes if outcome.check in step.checks]
        if mine:
            lines += [*_step(step, mine, colour), ""]
    lines += _total(report)
    lines += [line for note in report.notes for line in _wrapped(f"Note: {note}", "      ")]
    return "\n".join(lines) + "\n"


def _head(report: Report) -> Iterator[str]:
    provenance = report.provenance
    subject = "the repository alone" if report.profile is Profile.REPOSITORY else "the repository and the cluster"
    if provenance.get("simulated"):
        subject = "the repository and a SIMULATED cluster"
    yield f"{report.module}: graded from {subject} (profile {report.profile.value})"
    commit = provenance.get("commit")
    yield f"commit {commit[:12] if isinstance(commit, str) else 'none'}, {provenance.get('collected_at') or 'no time'}"


def _once(outcomes: tuple[Outcome, ...]) -> Iterator[Outcome]:
    """The outcomes; one fault of the surroundings that hits several checks is told at the first alone."""
    first: dict[str, str] = {}
    for outcome in outcomes:
        if outcome.status is not Status.ERROR or first.setdefault(outcome.seen, outcome.check) == outcome.check:
            yield outcome
        else:
            yield replace(outcome, seen=f"The same as {first[outcome.seen]}.", where=None, why="", next="")


def _step(step: Step, outcomes: list[Outcome], colour: bool) -> Iterator[str]:
    points = f"{sum(o.points for o in outcomes)}/{sum(o.max_points for o in outcomes)}"
    yield f"{step.task}. {step.title}  {points}"
    for outcome in outcomes:
        yield from _outcome(outcome, colour)


def _outcome(outcome: Outcome, colour: bool) -> Iterator[str]:
    word = f"{WORDS[outcome.status]:7}"
    if colour:
        word = f"\x1b[{_COLOURS[outcome.status]}m{word}\x1b[0m"
    predicted = "  (predicted, not seen on a cluster)" if outcome.predicted else ""
    yield f"  {word} {outcome.check}  {outcome.points}/{outcome.max_points}{predicted}"
    for label in _LABELS[outcome.status]:
        text = getattr(outcome, label)
        if text:
            yield from part(label, text)
    for note in outcome.notes:
        yield from part("note", note)


def part(label: str, text: str) -> Iterator[str]:
    """One labelled part of an outcome; longer text is wrapped below itself."""
    head = f"{_INDENT}{label:9} "
    blank = " " * len(head)
    lines = text.splitlines() if label in ("next", "where") else list(_wrapped(text, "", len(head)))
    yield head + lines[0]
    for line in lines[1:]:
        yield blank + line


def _wrapped(text: str, hang: str, used: int = 0) -> Iterator[str]:
    for line in text.splitlines() or [""]:
        held = _CODE.sub(lambda found: found.group().replace(" ", _HOLD), line)
        lines = textwrap.wrap(
            held, WIDTH - used, subsequent_indent=hang, break_long_words=False, break_on_hyphens=False
        ) or [""]
        yield from (one.replace(_HOLD, " ") for one in lines)


def _total(report: Report) -> Iterator[str]:
    if report.conclusive:
        yield f"Score: {report.score} of {report.max_score}"
        return
    unsure = [outcome.check for outcome in report.outcomes if outcome.status is Status.ERROR]
    yield f"No mark: it could not be told whether {', '.join(unsure)} would pass."
    yield f"{report.score} of {report.max_score} points were proved; this cannot be shown as a mark."
