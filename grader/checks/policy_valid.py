"""Task 2, second half: the API server and Kyverno would take the policy as it is written."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from grader.checks.candidates import Broken, Candidate
from grader.checks.commands import TO_MEND, Show
from grader.checks.context import Context
from grader.checks.policy_file import no_repository, syntax
from grader.kyverno.oracle import review
from grader.kyverno.place import Place
from grader.kyverno.problem import Problem
from grader.kyverno.review import PolicyReview
from grader.kyverno.spelling import nearest
from grader.manifest import Document, Path
from grader.outcome import Profile, Status, Verdict
from grader.text import one_line, quoted, suspicious

VALID = "The API server and Kyverno accept the policy as it is written, and know every field in it."
_WHY_SYNTAX = "A manifest that cannot be read reaches neither Kyverno nor Argo CD."
_WHY_REFUSED = "A policy that is refused is never in force, however right the rest of it is."
_WHY_PRUNED = (
    "kubectl refuses a field that is not known there; Argo CD's way of applying leaves it out silently, and a policy "
    "without it does something else."
)
_ASCII_FIELDS = ("imageReferences", "skipImageReferences", "subject", "issuer", "url")
_MOST = 3


def valid(context: Context) -> Verdict:
    """`policy.valid`: nothing in the policy would be refused or left out (Kyverno 1.19, strict reading)."""
    repository = context.repository
    if repository is None:
        return no_repository(VALID)
    show = Show.of(context, repository)
    broken = syntax(context)
    if broken:
        return _unreadable(broken, show)
    if context.policy is None:
        return Verdict(Status.BLOCKED, expected=VALID, needs=("policy.present",))
    verdict = _reviewed(*_asked(context), show)
    return replace(verdict, predicted=context.evidence.profile == Profile.REPOSITORY)


def _reviewed(wanted: list[Candidate], others: list[Candidate], show: Show) -> Verdict:
    reviews = [(candidate, found) for candidate in wanted for found in review([candidate.document])]
    for candidate, found in reviews:
        if not found.strictly_accepted:
            return _refused(found, candidate, show).noting(*_letters(candidate.document))
    notes = [f"{one.where}: Kyverno only warns: {_sentence(one)}" for _, found in reviews if (one := found.warning)]
    letters = [note for candidate in wanted for note in _letters(candidate.document)]
    return Verdict(
        Status.PASSED,
        expected=VALID,
        seen=f"{', '.join(quoted(one.path) for one in wanted)}.",
        notes=(*notes, *_refused_besides(others), *letters),
    )


def _asked(context: Context) -> tuple[list[Candidate], list[Candidate]]:
    """The policies that the exercise is about, and what else would be in force beside them."""
    chosen = [one for one in context.policies if one.verifies_images]
    if not chosen and context.policy:
        chosen = [context.policy]
    return chosen, [one for one in context.policies if one not in chosen]


def _unreadable(broken: Broken, show: Show) -> Verdict:
    error = broken.error
    repair = f"\n{TO_MEND} {error.advice}" if error.advice else ""
    return Verdict(
        Status.FAILED,
        expected=VALID,
        seen=f"{quoted(broken.file.path)} cannot be read: {one_line(error.message, 300)}.{repair}",
        where=error.where,
        why=_WHY_SYNTAX,
        next=show.lines(broken.file.path, error.line),
    )


def _refused(found: PolicyReview, candidate: Candidate, show: Show) -> Verdict:
    """The failure for the first reason that a learner would meet: kubectl is strict about fields before all else."""
    problems = (*found.pruned, *(one for one in found.problems if not _follows(one, found.pruned)))
    more = len(problems) - _MOST
    told = "\n".join(_told(one) for one in problems[:_MOST]) + (f"\nAnd {more} more." if more > 0 else "")
    return Verdict(
        Status.FAILED,
        expected=VALID,
        seen=told,
        where=problems[0].where,
        why=_WHY_PRUNED if found.pruned else _WHY_REFUSED,
        next=show.dry_run(candidate.path),
    )


def _follows(one: Problem, unknown: Sequence[Problem]) -> bool:
    """Whether something is only missing where an unknown field was left out, or by a field that is misspelt."""
    return any(_left_out(one.place, field.place) for field in unknown)


def _left_out(missing: Place, unknown: Place) -> bool:
    if unknown.path[: len(missing.path)] == missing.path:
        return True
    beside = missing.path and missing.path[:-1] == unknown.path[:-1] and missing.value is None
    return bool(beside) and nearest(str(unknown.path[-1]), (str(missing.path[-1]),)) != ""


def _told(one: Problem) -> str:
    mend = f"\n{TO_MEND} {one.repair}" if one.repair else ""
    return f"line {one.place.document.position(*one.place.path).line}: {one.reason}.{mend}"


def _sentence(one: Problem) -> str:
    """The reason and the repair."""
    return f"{one.reason}. {one.repair}".strip()


def _refused_besides(others: list[Candidate]) -> Iterator[str]:
    """Further policies cost nothing, but a refused one keeps the whole folder from being synced."""
    for candidate in others:
        for found in review([candidate.document]):
            if not found.accepted:
                yield f"{candidate.document.where()}: another policy beside yours would be refused: {found.reason}"


def _letters(document: Document) -> Iterator[str]:
    """Letters that only look like the right ones, where only ASCII makes sense."""
    for path, value in _texts(document.value, ()):
        odd = suspicious(value)
        field = next((step for step in reversed(path) if isinstance(step, str)), "")
        if odd and any(step in _ASCII_FIELDS for step in path):
            where = document.where(*path)
            yield f"{where}: {field} holds {odd}, which only looks like a plain letter, or cannot be seen."


def _texts(value: Any, path: Path) -> Iterator[tuple[Path, str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _texts(item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _texts(item, (*path, index))
