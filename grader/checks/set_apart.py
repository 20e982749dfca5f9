"""Pods that a policy's own words set apart, put to the model beyond the probes of a lab.

"All Pods in that namespace" are also those with a name, a label or a maker that an exception of the policy names,
and those in which another image stands beside; "no other namespace" also means none with a certain label.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice

from grader.checks import openings, samples
from grader.checks.attribution import ENFORCED, SCOPE
from grader.checks.context import Context
from grader.checks.in_force import InForce
from grader.checks.probing import Reading, predicted_reading
from grader.kyverno import exceptions
from grader.kyverno.overlap import common
from grader.kyverno.request import Image, Probe
from grader.text import one_line, quoted


def tried(context: Context, found: InForce, readings: Sequence[Reading]) -> list[Reading]:
    """The readings of plain Pods, those replaced that the policies answer otherwise for Pods that they set apart.

    The model has a say only where it knows the plain Pod to be answered as the cluster answered it.
    """
    return [_otherwise(context, found, one) or one for one in readings]


def _otherwise(context: Context, found: InForce, one: Reading) -> Reading | None:
    plain = (one.spec.kind, one.spec.where, one.spec.reference, one.spec.identity)
    if plain != ("Pod", "container", "tag", "administrator") or not one.fits:
        return None
    for question in _questions(context, found, one):
        if not predicted_reading(one.spec, one.question, found).fits:
            return None
        other = predicted_reading(one.spec, question, found)
        if other.known and not other.fits:
            return replace(other, unlike=_unlike(one, question))
    return None


def _questions(context: Context, found: InForce, one: Reading) -> Iterator[Probe]:
    if one.spec.check == SCOPE and one.spec.expect == "touched":
        yield from exceptions.inside(found.reviews, one.question)
    elif one.spec.check == SCOPE:
        yield from exceptions.elsewhere(found.reviews, one.question)
    elif one.spec.check == ENFORCED and one.spec.sample == "unsigned":
        yield from _accompanied(context, found, one.question)


def _accompanied(context: Context, found: InForce, plain: Probe) -> Iterator[Probe]:
    """The Pod with a signed provider beside it that one of several rules is for: the others may then not be asked."""
    if not any(review.policy and review.policy.one_rule_only for review in found.reviews):
        return
    images, subject, issuer = (str(context.parameter(name)) for name in ("images", "subject", "issuer"))
    held = samples.signatures("signed", subject, issuer)
    for pattern in islice(openings.patterns(found, "imageReferences"), exceptions.MOST):
        name = common(pattern, images.replace("*", "?*") + ":?*")
        if name:
            yield replace(plain, beside=(*plain.beside, Image(name, "containers", samples.DIGEST, held)))


def _unlike(one: Reading, question: Probe) -> str:
    if one.spec.check == ENFORCED:
        beside = quoted(question.images[-1].reference)
        return f"The policy refuses an unsigned provider alone, and lets it in with {beside}, a signed one, beside it."
    if one.spec.expect == "touched":
        return f"The policy looks at a plain Pod, and not at one {apart(one.question, question)}."
    return f"The policy leaves a plain Pod of another namespace alone, and not one {apart(one.question, question)}."


def apart(plain: Probe, other: Probe) -> str:
    """By what a Pod differs from a plain one, in words that follow "one"."""
    found = []
    if other.object_name != plain.object_name:
        found.append(f"called {other.object_name}")
    for kind in ("label", "annotation"):
        held = getattr(other, f"{kind}s")
        found += [f"with the {kind} {key}={value}" for key, value in held.items()]
    found += [f"in a namespace with the label {key}={value}" for key, value in (other.namespace_labels or {}).items()]
    if other.identity != plain.identity:
        groups = [one for one in other.identity.groups if one not in plain.identity.groups]
        found.append(f"made by {other.identity.username}" + (f" (of the group {groups[0]})" if groups else ""))
    return one_line(" and ".join(found), 300)
