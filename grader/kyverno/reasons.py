"""What a denial means, and what to write so that the image is admitted."""

from __future__ import annotations

import re
from typing import NamedTuple

from grader.kyverno import items
from grader.kyverno.hints import difference
from grader.kyverno.place import Place
from grader.kyverno.response import Response
from grader.kyverno.review import PolicyReview

_NO_DIGEST = (
    "Delete mutateDigest: false, or add verifyDigest: false: no tag is replaced by its digest, and verifyDigest (true"
    " by default) asks for one."
)
_NO_ATTESTORS = (
    "Put attestors inside this item: nothing in it says how to verify a signature, and required (true by default) then"
    " blocks every image, signed ones too."
)
_FOREIGN_DIGEST = (
    "Delete mutateDigest: false: another rule writes the digest, and of the image under that name this item has"
    " verified nothing."
)
_DIGESTS_ONLY = (
    "Write one pattern for tags and digests alike: this item takes the image in only by the digest that another rule"
    " writes, and by then all signatures have been verified."
)
_OTHER_ROOTS = (
    "None of these certificates is the root of the authority that signs: write that of the public authority, or delete"
    " them."
)
_MISMATCH = re.compile(r"(subject|issuer) mismatch: expected (.*), received (.*)", re.DOTALL)
_SAID = (
    ("no signatures found", "", "The image is not signed. Where it should pass, no line of the policy is wrong."),
    ("invalid regexp", "Mend the regular expression: it is RE2, as Go has it.", ""),
    (
        "error creating root cert pool",
        "Write the certificates as a block (|), BEGIN and END on lines of their own.",
        "",
    ),
    ("PEM decoding failed", "Write the key as a block (|), BEGIN and END on lines of their own.", ""),
    ("public key not found for payload", "Delete pubkey: Kyverno knows the public log's. Or give that one.", ""),
    ("unknown authority", "", "The certificate is not from an authority that Kyverno trusts."),
    ("transparency log", "", "The signature has no entry in the transparency log."),
    ("unable to verify SET", "", "The signature's log entry is not the log's own."),
    ("certificate expired", "", "The certificate had ended before it signed."),
    ("expected a signed timestamp", "Delete ignoreTlog: only the log proves when it was signed.", ""),
    ("digest in claim", "", "The signature speaks of another image."),
    ("required annotations", "Delete annotations: the signature carries none of these.", ""),
    ("Unknown key", "Give the expression a default: {{ … || '' }}.", ""),
    ("public key and certificate", "Use keyless instead of keys or certificates.", ""),
    ("invalid signature when validating", "Use keyless instead of keys or certificates.", ""),
    ("sigstore bundle verification failed", "Delete type: SigstoreBundle unless the images carry such bundles.", ""),
    ("Notary format", "Delete type: Notary: the images carry cosign signatures.", ""),
)
"""Words of a denial, the repair, and the meaning where there is none; the first that fits counts."""


class Reason(NamedTuple):
    """The line that a denial goes back to, what to write there instead, and what the denial means where nothing there
    is wrong; one of the two is empty."""

    place: Place
    repair: str = ""
    meaning: str = ""


def of(response: Response, review: PolicyReview | None) -> Reason:
    """Why a rule denies."""
    if response.message.startswith("unverified image"):
        return _unverified(response, review)
    if response.message.startswith("missing digest"):
        return Reason(response.place, _NO_DIGEST)
    other = _MISMATCH.search(response.message)
    if other:
        return Reason(response.place, _other_name(*other.groups()))
    if "unknown authority" in response.message and response.place.path[-1] in ("roots", "certChain"):
        return Reason(response.place, _OTHER_ROOTS)
    found = next(((repair, meaning) for words, repair, meaning in _SAID if words in response.message), ("", ""))
    return Reason(response.place, *found)


def _unverified(response: Response, review: PolicyReview | None) -> Reason:
    """Why an item notes no verification of the very digest: it has no attestors, or a digest of another rule's."""
    lost = _lost_attestors(review)
    if lost:
        return lost
    check = next((one for one in items.of(response.rule) if one.place == response.place), None)
    if check is None or not check.verifies:
        return Reason(response.place, _NO_ATTESTORS)
    if not check.body["mutateDigest"]:
        return Reason(response.place.at("mutateDigest"), _FOREIGN_DIGEST)
    if any("@" in pattern for pattern in check.references):
        return Reason(response.place.at("imageReferences"), _DIGESTS_ONLY)
    return Reason(response.place)


def _other_name(field: str, written: str, signed: str) -> str:
    apart = difference(written, signed)
    exactly = f"To admit this image, write the {field} exactly as its certificate has it"
    return f"{exactly}: {apart}." if apart else f"{exactly}."


def _lost_attestors(review: PolicyReview | None) -> Reason | None:
    """A misplaced `attestors` that was left out on the way: the item that it belongs to blocks everything."""
    for one in review.pruned if review else ():
        if one.place.path[-1] == "attestors":
            return Reason(
                one.place,
                f"{one.repair} It was left out as an unknown field, so nothing verifies a signature and every"
                " image is blocked, signed ones too.",
            )
    return None
