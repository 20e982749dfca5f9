"""Answers that hold for the samples alone: a policy that knows them by name, or knows a dry run.

The samples have names and tags of their own, drawn when the lab is made, so what a policy answers to them is
what it answers to any provider. Where its text makes a difference between the two, that is found by the model:
it is asked about the same image under another name.
"""

from __future__ import annotations

import json
import secrets
import string
from collections.abc import Sequence
from dataclasses import replace

from grader.checks.context import Context
from grader.checks.in_force import InForce
from grader.checks.objects import image_parts
from grader.checks.probing import Reading, Seen, predicted_reading
from grader.errors import EnvironmentFault
from grader.kyverno.review import PolicyReview
from grader.text import quoted

_DRY = "dryrun"


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
    """The readings, each that fits for its sample's name alone replaced by what the model answers for another name."""
    images = str(context.parameter("images"))
    return [_of_any_name(one, images, found) for one in readings]


def _of_any_name(one: Reading, images: str, found: InForce) -> Reading:
    """The model has a say only where it knows the sample itself to be answered as it must be.

    Where it has none and a policy holds the sample's name, nothing is told by the answer.
    """
    if not one.fits:
        return one
    image = one.question.image
    renamed = replace(image, reference=_renamed(image.reference, images, one.spec.sample))
    other = predicted_reading(one.spec, replace(one.question, image=renamed), found)
    if other.fits:
        return one
    if not other.known:
        return _if_named(one, found)
    return replace(other, renamed=True) if predicted_reading(one.spec, one.question, found).fits else one


def _if_named(one: Reading, found: InForce) -> Reading:
    name = image_parts(one.question.image.reference)[0].rpartition("/")[2]
    holding = next((review for review in found.reviews if name and name in _spec(review)), None)
    if holding is None:
        return one
    words = (
        f"the policy {quoted(holding.name)} names {quoted(name)}, an image of this lab alone, and what it does with "
        "others cannot be told: take the name out"
    )
    return replace(one, seen=Seen.UNKNOWN, words=words)


def _spec(review: PolicyReview) -> str:
    return json.dumps(review.policy.spec if review.policy else {}, default=str).lower()


def _renamed(reference: str, images: str, sample: str) -> str:
    """Another name of the same kind, with the digest where there is one, else with another tag."""
    letters = "".join(secrets.choice(string.ascii_lowercase) for _ in range(9))
    organisation = images.rpartition("/")[0]
    name = f"{organisation}/{letters}" if sample.startswith("unrelated") else images.replace("*", letters)
    _, at, digest = reference.partition("@")
    return f"{name}{at}{digest}" if at else f"{name}:v{secrets.randbelow(9) + 1}.{secrets.randbelow(90)}"
