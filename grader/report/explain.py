"""One check, opened: each probe's question and answer, the line that decides, and the command that asks again."""

from __future__ import annotations

from collections.abc import Iterator

from grader.checks import behaviour, repeat, wording
from grader.checks.context import Context
from grader.checks.in_force import InForce
from grader.checks.probing import Reading
from grader.course import Exercise
from grader.errors import EnvironmentFault, UsageError
from grader.evidence.model import Evidence, ProbeAnswer
from grader.kyverno import explain
from grader.kyverno.doubt import CannotTell
from grader.outcome import SIMULATED, Outcome, Report
from grader.report import text
from grader.text import clean, one_line

_LABELS = ("expected", "seen", "where", "why", "next")


def write(check: str, report: Report, evidence: Evidence, exercise: Exercise) -> str:
    """All that the evidence holds on one check. Raises UsageError where the report did not ask it."""
    try:
        outcome = report.outcome(check)
    except KeyError:
        known = ", ".join(one.check for one in report.outcomes)
        raise UsageError(
            f"the profile {report.profile.value} does not ask {check}", advice=f"It asks: {known}."
        ) from None
    lines = list(_head(outcome))
    if evidence.cluster and evidence.cluster.simulated:
        lines += text.part("note", SIMULATED)
    return "\n".join([*lines, "", probes(check, evidence, exercise)])


def probes(check: str, evidence: Evidence, exercise: Exercise) -> str:
    """A paragraph for each probe that speaks for a check of the exercise, or why there is none."""
    if not any(spec.check == check for spec in exercise.probes):
        return "No probe speaks for this check: it reads files and objects.\n"
    lines = _probes(Context.begin(evidence, exercise, exercise.check(check)))
    return "\n".join(lines).rstrip() + "\n"


def _head(outcome: Outcome) -> Iterator[str]:
    yield f"{outcome.check}: {outcome.status.value}, {outcome.points} of {outcome.max_points} points"
    for label in _LABELS:
        found = getattr(outcome, label)
        if found:
            yield from text.part(label, found)
    for note in outcome.notes:
        yield from text.part("note", note)


def _probes(context: Context) -> Iterator[str]:
    try:
        found = behaviour.policies(context)
    except EnvironmentFault as fault:
        found = fault.message
    if isinstance(found, str):
        yield f"The probes say nothing yet: {found}"
        return
    for one in behaviour.answers(context, found):
        if one.spec.check == context.spec.id:
            yield from _probe(one, found)
            yield ""


def _probe(one: Reading, found: InForce) -> Iterator[str]:
    spec, answer = one.spec, one.answer
    yield f"{spec.id}: {'as expected' if one.fits else 'NOT as expected'}: {one_line(spec.says) or spec.expect}"
    yield from _line("asked", wording.asked(one))
    yield from _line("expected", spec.expect)
    yield from _line("seen", f"{one.seen.value}{' (predicted by a model of Kyverno)' if one.predicted else ''}")
    if one.words and not (answer and answer.denials):
        yield from _line("words", one.words)
    if answer is not None:
        yield from _answer(answer)
    yield from _deciding(one, found)
    if answer is not None and answer.question is not None:
        first, *more = repeat.exactly(spec, answer).splitlines()
        yield from _line("again", first)
        yield from more


def _answer(answer: ProbeAnswer) -> Iterator[str]:
    twice = ", asked twice" if answer.attempts > 1 else ""
    yield from _line("answer", f"{answer.answer.value} after {answer.milliseconds} ms{twice}")
    for policy, rules in answer.denials.items():
        for rule, reason in rules.items():
            yield from _line("denied by", f"{one_line(policy)}/{one_line(rule)}: {one_line(reason, 600)}")
    for policy, rules in answer.looked.items():
        for rule, said in rules.items():
            yield from _line("looked by", f"{one_line(policy)}/{one_line(rule)}: {one_line(said)}")
    if answer.message and not answer.denials:
        yield from _line("message", clean(answer.message, 600))


def _deciding(one: Reading, found: InForce) -> Iterator[str]:
    try:
        reason = explain.deciding_line(found.reviews, one.question)
    except CannotTell as doubt:
        yield from _line("line", f"the model of Kyverno cannot tell: {doubt.reason}")
        return
    if reason:
        told = "" if one.answer and reason.text in str(one.answer.denials) else f": {reason.text}"
        yield from _line("line", f"{one_line(reason.where, 400)}{told}")


def _line(label: str, said: str) -> Iterator[str]:
    yield f"  {label:9} {said}"
