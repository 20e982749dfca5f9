"""Whose fault an unexpected answer is: one mistake fails one check.

The live answer decides that something is wrong. Where it could have several reasons (a provider
that is not looked at: the wrong namespace, or the wrong pattern?) the manifest tells which.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from grader.checks.probing import Reading, Seen
from grader.kyverno import explain
from grader.kyverno.clause import Clause
from grader.kyverno.doubt import CannotTell
from grader.kyverno.public_good import WORLD
from grader.kyverno.request import Probe
from grader.kyverno.review import PolicyReview
from grader.kyverno.stopping import stopped

SCOPE, IMAGES, ENFORCED, IDENTITY = "policy.scope", "policy.images", "policy.enforced", "policy.identity"
_BEHAVIOUR = frozenset({SCOPE, IMAGES, ENFORCED, IDENTITY})
_OF_IMAGES = frozenset({"imageReferences", "skipImageReferences", "image", "verifyImages"})
_REFUSED = (Seen.DENIED, Seen.BESIDE)


@dataclass(frozen=True, slots=True)
class Deviation:
    """One answer that is not the one expected, the check that it belongs to, and the line that is the reason."""

    reading: Reading
    check: str
    clause: Clause | None = None


@dataclass(frozen=True, slots=True)
class Findings:
    """All deviations of one grading; `forgiven` are right answers of another kind (autogen is off)."""

    readings: tuple[Reading, ...]
    deviations: tuple[Deviation, ...]
    forgiven: tuple[Reading, ...]

    def against(self, check: str) -> list[Deviation]:
        """What fails a check."""
        return [one for one in self.deviations if one.check == check]

    def of(self, check: str) -> list[Reading]:
        """The probes that speak for a check."""
        return [one for one in self.readings if one.spec.check == check]

    def elsewhere(self, check: str) -> tuple[str, ...]:
        """The checks that the deviations of a check's own probes belong to."""
        return tuple(
            dict.fromkeys(one.check for one in self.deviations if one.reading.spec.check == check != one.check)
        )


def attribute(readings: Sequence[Reading], reviews: Sequence[PolicyReview]) -> Findings:
    """Assigns every unexpected answer to one check. Answers that are not known stay out."""
    wrong = [one for one in readings if not one.fits and one.seen is not Seen.UNKNOWN]
    forgiven = [one for one in wrong if _left_to_pods(one, readings)]
    judge = _Judge(readings, reviews)
    deviations = [judge.deviation(one) for one in wrong if one not in forgiven]
    return Findings(tuple(readings), tuple(_kept(one, deviations) for one in deviations), tuple(forgiven))


def _kept(one: Deviation, deviations: Sequence[Deviation]) -> Deviation:
    """A deviation of another check's probe stays with that check where nothing else speaks against the first."""
    own = one.reading.spec.check
    if own in _BEHAVIOUR or any(
        other.check == one.check and other.reading.spec.check in _BEHAVIOUR for other in deviations
    ):
        return one
    return replace(one, check=own)


def _left_to_pods(one: Reading, readings: Sequence[Reading]) -> bool:
    """Whether a Deployment is let in whose Pods would not be: no rule is made for any Deployment of that image."""
    if one.spec.kind != "Deployment" or one.seen is not Seen.UNTOUCHED:
        return False
    alike = [other for other in readings if _alike(one, other)]
    pods = [other for other in alike if other.spec.kind == "Pod" and other.spec.where == "container"]
    looked_at = any(other.spec.kind == "Deployment" and other.seen is not Seen.UNTOUCHED for other in alike)
    return bool(pods) and all(other.fits for other in pods) and not looked_at


def _alike(one: Reading, other: Reading) -> bool:
    return (one.spec.sample, one.spec.namespace) == (other.spec.sample, other.spec.namespace) and (
        one.spec.expect == other.spec.expect
    )


class _Judge:
    """Finds the check and the line for one deviation at a time."""

    def __init__(self, readings: Sequence[Reading], reviews: Sequence[PolicyReview]) -> None:
        self.readings = readings
        self.reviews = reviews
        self.toothless = any(
            one.spec.check == ENFORCED and one.seen in (Seen.REPORTED, Seen.PASSED, Seen.TOUCHED) for one in readings
        )

    def deviation(self, one: Reading) -> Deviation:
        if one.spec.expect == "untouched":
            return self._too_wide(one)
        if one.seen in _REFUSED:
            return self._refused(one)
        if one.seen is Seen.UNTOUCHED:
            return self._overlooked(one)
        return self._let_in(one)

    def _too_wide(self, one: Reading) -> Deviation:
        ask = explain.image_clause if one.spec.check == IMAGES else explain.namespace_clause
        return Deviation(one, one.spec.check, self._first(one, ask))

    def _refused(self, one: Reading) -> Deviation:
        """A refusal of what must be admitted: of the image itself, or of one that stands beside it."""
        if one.seen is Seen.BESIDE:
            return Deviation(one, IMAGES, self._first(one, explain.image_clause))
        try:
            return Deviation(one, IDENTITY, explain.deciding_line(self.reviews, one.question, WORLD))
        except CannotTell:
            return Deviation(one, IDENTITY)

    def _overlooked(self, one: Reading) -> Deviation:
        """What is not looked at. A Deployment whose Pods are refused is a gap in the refusal."""
        clauses = self._all(one, explain.untouched)
        found = next((clause for clause in clauses if clause.name in _OF_IMAGES), next(iter(clauses), None))
        pods = [other for other in self.readings if other.spec.kind == "Pod" and _alike(one, other)]
        if one.spec.kind == "Deployment" and pods and all(other.fits for other in pods):
            return Deviation(one, one.spec.check, found)
        if found is None:
            return self._unexplained(one)
        return Deviation(one, IMAGES if found.name in _OF_IMAGES else SCOPE, found)

    def _unexplained(self, one: Reading) -> Deviation:
        """What the manifest says is looked at, and what left no trace: reported only, or let pass by one of several."""
        found = self._first(one, explain.toothless) or self._first(one, stopped)
        if found:
            return Deviation(one, ENFORCED, found)
        found = self._first(one, _accepting) if one.spec.expect == "denied" else None
        return Deviation(one, IDENTITY if found else self._by_others(one), found)

    def _by_others(self, one: Reading) -> str:
        """Where the manifest gives no reason: other images of the same place are looked at, so it is the image."""
        near = (other for other in self.readings if other.spec.namespace == one.spec.namespace and other is not one)
        looked_at = any(other.seen not in (Seen.UNTOUCHED, Seen.UNKNOWN) for other in near)
        return IMAGES if looked_at else SCOPE

    def _let_in(self, one: Reading) -> Deviation:
        """What was looked at and admitted: only reported, or taken for properly signed."""
        reporting = self._first(one, explain.toothless)
        if self.toothless or reporting or one.seen is Seen.REPORTED:
            return Deviation(one, ENFORCED, reporting or self._first(one, _accepting))
        return Deviation(one, IDENTITY, self._first(one, _accepting))

    def _first(self, one: Reading, ask: Callable[[PolicyReview, Probe], Clause | None]) -> Clause | None:
        return next(iter(self._all(one, ask)), None)

    def _all(self, one: Reading, ask: Callable[[PolicyReview, Probe], Clause | None]) -> list[Clause]:
        """Each policy's clause, left out where there is none or the model cannot tell."""
        found = []
        for review in self.reviews:
            try:
                found.append(ask(review, one.question))
            except CannotTell:
                continue
        return [clause for clause in found if clause]


def _accepting(review: PolicyReview, probe: Probe) -> Clause | None:
    loosest = next(iter(explain.accepting(review, probe, WORLD)), None)
    return loosest or explain.fitting(review, probe, WORLD) or explain.satisfied(review, probe, WORLD)
