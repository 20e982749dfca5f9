"""One check's probes, opened: what was asked, what was answered, and the `kubectl` that asks it again."""

from __future__ import annotations

import json
from collections.abc import Iterator

from grader.course import Exercise, ProbeSpec
from grader.errors import UsageError
from grader.evidence.model import Evidence, ProbeAnswer
from grader.outcome import Outcome, Report
from grader.text import clean, one_line

_IDENTITIES = {
    "administrator": "",
    "crossplane": " --as=system:serviceaccount:crossplane-system:crossplane"
    " --as-group=system:serviceaccounts --as-group=system:authenticated",
}


def write(check: str, report: Report, evidence: Evidence, exercise: Exercise) -> str:
    """All that the evidence holds on one check. Raises UsageError where the report did not ask it."""
    try:
        outcome = report.outcome(check)
    except KeyError:
        known = ", ".join(one.check for one in report.outcomes)
        raise UsageError(
            f"the profile {report.profile.value} does not ask {check}", advice=f"It asks: {known}."
        ) from None
    lines = [*_head(outcome), ""]
    specs = [spec for spec in exercise.probes if spec.check == check]
    for spec in specs:
        lines += [*_probe(spec, evidence.answer(spec.id)), ""]
    if not specs:
        lines.append("No probe speaks for this check: it reads files and objects.")
    return "\n".join(lines).rstrip() + "\n"


def _head(outcome: Outcome) -> Iterator[str]:
    yield f"{outcome.check}: {outcome.status.value}, {outcome.points} of {outcome.max_points} points"
    for label in ("expected", "seen", "where", "why"):
        text = getattr(outcome, label)
        if text:
            yield f"  {label}: {text}"


def _probe(spec: ProbeSpec, answer: ProbeAnswer | None) -> Iterator[str]:
    yield f"{spec.id}: {spec.says or spec.expect}"
    place = f"{spec.sample} as {spec.where}, by {spec.reference}"
    yield f"  asked     {spec.kind} in {spec.namespace}, {place}, as {spec.identity}"
    yield f"  expected  {spec.expect}"
    if answer is None:
        yield "  answered  it was not put"
        return
    yield f"  answered  {answer.answer.value} in {answer.milliseconds} ms" + (
        ", asked twice" if answer.attempts > 1 else ""
    )
    for policy, rules in answer.denials.items():
        for rule, reason in rules.items():
            yield f"  denied by {one_line(policy)} / {one_line(rule)}: {one_line(reason, 600)}"
    for policy, rules in answer.looked.items():
        for rule, said in rules.items():
            yield f"  looked at by {one_line(policy)} / {one_line(rule)}: {one_line(said)}"
    if answer.message and not answer.denials:
        yield f"  message   {clean(answer.message, 600)}"
    if answer.question is not None:
        yield from _command(spec, answer)


def _command(spec: ProbeSpec, answer: ProbeAnswer) -> Iterator[str]:
    """The request as a command. Ephemeral containers cannot be asked for by a manifest."""
    if spec.where == "ephemeral":
        yield f"  again     kubectl -n {spec.namespace} debug POD --image={one_line(answer.image)}  (no dry run)"
        return
    yield f"  again     kubectl create --dry-run=server{_IDENTITIES[spec.identity]} -f - <<'EOF'"
    yield from json.dumps(answer.question, indent=1).splitlines()
    yield "EOF"
