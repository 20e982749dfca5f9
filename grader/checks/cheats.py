"""Answers that hold for the probes alone: a policy that knows the samples by name, or what a probe looks like.

The samples have names and tags of their own, drawn when the lab is made, so what a policy answers to them is
what it answers to any provider; and a probe's Pod is a Pod like any other. Where a policy's text makes a difference,
that is found by the model: it is asked about the same image under another name, and in a Pod as providers really run.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace

from grader.checks.context import Context
from grader.checks.drawn import Drawn
from grader.checks.in_force import InForce
from grader.checks.objects import image_parts
from grader.checks.probing import Reading, Seen, predicted_reading
from grader.errors import EnvironmentFault
from grader.kyverno.request import Probe, identity
from grader.kyverno.review import PolicyReview
from grader.text import quoted

_DRY = "dryrun"
_REPLICAS = "system:serviceaccount:kube-system:replicaset-controller"
OTHER_NAME = "The policy answers as it must for the samples of this lab, and by their names alone."
AS_IT_RUNS = "The policy answers as it must for a Pod of this grading, and otherwise for one that Crossplane has made."


def dry_runs(reviews: Sequence[PolicyReview]) -> None:
    """Raises EnvironmentFault where a policy asks whether a request is a dry run: then no probe shows what it does."""
    for review in reviews:
        if _DRY in _spec(review):
            raise EnvironmentFault(
                f"the policy {quoted(review.name)} asks whether a request is a dry run, and every probe is one",
                where=str(review.place),
                advice="Take dryRun out of the policy.",
            )


def under_other_names(context: Context, found: InForce, readings: Sequence[Reading]) -> list[Reading]:
    """The readings, each that fits for its sample's name alone replaced by what the model answers for another name.

    The model has a say only where it knows the sample itself to be answered as it must be. Where it has none about
    another name, and a policy holds the sample's, nothing is told by the answer.
    """
    images, drawn = str(context.parameter("images")), Drawn(found.reviews)
    return [_told(one, OTHER_NAME, _under_another_name(one, images, drawn), found) or one for one in readings]


def as_they_run(context: Context, found: InForce, readings: Sequence[Reading]) -> list[Reading]:
    """The readings, each replaced where the model answers otherwise for the Pods and Deployments of real providers."""
    namespace, drawn = context.parameter("namespace"), Drawn(found.reviews)
    return [
        _told(one, AS_IT_RUNS, _as_it_runs(one.question, drawn), found) or one
        if one.spec.namespace == namespace
        else one
        for one in readings
    ]


def _told(one: Reading, unlike: str, question: Probe, found: InForce) -> Reading | None:
    """What replaces a reading, for the policies answer `question` otherwise; None where nothing does."""
    if not one.fits:
        return None
    other = predicted_reading(one.spec, question, found)
    if other.fits:
        return None
    if not other.known:
        return _if_named(one, found) or _by_other_rules(one, question, found)
    return replace(other, unlike=unlike) if predicted_reading(one.spec, one.question, found).fits else None


def _if_named(one: Reading, found: InForce) -> Reading | None:
    name = image_parts(one.question.image.reference)[0].rpartition("/")[2]
    holding = next((review for review in found.reviews if name and name in _spec(review)), None)
    if holding is None:
        return None
    words = (
        f"the policy {quoted(holding.name)} names {quoted(name)}, an image of this lab alone, and what it does with "
        "others cannot be told: take the name out"
    )
    return replace(one, seen=Seen.UNKNOWN, words=words)


def _by_other_rules(one: Reading, question: Probe, found: InForce) -> Reading | None:
    """Where the rules that verify would answer otherwise by themselves, and the model does not know the others."""
    verifying = replace(found, reviews=tuple(_verifying(review) for review in found.reviews))
    alone = predicted_reading(one.spec, question, verifying)
    if alone.fits or not alone.known:
        return None
    words = (
        "the rules that verify images answer otherwise for others than this lab's samples, and what the other rules do "
        "with those cannot be told: leave the answer to the rules that verify"
    )
    return replace(one, seen=Seen.UNKNOWN, words=words)


def _verifying(review: PolicyReview) -> PolicyReview:
    policy = review.policy
    if policy is None:
        return review
    rules = tuple(rule for rule in policy.rules if rule.verifies)
    return replace(review, policy=replace(policy, rules=rules, generated={}, memo={}))


def _spec(review: PolicyReview) -> str:
    return json.dumps(review.policy.spec if review.policy else {}, default=str).lower()


def _under_another_name(one: Reading, images: str, drawn: Drawn) -> Probe:
    image = one.question.image
    other = _renamed(image.reference, images, one.spec.sample, drawn)
    return replace(one.question, image=replace(image, reference=other))


def _as_it_runs(question: Probe, drawn: Drawn) -> Probe:
    """The same Pod or Deployment with names, labels and maker that it has of a provider (Crossplane 1.15.0)."""
    name = f"provider-{drawn.letters(5, 'provider')}"
    revision = f"{name}-{drawn.digits(12, 'revision')}"
    labels = {"pkg.crossplane.io/provider": name, "pkg.crossplane.io/revision": revision}
    if question.kind == "Deployment":
        return replace(question, object_name=revision, labels=labels, identity=identity("crossplane"))
    if question.image.where == "ephemeralContainers":
        return question
    hashed = drawn.digits(10, "template")
    return replace(
        question,
        object_name=f"{revision}-{hashed}-{drawn.letters(5, 'pod')}",
        labels={**labels, "pod-template-hash": hashed},
        identity=identity(_REPLICAS),
    )


def _renamed(reference: str, images: str, sample: str, drawn: Drawn) -> str:
    """Another name of the same kind, with the digest where there is one, else with another tag."""
    organisation, letters = images.rpartition("/")[0], drawn.letters(9, sample)
    name = f"{organisation}/{letters}" if sample.startswith("unrelated") else images.replace("*", letters)
    _, at, digest = reference.partition("@")
    return f"{name}{at}{digest}" if at else f"{name}:{drawn.tag()}"
