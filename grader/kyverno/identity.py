"""Whether a certificate's identity is the one that a keyless attestor asks for.

Source: Kyverno 1.19.1 pkg/image/verifiers/cpol/cosign/cosign.go (matchCertificateData, matchExtensions) and
sigstore.go (buildPolicy) with github.com/sigstore/sigstore-go v1 pkg/verify/certificate_identity.go. Regular
expressions are Go's: RE2, found anywhere in the text unless anchored.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from grader.kyverno import wildcard
from grader.kyverno.doubt import CannotTell
from grader.kyverno.expression.engine import BadExpression, found
from grader.kyverno.place import Place
from grader.kyverno.request import Signature


class Refusal(NamedTuple):
    """Why a signature does not count: Kyverno's words, and the line that decides."""

    text: str
    place: Place


def cosign(keyless: Mapping[str, Any], signature: Signature, place: Place) -> Refusal | None:
    """By the rules of type Cosign: `subject` OR `subjectRegExp`, `issuer` AND `issuerRegExp`, `*` and `?` known.

    None where the identity is accepted. Raises CannotTell.
    """
    return _cosign_subject(keyless, signature, place) or _cosign_issuer(keyless, signature, place)


def _cosign_subject(keyless: Mapping[str, Any], signature: Signature, place: Place) -> Refusal | None:
    plain, expression = keyless.get("subject") or "", keyless.get("subjectRegExp") or ""
    if not signature.subject or not (plain or expression):
        return None  # a certificate without any name is not asked
    accepted = bool(plain) and wildcard.match(plain, signature.subject)
    if expression:
        here = place.at("subjectRegExp")
        try:
            accepted = found(expression, signature.subject) or accepted
        except BadExpression as error:
            return Refusal(f"invalid regexp for subject: {expression} : {error}", here)
    if accepted:
        return None
    here = place.at("subject" if plain else "subjectRegExp")
    return Refusal(f"subject mismatch: expected {plain or expression}, received {signature.subject}", here)


def _cosign_issuer(keyless: Mapping[str, Any], signature: Signature, place: Place) -> Refusal | None:
    plain, expression = keyless.get("issuer") or "", keyless.get("issuerRegExp") or ""
    if plain and not wildcard.match(plain, signature.issuer):
        return Refusal(f"issuer mismatch: expected {plain}, received {signature.issuer}", place.at("issuer"))
    if expression:
        here = place.at("issuerRegExp")
        try:
            if not found(expression, signature.issuer):
                return Refusal(f"issuer mismatch: expected {expression}, received {signature.issuer}", here)
        except BadExpression as error:
            return Refusal(f"invalid regexp for issuer: {expression} : {error}", here)
    return _extensions(keyless, signature, place.at("additionalExtensions"))


_EXTENSIONS = {
    "1.3.6.1.4.1.57264.1.2": "githubWorkflowTrigger",
    "1.3.6.1.4.1.57264.1.3": "githubWorkflowSha",
    "1.3.6.1.4.1.57264.1.4": "githubWorkflowName",
    "1.3.6.1.4.1.57264.1.5": "githubWorkflowRepository",
    "1.3.6.1.4.1.57264.1.6": "githubWorkflowRef",
}
"""cosign v3.1.2 pkg/cosign/certextensions.go."""


def _extensions(keyless: Mapping[str, Any], signature: Signature, place: Place) -> Refusal | None:
    for key, wanted in (keyless.get("additionalExtensions") or {}).items():
        name = _EXTENSIONS.get(key, key)
        if name in ("oidcIssuer", "1.3.6.1.4.1.57264.1.1"):
            actual = signature.issuer
        elif name not in _EXTENSIONS.values():
            return Refusal(f"invalid certificate extension {key}", place.at(key))
        elif signature.extensions is None:
            raise CannotTell("the further extensions of the certificate are not known", place.at(key))
        else:
            actual = signature.extensions.get(name, "")
        if not wildcard.match(wanted, actual):
            return Refusal(f"extension mismatch: expected {wanted} for key {key}, received {actual}", place.at(key))
    return None


def bundle(keyless: Mapping[str, Any], signature: Signature, place: Place) -> Refusal | None:
    """By the rules of type SigstoreBundle: exact texts AND expressions; both a subject and an issuer needed."""
    named = {
        "subject": (keyless.get("subject") or "", keyless.get("subjectRegExp") or "", signature.subject),
        "issuer": (keyless.get("issuer") or "", keyless.get("issuerRegExp") or "", signature.issuer),
    }
    for name, (plain, expression, actual) in named.items():
        if not plain and not expression:
            return Refusal(f"type SigstoreBundle accepts no signature where no {name} is asked for", place)
        if plain and plain != actual:
            return Refusal(f"{name} mismatch: expected {plain}, received {actual}", place.at(name))
        here = place.at(f"{name}RegExp")
        try:
            if expression and not found(expression, actual):
                return Refusal(f"{name} mismatch: expected {expression}, received {actual}", here)
        except BadExpression as error:
            return Refusal(f"invalid regexp for {name}: {expression} : {error}", here)
    return None
