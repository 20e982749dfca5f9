"""A transparency log like Rekor's first version: entries, promises and proofs.

Formats: Rekor's `openapi.yaml` (LogEntry), `pkg/util/signed_note.go` and `checkpoint.go`; the
tree: RFC 6962, 2.1. Every entry stands in a tree of its own, so its proof holds no other hash.
"""

from __future__ import annotations

import hashlib
from base64 import b64encode
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec

from labs.registry import canonical, keys


@dataclass(frozen=True)
class Entry:
    """One logged signature.

    `body` is the canonical entry, `time` seconds since 1970, `promise` the signed entry timestamp,
    `root` the hash of the entry's tree and `checkpoint` the log's signed note about it.
    """

    kind: str
    body: bytes
    time: int
    index: int
    log_id: bytes
    promise: bytes
    root: bytes
    checkpoint: str


@dataclass(frozen=True)
class Log:
    """A log that answers to `name` and signs with `key`.

    `claims` is the log id written into its entries; it is another than the key's own where the
    log pretends to be a trusted one.
    """

    name: str
    key: ec.EllipticCurvePrivateKey
    claims: bytes | None = None

    @property
    def log_id(self) -> bytes:
        """The id that its entries carry."""
        return self.claims or keys.log_id(self.key.public_key())

    def enter(self, entry: dict[str, Any], when: datetime) -> Entry:
        """Logs a proposed entry (`apiVersion`, `kind`, `spec`) at that time."""
        body = canonical.dumps(entry)
        time = int(when.timestamp())
        index = int.from_bytes(hashlib.sha256(body).digest()[:4])
        root = hashlib.sha256(b"\x00" + body).digest()
        promised = {
            "body": b64encode(body).decode(),
            "integratedTime": time,
            "logID": self.log_id.hex(),
            "logIndex": index,
        }
        promise = keys.sign(self.key, canonical.dumps(promised))
        return Entry(entry["kind"], body, time, index, self.log_id, promise, root, self._checkpoint(root))

    def _checkpoint(self, root: bytes) -> str:
        """A signed note over a tree of one leaf. Verifiers know a first-version log by the number in its origin."""
        note = f"{self.name} - 1\n1\n{b64encode(root).decode()}\n"
        signature = b64encode(self.log_id[:4] + keys.sign(self.key, note.encode())).decode()
        return f"{note}\n\u2014 {self.name} {signature}\n"


def hashed_record(payload: bytes, signature: bytes, certificate_pem: bytes) -> dict[str, Any]:
    """The `hashedrekord` 0.0.1 entry of a signature over `payload`."""
    return {
        "apiVersion": "0.0.1",
        "kind": "hashedrekord",
        "spec": {
            "data": {"hash": {"algorithm": "sha256", "value": hashlib.sha256(payload).hexdigest()}},
            "signature": {
                "content": b64encode(signature).decode(),
                "publicKey": {"content": b64encode(certificate_pem).decode()},
            },
        },
    }


def envelope_record(envelope: bytes, payload: bytes, signature: bytes, certificate_pem: bytes) -> dict[str, Any]:
    """The `dsse` 0.0.1 entry of an envelope with one signature."""
    return {
        "apiVersion": "0.0.1",
        "kind": "dsse",
        "spec": {
            "envelopeHash": {"algorithm": "sha256", "value": hashlib.sha256(envelope).hexdigest()},
            "payloadHash": {"algorithm": "sha256", "value": hashlib.sha256(payload).hexdigest()},
            "signatures": [
                {"signature": b64encode(signature).decode(), "verifier": b64encode(certificate_pem).decode()}
            ],
        },
    }
