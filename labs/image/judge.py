"""One attached thing: what it claims, and whether the trust at hand proves it."""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from cryptography import x509

from grader import attest
from grader.text import one_line
from labs.image import legacy, statement
from labs.image.attached import Attached
from labs.image.certificates import NotTrusted, Signed, identity
from labs.image.legacy import Legacy
from labs.image.roots import Roots
from labs.image.statement import Statement

SIGNATURE = "https://sigstore.dev/cosign/sign/v1"
"""The predicate type of a bundle that only signs (cosign 3.1.2, `pkg/types/predicate.go`)."""
_PRESENT = "whether the keys were withdrawn after this trust was fetched"
_PROOF = "the log's inclusion proof: this form carries only the log's promise"


@dataclass(frozen=True, slots=True)
class Claim:
    """What a thing says of itself, nothing of it proved. `kind` is empty for a plain signature."""

    kind: str = ""
    signer: Signed | None = None
    index: int | None = None
    logged: datetime | None = None
    statement: Statement | None = None
    legacy: Legacy | None = None
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Proof:
    """`trust` names by whose trust the claim holds; where it is empty `reason` says why it does not."""

    trust: str = ""
    reason: str = ""
    checked: tuple[str, ...] = ()
    unchecked: tuple[str, ...] = ()


def read(thing: Attached) -> Claim:
    """Reads the claim. A thing that cannot be read gives a claim with its fault."""
    try:
        if thing.form == "bundle":
            return _bundle(thing)
        if thing.form == "statement":
            said = statement.parse(thing.data)
            return Claim(kind=(one_line(said.kind, 200) if said else "") or "?", statement=said)
        return _legacy(thing)
    except NotTrusted as fault:
        return Claim(kind="?" if thing.form == "attestation" else "", fault=str(fault))
    except Exception as fault:  # a hostile certificate can make any part of its parser raise
        return Claim(kind="?" if thing.form == "attestation" else "", fault=f"unreadable: {type(fault).__name__}")


def _legacy(thing: Attached) -> Claim:
    found = legacy.read(thing.data, thing.annotations)
    opened = statement.of_envelope(thing.data) if thing.form == "attestation" else None
    kind = "" if thing.form == "signature" else (one_line(opened[0].kind, 200) if opened else "") or "?"
    return Claim(
        kind, found.identity, _index(found.entry), legacy.logged_at(found), opened[0] if opened else None, found
    )


def _index(entry: Mapping[str, Any] | None) -> int | None:
    payload = entry.get("Payload") if entry else None
    index = payload.get("logIndex") if isinstance(payload, Mapping) else None
    return index if isinstance(index, int) else None


def _bundle(thing: Attached) -> Claim:
    material = json.loads(thing.data)["verificationMaterial"]
    chain = material.get("x509CertificateChain", {}).get("certificates", [])
    raw = material.get("certificate") or next(iter(chain), None)
    entries = material.get("tlogEntries") or [{}]
    time = int(entries[0].get("integratedTime") or 0)
    said = statement.of_bundle(thing.data)
    return Claim(
        kind="" if said is None or said.kind == SIGNATURE else one_line(said.kind, 200) or "?",
        signer=identity(x509.load_der_x509_certificate(b64decode(raw["rawBytes"]))) if raw else None,
        index=int(entries[0]["logIndex"]) if "logIndex" in entries[0] else None,
        logged=datetime.fromtimestamp(time, UTC) if time else None,
        statement=said,
        fault="" if raw else "signed with a bare key: it names nobody, and the key is not known here",
    )


def prove(claim: Claim, thing: Attached, trusts: Sequence[Roots]) -> Proof:
    """Asks each trust in turn; where none holds, the last one's reason stands."""
    if thing.form == "statement":
        return Proof(reason="nobody signed it", unchecked=("who says so",))
    if claim.fault:
        return Proof(reason=claim.fault, unchecked=("signature", "signer", "log entry"))
    proof = Proof(reason="there is nobody to trust")
    for roots in trusts:
        proof = _by_bundle(claim, thing, roots) if thing.form == "bundle" else _by_tag(claim, thing, roots)
        if proof.trust:
            break
    return proof


def _by_bundle(claim: Claim, thing: Attached, roots: Roots) -> Proof:
    signer = claim.signer or Signed("", "")
    if not signer.subject:
        return Proof(reason="its certificate names nobody", unchecked=("signature", "log entry"))
    found = attest.verify_bundle(thing.data, roots.text, signer.subject, signer.issuer, digest=thing.digest)
    if not found.holds:
        return Proof(reason=found.reason or "", unchecked=("all that comes after the first fault",))
    checked = (
        f"certificate issued by an authority that {roots.name} trusts, and logged",
        "signature made with the certificate's key",
        "log entry included in a trusted log, and about this signature",
        f"statement about {thing.digest}",
    )
    return Proof(roots.name, checked=checked, unchecked=(_PRESENT,))


def _by_tag(claim: Claim, thing: Attached, roots: Roots) -> Proof:
    checked: list[str] = []
    try:
        if claim.legacy is None:
            raise NotTrusted("there is no signature")
        signed = _signed(thing)
        checked.extend(legacy.check(claim.legacy, signed, roots))
        _about(claim, thing)
        checked.append(f"payload about {thing.digest}")
    except NotTrusted as fault:
        return Proof("", str(fault), tuple(checked), ("all that comes after the first fault",))
    except Exception as fault:  # as in `read`
        return Proof("", f"unreadable: {type(fault).__name__}", tuple(checked), ("the rest",))
    return Proof(roots.name, "", tuple(checked), (_PROOF, _PRESENT))


def _signed(thing: Attached) -> bytes:
    """The bytes under the signature: the payload, or an envelope's pre-authentication encoding."""
    if thing.form == "signature":
        return thing.data
    opened = statement.of_envelope(thing.data)
    if opened is None:
        raise NotTrusted("the envelope holds no in-toto statement")
    return opened[1]


def _about(claim: Claim, thing: Attached) -> None:
    said = claim.statement.subjects if claim.statement else (legacy.signed_digest(thing.data),)
    if thing.digest not in said:
        raise NotTrusted("it is about another image")
