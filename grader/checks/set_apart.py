"""Pods that a policy's own words set apart, put to the model beyond the probes of a lab.

"All Pods in that namespace" are also those with a name, a label or a maker that an exception of the policy names,
and those in which another image stands beside; "no other namespace" also means none with a certain label.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from grader.checks.attribution import SCOPE
from grader.checks.context import Context
from grader.checks.in_force import InForce
from grader.checks.probing import Reading, predicted_reading
from grader.kyverno import exceptions
from grader.kyverno.request import Probe
from grader.text import one_line


def tried(_: Context, found: InForce, readings: Sequence[Reading]) -> list[Reading]:
    """The readings of plain Pods, those replaced that the policies answer otherwise for Pods that they set apart.

    The model has a say only where it knows the plain Pod to be answered as the cluster answered it.
    """
    return [_otherwise(found, one) or one for one in readings]


def _otherwise(found: InForce, one: Reading) -> Reading | None:
    plain = (one.spec.kind, one.spec.where, one.spec.reference, one.spec.identity)
    if plain != ("Pod", "container", "tag", "administrator") or one.spec.check != SCOPE or not one.fits:
        return None
    if not predicted_reading(one.spec, one.question, found).fits:
        return None
    for question in _questions(found, one):
        other = predicted_reading(one.spec, question, found)
        if other.known and not other.fits:
            return replace(other, unlike=_unlike(one, question))
    return None


def _questions(found: InForce, one: Reading) -> Iterator[Probe]:
    if one.spec.expect == "touched":
        return exceptions.inside(found.reviews, one.question)
    return exceptions.elsewhere(found.reviews, one.question)


def _unlike(one: Reading, question: Probe) -> str:
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
