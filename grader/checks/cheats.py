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
from grader.checks.probing import Reading, predicted_reading
from grader.errors import EnvironmentFault
from grader.kyverno.review import PolicyReview
from grader.text import quoted

_DRY = "dryrun"


def dry_runs(reviews: Sequence[PolicyReview]) -> None:
    """Raises EnvironmentFault where a policy asks whether a request is a dry run: then no probe shows what it does."""
    for review in reviews:
        spec = review.policy.spec if review.policy else {}
        if _DRY in json.dumps(spec, default=str).lower():
            raise EnvironmentFault(
                f"the policy {quoted(review.name)} asks whether a request is a dry run, and every probe is one",
                where=str(review.place),
                advice="Take dryRun out of the policy.",
            )


def by_name(context: Context, found: InForce, readings: Sequence[Reading]) -> Reading | None:
    """The first probe of the check whose answer fits for its sample alone, as the model answers it for another name."""
    images = str(context.parameter("images"))
    for one in readings:
        if one.spec.check != context.spec.id or one.spec.sample.startswith("unrelated"):
            continue
        if not predicted_reading(one.spec, one.question, found).fits:
            continue
        image = one.question.image
        renamed = replace(image, reference=_renamed(image.reference, images))
        other = predicted_reading(one.spec, replace(one.question, image=renamed), found)
        if not other.fits and other.known:
            return other
    return None


def _renamed(reference: str, images: str) -> str:
    """Another provider's name, with the digest where there is one, else with another tag."""
    name = images.replace("*", "".join(secrets.choice(string.ascii_lowercase) for _ in range(9)))
    _, at, digest = reference.partition("@")
    return f"{name}{at}{digest}" if at else f"{name}:v{secrets.randbelow(9) + 1}.{secrets.randbelow(90)}"
