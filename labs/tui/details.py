"""What is said about one step: each of its checks in four parts. Plain text, never markup."""

from __future__ import annotations

from grader.course import Step
from grader.outcome import Outcome, Report, Status
from grader.text import clean
from labs.tui.marks import SHAPES


def lines(step: Step, report: Report | None) -> list[str]:
    """The lines that stand below a step: its commands, then its checks."""
    found = [f"{step.task}. {step.title}"]
    found += [f"  $ {line}" for command in step.commands for line in command.splitlines()]
    if report is None:
        return [*found, "  Not graded yet: press g."] if step.checks else found
    for outcome in report.outcomes:
        if outcome.check in step.checks:
            found += _outcome(outcome)
    return found


def _outcome(outcome: Outcome) -> list[str]:
    shape, word = SHAPES[outcome.status]
    head = f"{shape} {outcome.check}: {word}"
    if outcome.predicted:
        head += " (predicted from the file)"
    found = [head]
    if outcome.status is Status.PASSED:
        found += _part("seen", outcome.seen)
    elif outcome.status is Status.BLOCKED:
        found += _part("waits for", ", ".join(outcome.needs)) + _part("seen", outcome.seen)
    else:
        found += _part("expected", outcome.expected)
        found += _part("seen", outcome.seen + (f" ({outcome.where})" if outcome.where else ""))
        found += _part("why", outcome.why) + _part("next", outcome.next)
    for note in outcome.notes:
        found += _part("note", note)
    return found


def _part(name: str, text: str) -> list[str]:
    if not text:
        return []
    first, *rest = clean(text).splitlines() or [""]
    return [f"  {name}: {first}", *(f"    {line}" for line in rest)]
