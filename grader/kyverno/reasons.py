"""What a denial means, and what to write so that the image is admitted."""

from __future__ import annotations

import re

from grader.kyverno.hints import difference
from grader.kyverno.place import Place
from grader.kyverno.response import Response
from grader.kyverno.review import PolicyReview

_NO_DIGEST = (
    "Delete mutateDigest: false, or add verifyDigest: false: no tag is replaced by its digest, and verifyDigest (true"
    " by default) asks for one."
)
_MISMATCH = re.compile(r"(subject|issuer) mismatch: expected (.*), received (.*)", re.DOTALL)
_REPAIRS = (
    ("no signatures found", "The image is not signed. Where it should pass, no line of the policy is wrong."),
    ("invalid regexp", "Mend the regular expression: it is RE2, as Go has it."),
    ("unknown authority", "The certificate is not from an authority that Kyverno trusts."),
    ("transparency log", "The signature has no entry in the transparency log."),
    ("unable to verify SET", "The signature's log entry is not the log's own."),
    ("certificate expired", "The certificate had ended before it signed."),
    ("expected a signed timestamp", "Delete ignoreTlog: only the log proves when it was signed."),
    ("digest in claim", "The signature speaks of another image."),
    ("required annotations", "Delete annotations: the signature carries none of these."),
    ("Unknown key", "Give the expression a default: {{ … || '' }}."),
    ("public key and certificate", "Use keyless instead of keys or certificates."),
    ("invalid signature when validating", "Use keyless instead of keys or certificates."),
    ("sigstore bundle verification failed", "Delete type: SigstoreBundle unless the images carry such bundles."),
    ("Notary format", "Delete type: Notary: the images carry cosign signatures."),
)  # fmt: skip


def of(response: Response, review: PolicyReview | None) -> tuple[Place, str]:
    """The line that a denial goes back to, and its repair."""
    if response.message.startswith("unverified image"):
        lost = _lost_attestors(review)
        if lost:
            return lost
        return response.place, (
            "Put attestors inside this item: nothing in it says how to verify a signature, and required (true by"
            " default) then blocks every image, signed ones too."
        )
    if response.message.startswith("missing digest"):
        return response.place, _NO_DIGEST
    other = _MISMATCH.search(response.message)
    if other:
        return response.place, _other_name(*other.groups())
    for words, repair in _REPAIRS:
        if words in response.message:
            return response.place, repair
    return response.place, ""


def _other_name(field: str, written: str, signed: str) -> str:
    apart = difference(written, signed)
    exactly = f"To admit this image, write the {field} exactly as its certificate has it"
    return f"{exactly}: {apart}." if apart else f"{exactly}."


def _lost_attestors(review: PolicyReview | None) -> tuple[Place, str] | None:
    """A misplaced `attestors` that was left out on the way: the item that it belongs to blocks everything."""
    for one in review.pruned if review else ():
        if one.place.path[-1] == "attestors":
            return one.place, (
                f"{one.repair} It was left out as an unknown field, so nothing verifies a signature and every"
                " image is blocked, signed ones too."
            )
    return None
