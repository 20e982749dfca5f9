"""Which line of a policy is the reason for an answer."""

from __future__ import annotations

from collections.abc import Sequence

from grader.kyverno import actions, autogen, hints, items, loose, oracle, request, route, selectors, trust, wildcard
from grader.kyverno.attestors import Asked, refusal
from grader.kyverno.clause import Clause, clause
from grader.kyverno.doubt import CannotTell
from grader.kyverno.items import Check
from grader.kyverno.match import Mismatch, mismatch
from grader.kyverno.policy import Policy, Rule
from grader.kyverno.references import Reference, parse
from grader.kyverno.request import Image, Probe, Request
from grader.kyverno.response import Status
from grader.kyverno.review import PolicyReview
from grader.kyverno.trust import Known
from grader.kyverno.verify import guard
from grader.text import quoted


def untouched(review: PolicyReview, probe: Probe) -> Clause | None:
    """The clause that keeps a policy from looking at the probe's image; None where it looks at it.

    Raises CannotTell.
    """
    dead = _dead(review)
    if dead or review.policy is None:
        return dead
    asked = request.of(probe)
    found = route.mismatch(review.policy, asked)
    if found:
        return _of_mismatch(review.policy, found, asked)
    return _by_rules(review.policy, asked, probe.image)


def _dead(review: PolicyReview) -> Clause | None:
    if not review.accepted:
        one = review.problems[0]
        return clause("refused", f"the policy is refused: {one.reason}", one.place, one.repair)
    if review.replaced:
        text = f"a later {review.kind} of the name {quoted(review.name)} takes its place"
        return clause("replaced", text, review.place.at("metadata", "name"), "Give every policy a name of its own.")
    return None


def _of_mismatch(policy: Policy, found: Mismatch, asked: Request) -> Clause:
    if asked.resource.kind != "Pod" and found.clause in ("kinds", "unasked"):
        stopped = autogen.obstacle(policy)
        if stopped and any(rule.verifies for rule in policy.rules):
            text = f"Kyverno makes no rule for {asked.resource.kind}s out of this policy, for {stopped[0]}"
            if stopped[0] != autogen.NO_POD:
                return clause("autogen", text, stopped[1], meaning="The Pods that it makes are still looked at.")
            return clause("autogen", text, stopped[1], hints.for_mismatch(found._replace(place=stopped[1]), asked))
    name = "kinds" if found.clause in ("unasked", "empty") else found.clause
    return clause(name, found.text, found.place, hints.for_mismatch(found, asked))


def _by_rules(policy: Policy, asked: Request, image: Image) -> Clause | None:
    """None as soon as one rule looks at the image, else the clause of the rule that came nearest."""
    reference = parse(image.reference)
    found: list[tuple[int, Clause]] = []
    for rule in autogen.rules(policy):
        if not rule.verifies:
            continue
        reason = mismatch(rule, asked)
        if reason:
            near = 0 if reason.clause in ("kinds", "unasked") else 2
            found.append((near + (not rule.generated), _of_mismatch(policy, reason, asked)))
        elif reference is None:
            found.append((4, clause("image", f"{quoted(image.reference)} is no image reference", rule.place)))
        else:
            here = _by_images(rule, reference, asked)
            if here is None:
                return None
            found.append((4, here))
    if not found:
        return clause(
            "verifyImages", "no rule verifies images", policy.place.at("spec"), "Add a rule with verifyImages."
        )
    return max(found, key=lambda one: one[0])[1]


def _by_images(rule: Rule, reference: Reference, asked: Request) -> Clause | None:
    checks = items.of(rule)
    taking = [check for check in checks if check.takes_in(reference)]
    if not taking:
        place = checks[0].place.at("imageReferences")
        text = f"imageReferences ({hints.listed(checks[0].references)}) does not fit {reference}"
        return clause("imageReferences", text, place, hints.for_reference(checks[0].references, reference))
    kept = guard(rule, asked)
    if kept and kept.status is Status.SKIP:
        return clause("preconditions", "the preconditions do not hold", kept.place, "Delete the preconditions.")
    if all(check.skips(reference) for check in taking):
        place = taking[0].place.at("skipImageReferences")
        return clause("skipImageReferences", f"skipImageReferences leaves {reference} out", place, "Delete it.")
    return None


def toothless(review: PolicyReview, probe: Probe) -> Clause | None:
    """The failure action that only reports, where a policy looks at the probe and would not block it."""
    if review.policy is None or not review.live:
        return None
    asked = request.of(probe)
    for rule in autogen.rules(review.policy):
        if rule.verifies and not mismatch(rule, asked):
            action = actions.of(review.policy, rule, asked)
            if not action.enforces:
                text = f"the failure action is {action.name}: what fails is only reported"
                return clause("failureAction", text, action.place, f"Write Enforce{_digests(rule)}.")
            return None
    return None


def _digests(rule: Rule) -> str:
    """With Enforce and no digest written in, every image named by a tag would be denied."""
    if any(item.body["verifyDigest"] and not item.body["mutateDigest"] for item in rule.items):
        return " and delete mutateDigest: false, or images named by a tag are denied for want of a digest"
    return ""


def accepting(review: PolicyReview, probe: Probe, known: Known = trust.NOTHING) -> list[Clause]:
    """What lets a looked-at image pass, loosest clause first: wildcards, missing names, a log that is not asked."""
    if review.policy is None or not review.live:
        return []
    return [found for check in _taking(review.policy, probe) for found in loose.loose(check, probe.image, known)]


def fitting(review: PolicyReview, probe: Probe, known: Known = trust.NOTHING) -> Clause | None:
    """The expression by which a looked-at image passes that should not; None where there is none."""
    if review.policy is None or not review.live:
        return None
    found = (one for check in _taking(review.policy, probe) for one in loose.fitting(check, probe.image, known))
    return next(found, None)


def _taking(policy: Policy, probe: Probe) -> list[Check]:
    asked, reference = request.of(probe), parse(probe.image.reference)
    if reference is None:
        return []
    return [
        check
        for rule in autogen.rules(policy)
        if rule.verifies and not mismatch(rule, asked)
        for check in items.of(rule)
        if check.takes_in(reference)
    ]


def namespace_clause(review: PolicyReview, probe: Probe) -> Clause | None:
    """The line by which a policy takes in the probe's namespace."""
    if review.policy is None:
        return None
    asked = request.of(probe)
    for rule in autogen.rules(review.policy):
        if not rule.verifies or mismatch(rule, asked):
            continue
        return _by_namespace(rule, asked)
    return None


def _by_namespace(rule: Rule, asked: Request) -> Clause:
    """The filter that includes the request's namespace, or the entry that has none."""
    bare = None
    for block in rule.blocks("match"):
        names, selector = block.resources.get("namespaces"), block.resources.get("namespaceSelector")
        if names is None and selector is None:
            bare = bare or (block if block.resources else None)
        elif not (names and not wildcard.match_any(names, asked.namespace)) and (
            selector is None or selectors.matches(selector, asked.namespace_labels)
        ):
            name = "namespaces" if names is not None else "namespaceSelector"
            text = f"{name} includes the namespace {quoted(asked.namespace)}"
            return clause(name, text, block.place.at("resources", name), "Name only the namespaces that are meant.")
    several = sum(1 for block in rule.blocks("match") if block.resources) > 1
    text = f"{'this entry' if several else 'the rule'} names no namespace, so it is for every one, "
    here = (bare or rule.blocks("match")[0]).place.at("resources")
    return clause("namespaces", f"{text}{quoted(asked.namespace)} too", here, "Add the list namespaces beside kinds.")


def image_clause(review: PolicyReview, probe: Probe) -> Clause | None:
    """The line by which a policy takes in the probe's image."""
    if review.policy is None:
        return None
    reference = parse(probe.image.reference)
    for check in _taking(review.policy, probe):
        for index, pattern in enumerate(check.references):
            if reference and check.takes_in(reference) and wildcard.match(pattern, str(reference)):
                place = check.place.at("imageReferences", index)
                text = f"the pattern {quoted(pattern)} fits {reference}"
                return clause("imageReferences", text, place, "Narrow the pattern to the images that are meant.")
    return None


def satisfied(review: PolicyReview, probe: Probe, known: Known = trust.NOTHING) -> Clause | None:
    """The attestors that accept a looked-at image, or their absence; None where they refuse it or cannot be told."""
    if review.policy is None or not review.live:
        return None
    for check in _taking(review.policy, probe):
        if not check.verifies:
            return clause("attestors", "no attestors: nothing of the image is verified", check.place, "Add attestors.")
        try:
            refused = refusal(
                Asked(probe.image, check.body, check.place, known), list(check.attestors), check.attestors_place
            )
        except CannotTell:
            continue
        if refused is None:
            return clause("attestors", "the image is signed as these attestors ask", check.attestors_place)
    return None


def deciding_line(policies: Sequence[PolicyReview], probe: Probe, known: Known = trust.NOTHING) -> Clause | None:
    """The one clause that explains the prediction for a probe best; None where there is no policy at all."""
    prediction = oracle.answer(policies, probe, known)
    if prediction.place is not None:
        name = "doubt" if prediction.answer is oracle.Answer.CANNOT_TELL else str(prediction.place.path[-1])
        return clause(name, prediction.reason, prediction.place, prediction.repair, prediction.meaning)
    aside: list[Clause] = []
    for review in policies:
        try:
            found = untouched(review, probe)
        except CannotTell as doubt:
            found = clause("doubt", doubt.reason, doubt.place)
        if found is None:
            return _let_in(review, probe, known)
        aside.append(found)
    return aside[0] if aside else None


def _let_in(review: PolicyReview, probe: Probe, known: Known) -> Clause | None:
    accepted = satisfied(review, probe, known)
    if accepted:
        return next(iter(accepting(review, probe, known)), accepted)
    return toothless(review, probe)
