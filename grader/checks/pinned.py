"""Policies that pin the real Sigstore: right in the world, and nothing that samples of a lab's own signer can show.

The samples are named like the world's images and signed by the lab's own authority. A policy that names the public
good instance's certificates or keys itself refuses them all, and is right. What it answers to a signed sample is
then predicted, as in the world; what it answers to an unsigned one is still the cluster's to say.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from grader.checks import samples
from grader.checks.context import Context
from grader.checks.in_force import InForce, in_force
from grader.kyverno import oracle, public_good
from grader.kyverno.oracle import Prediction
from grader.kyverno.request import Probe
from grader.kyverno.review import PolicyReview

_REFUSED = "failed to verify image"
"""How Kyverno begins to say that a signature did not count (pkg/engine/internal/imageverifier.go)."""


@dataclass(frozen=True, slots=True)
class Pin:
    """`where` the policy pins (`file:line:column`), and what the world would see."""

    where: str
    prediction: Prediction


def pin(reviews: Sequence[PolicyReview], question: Probe, reasons: Iterable[str]) -> Pin | None:
    """The world's answer to a probe that a lab refused for these reasons; None where the lab's own answer counts.

    The world's counts where the refusal rests on a pinned certificate or key of the public good instance, by the
    model, and where it is one of signatures throughout, by Kyverno's words.
    """
    if not all(_REFUSED in said for said in reasons):
        return None
    here = oracle.answer(reviews, question)
    if here.answer is not oracle.Answer.CANNOT_TELL or here.place is None or not public_good.holds(here.place.value):
        return None
    world = oracle.answer(reviews, question, public_good.WORLD)
    return None if world.answer is oracle.Answer.DENIED else Pin(here.where, world)


def of_sample(context: Context, reasons: Iterable[str]) -> Pin | None:
    """The world's answer to a Deployment of the signed sample, which a lab refused for these reasons, or None."""
    told, found = list(reasons), in_force(context)
    spec = next((one for one in context.exercise.probes if (one.sample, one.kind) == ("signed", "Deployment")), None)
    if not told or spec is None or not isinstance(found, InForce):
        return None
    images, subject, issuer = (str(context.parameter(name)) for name in ("images", "subject", "issuer"))
    return pin(found.reviews, samples.probe(spec, None, images, subject, issuer), told)
