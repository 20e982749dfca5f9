"""What is said about one step, and about one check in its four parts. Content, never markup."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from textual.content import Content

from grader.course import Step
from grader.outcome import Outcome, Status
from grader.text import clean, one_line
from labs.learning.live_view import View
from labs.tui import marks
from labs.tui.code import spoken
from labs.tui.lines import begun

_PART = "$quiet"


def step(found: Step, view: View | None, now: float, steps: Sequence[Step] = ()) -> list[Content]:
    """The lines that stand below the list of steps: what is waited for, then the step's checks,
    those that passed last. `steps` are all.
    """
    lines = [Content.assemble((f"{found.task}. {one_line(found.title)}", "bold")), Content("")]
    if not found.checks:
        lines.append(Content.styled("To read and to try; nothing is marked here.", _PART))
    report = view.report if view else None
    if found.checks and report is None:
        lines.append(Content.styled("Not graded yet.", _PART))
    mine = [one for one in report.outcomes if one.check in found.checks] if report else []
    for outcome in sorted(mine, key=lambda one: marks.of_outcome(one, view) is marks.PASSED):
        lines += [*check(outcome, view, now, steps), Content("")]
    if found.commands:
        lines.append(Content.styled("Commands of this step (r runs them):", _PART))
        told = (one for command in found.commands for one in begun(clean(command)))
        lines += [Content(f"  {'$' if begins else ' '} {line}") for line, begins in told]
    return lines


def check(outcome: Outcome, view: View | None, now: float, steps: Sequence[Step] = ()) -> Iterator[Content]:
    """One check: its mark, what it waits for, then its parts."""
    mark = marks.of_outcome(outcome, view)
    scored = f"  {outcome.points}/{outcome.max_points}"
    predicted = " (predicted from the file)" if outcome.predicted else ""
    yield Content.assemble(
        (f"{mark.shape} {mark.word}", f"bold {mark.colour}"), f"  {one_line(outcome.check)}{predicted}", (scored, _PART)
    )
    for one in view.waiting if view else ():
        if one.check == outcome.check:
            yield from part("waiting", f"{one.for_} (for {max(now - one.since, 0):.0f} s)")
    yield from parts(outcome, steps)


def parts(outcome: Outcome, steps: Sequence[Step] = ()) -> Iterator[Content]:
    """Expected, seen and where, why, next; of a check that passed only what was seen; then notes."""
    if outcome.status is Status.BLOCKED:
        yield from part("waits for", ", ".join(_named(one, steps) for one in outcome.needs))
        yield from part("seen", "" if outcome.seen == f"Waits for {', '.join(outcome.needs)}." else outcome.seen)
    elif outcome.status is Status.PASSED:
        yield from part("seen", outcome.seen)
    else:
        yield from part("expected", outcome.expected)
        yield from part("seen", outcome.seen)
        yield from part("where", outcome.where or "")
        yield from part("why", outcome.why)
        yield from part("next", outcome.next)
    for note in outcome.notes:
        yield from part("note", note)


def part(name: str, text: str) -> Iterator[Content]:
    """A labelled text; nothing where there is none to say."""
    if not text:
        return
    first, *rest = clean(text).splitlines() or [""]
    yield Content.assemble((f"  {name:9} ", _PART), spoken(first))
    for line in rest:
        yield Content("            ") + spoken(line)


def _named(check: str, steps: Sequence[Step]) -> str:
    """A check, and the step that it belongs to."""
    task = next((one.task for one in steps if check in one.checks), None)
    return check if task is None else f"{check} (step {task})"
