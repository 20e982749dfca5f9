"""in-toto statements in signed DSSE envelopes (in-toto attestation spec v1, secure-systems-lab/dsse 1.0)."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass
from typing import Any

from labs.registry import canonical, transparency
from labs.registry.signer import Signer

PAYLOAD_TYPE = "application/vnd.in-toto+json"
STATEMENT = "https://in-toto.io/Statement/v1"
STATEMENT_BEFORE = "https://in-toto.io/Statement/v0.1"
"""What cosign writes into the legacy `.att` form."""


@dataclass(frozen=True)
class Envelope:
    """A payload, its one signature, and the envelope's bytes."""

    payload: bytes
    signature: bytes
    data: bytes

    def record(self, certificate_pem: bytes) -> dict[str, Any]:
        """The log entry of this envelope."""
        return transparency.envelope_record(self.data, self.payload, self.signature, certificate_pem)


def statement(kind: str, name: str, digest: str, predicate_type: str, predicate: Any) -> bytes:
    """A statement about the image `name` with manifest digest `sha256:…`."""
    content = {
        "_type": kind,
        "predicateType": predicate_type,
        "subject": [{"name": name, "digest": {"sha256": digest.removeprefix("sha256:")}}],
        "predicate": predicate,
    }
    return canonical.dumps(content)


def seal(signer: Signer, payload: bytes) -> Envelope:
    """Signs the payload's pre-authentication encoding (DSSE protocol, PAE)."""
    kind = PAYLOAD_TYPE.encode()
    signature = signer.sign(b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload))
    content = {
        "payloadType": PAYLOAD_TYPE,
        "payload": b64encode(payload).decode(),
        "signatures": [{"keyid": "", "sig": b64encode(signature).decode()}],
    }
    return Envelope(payload, signature, canonical.dumps(content))
