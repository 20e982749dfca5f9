"""A probe and its answer in a sentence."""

from __future__ import annotations

from grader.checks.probing import Reading, Seen
from grader.text import one_line

_PLACES = {
    "second": " as the second container",
    "init": " as an init container",
    "ephemeral": " as an ephemeral container",
}


def asked(one: Reading) -> str:
    """What a probe asked for, in words."""
    spec = one.spec
    by = ", made by Crossplane's account," if spec.identity == "crossplane" else ""
    place = _PLACES.get(spec.where, "")
    signed = f"signed by {one_line(one.signer, 300)}" if one.signer else f"sample {spec.sample}"
    return f"a {spec.kind} in {one.question.namespace} with {one.image} ({signed}){place}{by}"


def described(one: Reading, *, only_reports: bool = False) -> str:
    """One sentence: what was asked, and what came of it.

    A policy that `only_reports` leaves no trace on what it found wrong (Kyverno 1.19.1), so nothing
    is said of whether it looked.
    """
    was = "would be" if one.predicted else "was"
    if one.seen is Seen.UNTOUCHED and not only_reports:
        return f"The policy {'would not look' if one.predicted else 'did not look'} at {asked(one)}: it {was} let in."
    told = {
        Seen.DENIED: f"{was} refused: {one.words}",
        Seen.BESIDE: f"{was} refused for the image beside it: {one.words}",
        Seen.PASSED: f"{was} looked at, found right and let in",
        Seen.REPORTED: f"{was} looked at, found wrong, and let in all the same",
        Seen.TOUCHED: f"{was} looked at, and let in without any verification",
        Seen.UNTOUCHED: f"{was} let in",
    }.get(one.seen, "has no answer")
    question = asked(one)
    return f"{question[0].upper()}{question[1:]} {told}."
