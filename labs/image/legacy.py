"""Verifying signatures of cosign's legacy form: annotations on the layers of a `.sig` image.

Such a signature has a promise of the log but no proof, so `sigstore` does not take it.
Source: cosign 3.1.2, `pkg/cosign/verify.go` and `pkg/cosign/bundle/rekor.go`.
"""

from __future__ import annotations

import binascii
import json
from base64 import b64decode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from cryptography import x509

from labs.image.certificates import NotTrusted, Signed, check_chain, check_logged, holds, identity, verified
from labs.image.roots import Roots

SIGNATURE = "dev.cosignproject.cosign/signature"
CERTIFICATE = "dev.sigstore.cosign/certificate"
BUNDLE = "dev.sigstore.cosign/bundle"


@dataclass(frozen=True, slots=True)
class Legacy:
    """One signature as found: what was signed, by which certificate, and the log's promise."""

    payload: bytes
    signature: bytes
    certificate: x509.Certificate
    entry: Mapping[str, Any] | None

    @property
    def identity(self) -> Signed:
        return identity(self.certificate)


def read(payload: bytes, annotations: Mapping[str, Any]) -> Legacy:
    """Reads a layer and its annotations. Raises NotTrusted where they are no signature."""
    try:
        signature = b64decode(str(annotations[SIGNATURE]), validate=True)
        certificate = x509.load_pem_x509_certificate(str(annotations[CERTIFICATE]).encode())
        entry = json.loads(str(annotations[BUNDLE])) if annotations.get(BUNDLE) else None
    except (KeyError, ValueError, RecursionError) as error:
        raise NotTrusted(f"the signature's annotations cannot be read ({type(error).__name__})") from None
    if not signature:  # an attestation keeps it inside its envelope
        signature = _envelope_signature(payload)
    return Legacy(payload, signature, certificate, entry if isinstance(entry, dict) else None)


def _envelope_signature(payload: bytes) -> bytes:
    try:
        return b64decode(json.loads(payload)["signatures"][0]["sig"])
    except (ValueError, KeyError, IndexError, TypeError, RecursionError):
        raise NotTrusted("the envelope carries no signature") from None


def logged_at(found: Legacy) -> datetime | None:
    """When the log says that it took the signature in."""
    try:
        time = int(found.entry["Payload"]["integratedTime"]) if found.entry else None
        return datetime.fromtimestamp(time, UTC) if time is not None else None
    except (KeyError, ValueError, TypeError, OverflowError, OSError):
        return None


def check(found: Legacy, signed: bytes, roots: Roots) -> Iterator[str]:
    """Checks step by step and says what was checked; `signed` are the bytes under the signature.

    Raises NotTrusted at the first fault.
    """
    when = logged_at(found)
    issuer = check_chain(found.certificate, roots, when or datetime.now(UTC))
    yield f"certificate issued by an authority that {roots.name} trusts"
    check_logged(found.certificate, issuer, roots)
    yield "certificate logged"
    if not verified(found.certificate.public_key(), found.signature, signed):
        raise NotTrusted("the signature does not belong to what it is attached to")
    yield "signature made with the certificate's key"
    if found.entry is None:
        raise NotTrusted("the signature is in no transparency log")
    _check_promise(found, roots)
    yield "log entry promised by a trusted log, and about this signature"


def _check_promise(found: Legacy, roots: Roots) -> None:
    try:
        entry = found.entry or {}
        payload = {name: entry["Payload"][name] for name in ("body", "integratedTime", "logID", "logIndex")}
        promise = b64decode(entry["SignedEntryTimestamp"])
        log = binascii.unhexlify(payload["logID"])
        body = json.loads(b64decode(payload["body"]))
    except (KeyError, ValueError, TypeError, RecursionError):
        raise NotTrusted("the log entry cannot be read") from None
    canonical = json.dumps(payload, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    if not holds(roots.logs, log, promise, canonical):
        raise NotTrusted("no trusted log promised the entry")
    if not _is_about(body, found):
        raise NotTrusted("the log entry is about another signature")


def _is_about(body: Any, found: Legacy) -> bool:
    """Whether the entry (hashedrekord or dsse 0.0.1, intoto) names this payload and this certificate."""
    spec = _object(body).get("spec")
    hashed = sha256(found.payload).hexdigest()
    content = _object(_object(spec).get("content"))
    hashes = (_object(_object(spec).get("data")).get("hash"), _object(spec).get("envelopeHash"), content.get("hash"))
    return any(_object(one).get("value") == hashed for one in hashes) and found.certificate in _signers(_object(spec))


def _signers(spec: Mapping[str, Any]) -> list[x509.Certificate]:
    """The certificates that an entry names, wherever its kind keeps them."""
    envelope = _object(_object(spec.get("content")).get("envelope"))
    named = [_object(_object(spec.get("signature")).get("publicKey")).get("content"), spec.get("publicKey")]
    for holder, key in ((spec, "verifier"), (envelope, "publicKey")):
        signatures = holder.get("signatures")
        named += [_object(one).get(key) for one in signatures[:10]] if isinstance(signatures, list) else []
    found = []
    for text in named:
        try:
            found.append(x509.load_pem_x509_certificate(b64decode(str(text))))
        except (ValueError, TypeError):
            continue
    return found


def _object(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def signed_digest(payload: bytes) -> str:
    """The manifest digest that a simple-signing payload names, or an empty string."""
    try:
        found = json.loads(payload)["critical"]["image"]["docker-manifest-digest"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return ""
    return found if isinstance(found, str) else ""
