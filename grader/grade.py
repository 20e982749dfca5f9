"""Judging: every check that the exercise asks, in its order, on one set of evidence."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from grader.checks import CHECKS
from grader.checks.context import Context
from grader.course import CheckSpec, Exercise, Module
from grader.errors import CourseError, EnvironmentFault, InputError, LabsError
from grader.evidence.model import Evidence
from grader.outcome import SIMULATED, Outcome, Profile, Report, Status, Verdict
from grader.provenance import provenance
from grader.text import clean, one_line, quoted

Check = Callable[[Context], Verdict]
Crash = Callable[[str, BaseException], None]
"""Told the check's name and what it raised."""

NOT_YOURS = "This is a fault of the surroundings, not of your work, and costs no points."
OWN_FAULT = "This is the grader's own fault, not yours, and costs no points."


def judge(
    module: Module, evidence: Evidence, *, checks: Mapping[str, Check] = CHECKS, on_crash: Crash | None = None
) -> Report:
    """All outcomes of one grading, in the exercise's order.

    The evidence's profile fixes which checks are asked. A check whose `needs` did not pass is
    not asked but blocked by their names; where a need could not be told, the check cannot be
    told either. A check that raises ends in `error`; `on_crash` is told what it raised.

    Raises CourseError where the exercise asks a check that there is not, or gives a wrong parameter,
    InputError for evidence of a profile that there is not.
    """
    profile = _profile(evidence)
    exercise = module.exercise
    outcomes: dict[str, Outcome] = {}
    context: Context | None = None
    for spec in asked(exercise, profile):
        if spec.id not in checks:
            raise CourseError(f"the exercise asks the check {spec.id}, which this grader does not have")
        verdict = _held_back(spec, outcomes)
        if verdict is None:
            context = context.turn(spec) if context else Context.begin(evidence, exercise, spec)
            verdict = _ask(checks[spec.id], context, on_crash)
        outcomes[spec.id] = _outcome(verdict, spec, exercise)
    finished = tuple(_traced(outcome, outcomes) for outcome in outcomes.values())
    return Report(module.id, profile, finished, _notes(evidence, profile), provenance(module, evidence))


def _profile(evidence: Evidence) -> Profile:
    try:
        return Profile(evidence.profile)
    except ValueError:
        known = " and ".join(profile.value for profile in Profile)
        raise InputError(f"the evidence is of the profile {quoted(evidence.profile)}; there are {known}") from None


def asked(exercise: Exercise, profile: Profile) -> tuple[CheckSpec, ...]:
    """The checks that a profile asks."""
    return tuple(spec for spec in exercise.checks if profile.value in spec.profiles)


def _held_back(spec: CheckSpec, outcomes: Mapping[str, Outcome]) -> Verdict | None:
    """The verdict of a check that cannot be asked yet, or None. A need that the profile leaves out holds nothing."""
    open_needs = [need for need in spec.needs if need in outcomes and outcomes[need].status is not Status.PASSED]
    if not open_needs:
        return None
    unmet = tuple(need for need in open_needs if outcomes[need].status is not Status.ERROR)
    if unmet:
        return Verdict(Status.BLOCKED, needs=unmet)
    return Verdict(
        Status.ERROR,
        seen=f"It rests on {_listed(tuple(open_needs))}, which could not be told.",
        why="What rests on something unknown is unknown itself; it counts neither way.",
        next=outcomes[open_needs[0]].next,
        needs=tuple(open_needs),
    )


def _ask(check: Check, context: Context, on_crash: Crash | None) -> Verdict:
    try:
        return check(context)
    except CourseError:
        raise
    except EnvironmentFault as fault:
        return Verdict(Status.ERROR, seen=fault.message, where=fault.where, why=NOT_YOURS, next=fault.advice or "")
    except Exception as error:
        if on_crash:
            on_crash(context.spec.id, error)
        said = one_line(str(error)) if isinstance(error, LabsError) else type(error).__name__
        return Verdict(
            Status.ERROR,
            seen=f"The check {context.spec.id} broke off: {said}.",
            why=OWN_FAULT,
            next="Grade again with --debug and report what it prints.",
        )


def _outcome(verdict: Verdict, spec: CheckSpec, exercise: Exercise) -> Outcome:
    return Outcome(
        check=spec.id,
        task=exercise.task_of(spec.id),
        status=verdict.status,
        points=spec.points if verdict.status is Status.PASSED else 0,
        max_points=spec.points,
        predicted=verdict.predicted,
        expected=clean(verdict.expected),
        seen=clean(verdict.seen),
        where=one_line(verdict.where, 400) if verdict.where else None,
        why=clean(verdict.why),
        next=clean(verdict.next),
        needs=verdict.needs,
        notes=tuple(clean(note) for note in verdict.notes),
    )


def _traced(outcome: Outcome, outcomes: Mapping[str, Outcome]) -> Outcome:
    """A blocked outcome, told what it waits for, down to the check where the work is."""
    if outcome.status is not Status.BLOCKED:
        return outcome
    chain, named = [_listed(outcome.needs)], set(outcome.needs)
    last, met = outcome, {outcome.check}
    while (need := next((n for n in last.needs if n in outcomes and n not in met), None)) and (
        outcomes[need].status is Status.BLOCKED
    ):
        last = outcomes[need]
        met.add(need)
        if more := tuple(name for name in last.needs if name not in named):
            chain.append(_listed(more))
            named.update(more)
    waits = f"Waits for {', which waits for '.join(chain)}."
    root = next((outcomes[n] for n in last.needs if n in outcomes and outcomes[n].status is not Status.BLOCKED), None)
    return replace(
        outcome,
        seen=f"{outcome.seen} {waits}".strip(),
        next=outcome.next or (root.next if root else ""),
    )


def _listed(names: tuple[str, ...]) -> str:
    return " and ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))


def _notes(evidence: Evidence, profile: Profile) -> tuple[str, ...]:
    repository = evidence.repository.notes if evidence.repository else ()
    own = []
    if profile is Profile.REPOSITORY:
        own.append("Graded without a cluster: only what files and history show was asked.")
    if evidence.cluster and evidence.cluster.simulated:
        own.append(SIMULATED)
    return tuple(clean(note) for note in (*own, *evidence.notes, *repository))
