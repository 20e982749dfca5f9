"""Tasks 3 and 4: what the policy looks at, what it refuses, and whom it trusts, by live answers.

The live answer decides. Where one answer could have several reasons (a provider that is not looked
at: the wrong namespace or the wrong pattern?), the manifest tells which, so that one mistake fails
one check, and what cannot be judged because of it is blocked by that check's name.
"""

from __future__ import annotations

from collections.abc import Callable

from grader.checks.context import Context
from grader.checks.probing import Seen, answered, not_in_force
from grader.kyverno import explain, notes
from grader.kyverno.clause import Clause
from grader.kyverno.doubt import CannotTell
from grader.kyverno.oracle import review
from grader.kyverno.request import Probe
from grader.kyverno.review import PolicyReview
from grader.outcome import Status, Verdict
from grader.text import one_line, quoted

SCOPE, IMAGES, ENFORCED, IDENTITY = "policy.scope", "policy.images", "policy.enforced", "policy.identity"
ALL = (SCOPE, IMAGES, ENFORCED, IDENTITY)
_OF_IMAGES = frozenset({"imageReferences", "skipImageReferences", "image", "preconditions", "verifyImages"})
_WHY = {
    SCOPE: "A rule that looks elsewhere leaves providers unchecked, or shuts doors that are not its own.",
    IMAGES: "An image that no pattern fits is never looked at; one that fits by accident is refused without need.",
    ENFORCED: "What is only reported still runs, with all the rights of a provider.",
    IDENTITY: "A signature is worth something only if it is the right signer's.",
}


class Behaviour:
    """All answers of tasks 3 and 4, read together."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self.seen = answered(context, ALL)
        verifying = [policy for policy in context.policies if policy.verifies_images]
        self.reviews: list[PolicyReview] = review([one.document for one in verifying or context.policies])
        self.namespace = str(context.parameter("namespace"))

    def inside(self) -> list[Seen]:
        """The probes of providers in the exercise's namespace."""
        return [one for one in self.seen if one.spec.namespace == self.namespace and one.spec.expect != "untouched"]

    def of(self, check: str) -> list[Seen]:
        return [one for one in self.seen if one.spec.check == check]

    def overlooked(self) -> Seen | None:
        """A provider Pod in the namespace that is not looked at. Deployments may be left to their Pods.

        Kyverno writes on a Pod what it found good. Where a policy only reports, what it found bad
        leaves no trace: then the manifest has to say as well that it does not look.
        """
        pods = (one for one in self.inside() if one.spec.kind == "Pod" and not one.touched)
        return next((one for one in pods if one.spec.sample.startswith("signed") or self.aside(one)), None)

    def aside(self, seen: Seen) -> list[Clause]:
        """Why the manifest leaves a probe aside, a clause for each policy; empty where any looks at it."""
        clauses = [self.clause(one, seen, explain.untouched) for one in self.reviews]
        return [found for found in clauses if found] if all(clauses) else []

    def blame(self, overlooked: Seen) -> tuple[str, Clause | None]:
        """Which check a provider's being overlooked belongs to, and the clause that is the reason."""
        clauses = [
            found for found in (self.clause(one, overlooked, explain.untouched) for one in self.reviews) if found
        ]
        of_images = next((found for found in clauses if found.name in _OF_IMAGES), None)
        if of_images:
            return IMAGES, of_images
        return SCOPE, clauses[0] if clauses else None

    def clause(
        self, policy: PolicyReview, seen: Seen, ask: Callable[[PolicyReview, Probe], Clause | None]
    ) -> Clause | None:
        """What the manifest says about a probe; None where the model cannot tell."""
        try:
            return ask(policy, self.question(seen))
        except CannotTell:
            return None

    def question(self, seen: Seen) -> Probe:
        """The probe as the oracle asks it."""
        return seen.question(str(self.context.parameter("subject")), str(self.context.parameter("issuer")))

    def let_in(self) -> Seen | None:
        """An unsigned provider that was looked at and admitted, by Pod or by another way than autogen's absence."""
        refused = {
            (one.spec.sample, one.spec.kind) for one in self.of(ENFORCED) if one.spec.expect == "denied" and one.met
        }
        for one in self.of(ENFORCED):
            if not one.met and (one.spec.kind == "Pod" or (one.spec.sample, "Deployment") in refused):
                return one
        return None

    def refuses(self) -> bool:
        """Whether at least one unsigned Pod is refused, so that admissions mean something."""
        return any(one.met for one in self.of(ENFORCED) if one.spec.kind == "Pod")

    def unasked_deployment(self) -> Seen | None:
        """A Deployment that is admitted although its Pods would be refused, where all Deployments are."""
        found = [one for one in self.of(ENFORCED) if one.spec.kind == "Deployment"]
        return found[0] if found and not any(one.met for one in found) else None


def scope(context: Context) -> Verdict:
    """`policy.scope`: provider Pods of the namespace are looked at, and Pods of no other namespace."""
    expected = f"The policy looks at all Pods in {context.parameter('namespace')}, and at no other namespace."
    return _judged(context, expected, _scope)


def images(context: Context) -> Verdict:
    """`policy.images`: every provider image is looked at, and no other image."""
    expected = f"The policy looks at every image {context.parameter('images')}, and leaves other images alone."
    return _judged(context, expected, _images)


def enforced(context: Context) -> Verdict:
    """`policy.enforced`: an unsigned provider is refused wherever it stands in a Pod, and however it is named."""
    return _judged(context, "An unsigned provider is refused, wherever it stands and however it is named.", _enforced)


def identity(context: Context) -> Verdict:
    """`policy.identity`: the release pipeline's images are admitted, and nobody else's."""
    return _judged(
        context, "Images of the release pipeline are admitted; whatever anybody else signed is refused.", _identity
    )


def _judged(context: Context, expected: str, judge: Callable[[Behaviour, str], Verdict]) -> Verdict:
    absent = not_in_force(context)
    if absent:
        return Verdict(Status.BLOCKED, expected=expected, seen=absent, needs=("policy.active",))
    return judge(Behaviour(context), expected)


def _scope(found: Behaviour, expected: str) -> Verdict:
    too_far = next((one for one in found.of(SCOPE) if one.spec.expect == "untouched" and not one.met), None)
    if too_far:
        place = _first(found, too_far, explain.namespace_clause)
        return _failed(SCOPE, expected, too_far, f"It looks at a Pod in {too_far.spec.namespace}.", place)
    overlooked = found.overlooked()
    if overlooked:
        check, reason = found.blame(overlooked)
        if check == SCOPE:
            return _failed(SCOPE, expected, overlooked, _overlooked(overlooked), reason)
    return _passed(found, SCOPE, expected)


def _images(found: Behaviour, expected: str) -> Verdict:
    too_far = next((one for one in found.of(IMAGES) if one.spec.expect == "untouched" and not one.met), None)
    overlooked = found.overlooked()
    check, reason = found.blame(overlooked) if overlooked else ("", None)
    if overlooked and check == SCOPE:
        return _blocked(expected, SCOPE, overlooked)
    if overlooked:
        return _failed(IMAGES, expected, overlooked, _overlooked(overlooked), reason)
    if too_far:
        place = _first(found, too_far, explain.image_clause)
        return _failed(IMAGES, expected, too_far, "It looks at an image that is no provider.", place)
    return _passed(found, IMAGES, expected)


def _enforced(found: Behaviour, expected: str) -> Verdict:
    overlooked = found.overlooked()
    if overlooked:
        return _blocked(expected, found.blame(overlooked)[0], overlooked)
    let_in = found.let_in()
    if let_in:
        place = _first(found, let_in, explain.toothless)
        return _failed(ENFORCED, expected, let_in, "It looks at an unsigned provider, and lets it in.", place)
    verdict = _passed(found, ENFORCED, expected)
    if found.unasked_deployment():
        return verdict.noting(
            "A Deployment of an unsigned provider is accepted, for no rule is made for it; its Pods are refused."
        )
    return verdict


def _identity(found: Behaviour, expected: str) -> Verdict:
    overlooked = found.overlooked()
    if overlooked:
        return _blocked(expected, found.blame(overlooked)[0], overlooked)
    let_in = found.let_in()
    if let_in and not found.refuses():
        return _blocked(expected, ENFORCED, let_in)
    wrong = next((one for one in found.of(IDENTITY) if not one.met), None)
    if wrong is None:
        return _passed(found, IDENTITY, expected).noting(*_notes(found))
    if wrong.spec.expect == "denied":
        place = _first(found, wrong, _accepting)
        return _failed(
            IDENTITY, expected, wrong, f"It admits an image that it must refuse ({wrong.spec.sample}).", place
        )
    seen = f"It refuses a properly signed provider: {wrong.denial}."
    return _failed(IDENTITY, expected, wrong, seen, _deciding(found, wrong))


def _accepting(policy: PolicyReview, probe: Probe) -> Clause | None:
    return next(iter(explain.accepting(policy, probe)), None)


def _deciding(found: Behaviour, seen: Seen) -> Clause | None:
    try:
        return explain.deciding_line(found.reviews, found.question(seen))
    except CannotTell:
        return None


def _first(found: Behaviour, seen: Seen, ask: Callable[[PolicyReview, Probe], Clause | None]) -> Clause | None:
    clauses = (found.clause(policy, seen, ask) for policy in found.reviews)
    return next((one for one in clauses if one), None)


def _overlooked(seen: Seen) -> str:
    return f"It does not look at a provider Pod in {seen.spec.namespace} ({seen.spec.sample}, {seen.spec.where})."


def _failed(check: str, expected: str, wrong: Seen, seen: str, reason: Clause | None) -> Verdict:
    told = f"{seen} In the file: {reason.text}. {reason.repair}".rstrip() if reason else seen
    where = reason.where if reason else f"ClusterPolicy/{one_line(', '.join(sorted(wrong.own)), 200)}"
    return Verdict(
        Status.FAILED,
        expected=expected,
        seen=f"{told} (probe {wrong.spec.id})",
        where=where,
        why=_WHY[check],
        next=wrong.again,
    )


def _blocked(expected: str, check: str, reason: Seen) -> Verdict:
    return Verdict(
        Status.BLOCKED, expected=expected, seen=f"The probe {reason.spec.id} cannot speak for this yet.", needs=(check,)
    )


def _passed(found: Behaviour, check: str, expected: str) -> Verdict:
    own = ", ".join(quoted(name) for name in sorted(found.seen[0].own)) if found.seen else ""
    mine = found.of(check)
    return Verdict(
        Status.PASSED, expected=expected, seen=f"{len(mine)} probes were answered as they must be, by {own}."
    )


def _notes(found: Behaviour) -> list[str]:
    return [f"{note.text} ({note.where})" for policy in found.reviews for note in notes.of(policy)]
