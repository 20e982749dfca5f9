"""Signatures and attestations in cosign's legacy form: images under the tags `sha256-….sig` and `.att`.

Source: cosign 3.1.2, `pkg/oci/static`, `pkg/oci/remote`, `pkg/cosign/bundle/rekor.go`;
payload: containers/image, `docs/containers-signature.5.md`.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence

from labs.registry import canonical, oci, transparency
from labs.registry.envelope import Envelope
from labs.registry.signer import Signer
from labs.registry.transparency import Entry

SIMPLE_SIGNING = "application/vnd.dev.cosign.simplesigning.v1+json"
ENVELOPE = "application/vnd.dsse.envelope.v1+json"


def signature(signer: Signer, reference: str, digest: str) -> oci.Blob:
    """A signature over the image of that digest; `reference` is the repository with its registry."""
    payload = canonical.dumps(
        {
            "critical": {
                "identity": {"docker-reference": reference},
                "image": {"docker-manifest-digest": digest},
                "type": "cosign container image signature",
            },
            "optional": None,
        }
    )
    signed = signer.sign(payload)
    entry = signer.enter(transparency.hashed_record(payload, signed, signer.pem))
    return oci.Blob(SIMPLE_SIGNING, payload, _annotations(signer, b64encode(signed).decode(), entry))


def attestation(signer: Signer, envelope: Envelope, predicate_type: str) -> oci.Blob:
    """A signed statement; the signature stands inside the envelope, so its annotation is empty."""
    entry = signer.enter(envelope.record(signer.pem))
    annotations = _annotations(signer, "", entry) | {"predicateType": predicate_type}
    return oci.Blob(ENVELOPE, envelope.data, annotations)


def attach(image: oci.Artifact, suffix: str, layers: Sequence[oci.Blob]) -> oci.Artifact:
    """The image that holds an image's signatures (`sig`) or attestations (`att`)."""
    config = {
        "architecture": "",
        "created": "0001-01-01T00:00:00Z",
        "history": [{"created": "0001-01-01T00:00:00Z"} for _ in layers],
        "os": "",
        "rootfs": {"type": "layers", "diff_ids": [layer.digest for layer in layers]},
        "config": {},
    }
    tag = f"{image.digest.replace(':', '-')}.{suffix}"
    return oci.manifest(image.repository, oci.Blob(oci.CONFIG, oci.encode(config)), layers, tags=[tag])


def _annotations(signer: Signer, signature: str, entry: Entry | None) -> dict[str, str]:
    found = {
        "dev.cosignproject.cosign/signature": signature,
        "dev.sigstore.cosign/certificate": signer.pem.decode(),
        "dev.sigstore.cosign/chain": signer.chain.decode(),
    }
    return found | ({"dev.sigstore.cosign/bundle": _logged(entry)} if entry else {})


def _logged(entry: Entry) -> str:
    return canonical.dumps(
        {
            "SignedEntryTimestamp": b64encode(entry.promise).decode(),
            "Payload": {
                "body": b64encode(entry.body).decode(),
                "integratedTime": entry.time,
                "logIndex": entry.index,
                "logID": entry.log_id.hex(),
            },
        }
    ).decode()
