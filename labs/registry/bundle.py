"""Sigstore bundles, and the OCI referrers that carry them.

Sources: sigstore/protobuf-specs `sigstore_bundle.proto` (v0.3); cosign 3.1.2
`pkg/oci/remote/write.go`; OCI distribution-spec 1.1, referrers tag schema (for registries
without a referrers API).
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from labs.registry import canonical, certificate, oci
from labs.registry.envelope import PAYLOAD_TYPE, Envelope
from labs.registry.signer import Signer
from labs.registry.transparency import Entry

MEDIA_TYPE = "application/vnd.dev.sigstore.bundle.v0.3+json"
SIGNATURE = "https://sigstore.dev/cosign/sign/v1"
"""The predicate type of a statement that only signs: its predicate is empty."""


def bundle(signer: Signer, envelope: Envelope) -> bytes:
    """The bundle of a sealed envelope; without a log it has no entry."""
    entry = signer.enter(envelope.record(signer.pem))
    material: dict[str, Any] = {
        "certificate": {"rawBytes": b64encode(certificate.der(signer.certificate)).decode()},
        "tlogEntries": [_entry(entry)] if entry else [],
    }
    content = {
        "mediaType": MEDIA_TYPE,
        "verificationMaterial": material,
        "dsseEnvelope": {
            "payload": b64encode(envelope.payload).decode(),
            "payloadType": PAYLOAD_TYPE,
            "signatures": [{"sig": b64encode(envelope.signature).decode()}],
        },
    }
    return canonical.dumps(content)


def referrer(image: oci.Artifact, data: bytes, predicate_type: str, created: datetime) -> oci.Artifact:
    """The manifest that attaches a bundle to an image."""
    return oci.manifest(
        image.repository,
        oci.Blob(oci.EMPTY, b"{}"),
        [oci.Blob(MEDIA_TYPE, data)],
        subject=image,
        artifact_type=MEDIA_TYPE,
        annotations={
            "org.opencontainers.image.created": created.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "dev.sigstore.bundle.content": "dsse-envelope",
            "dev.sigstore.bundle.predicateType": predicate_type,
        },
    )


def referrers(image: oci.Artifact, attached: Sequence[oci.Artifact]) -> oci.Artifact:
    """The index of all that refers to an image, under the tag that stands in for the API."""
    return oci.index(image.repository, attached, tags=[image.digest.replace(":", "-")])


def _entry(entry: Entry) -> dict[str, Any]:
    return {
        "logIndex": str(entry.index),
        "logId": {"keyId": b64encode(entry.log_id).decode()},
        "kindVersion": {"kind": entry.kind, "version": "0.0.1"},
        "integratedTime": str(entry.time),
        "inclusionPromise": {"signedEntryTimestamp": b64encode(entry.promise).decode()},
        "inclusionProof": {
            "logIndex": "0",
            "rootHash": b64encode(entry.root).decode(),
            "treeSize": "1",
            "hashes": [],
            "checkpoint": {"envelope": entry.checkpoint},
        },
        "canonicalizedBody": b64encode(entry.body).decode(),
    }
