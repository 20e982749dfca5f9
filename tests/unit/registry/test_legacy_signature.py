"""`.sig` images judged by a verifier of their own, written from cosign's rules (`pkg/cosign/verify.go`)."""

from __future__ import annotations

import binascii
import hashlib
import json
from base64 import b64decode
from datetime import UTC, datetime
from typing import Any

import pytest
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from labs.registry import oci, samples
from labs.registry.authority import Authority
from labs.registry.build import Built

FAULTS = {
    "signed": None,
    "signed-2": None,
    "unsigned": "no signature",
    "other-repository": "subject",
    "other-workflow": "subject",
    "other-branch": "subject",
    "pull-request": "subject",
    "look-alike": "subject",
    "other-issuer": "issuer",
    "other-authority": "authority",
    "other-digest": "digest",
    "forged-log": "log",
    "no-log": "no log",
    "expired": "expired",
    "unrelated-signed": None,
    "unrelated": "no signature",
}


def _attached(one: Built, suffix: str) -> oci.Artifact | None:
    tag = f"{one.image.digest.replace(':', '-')}.{suffix}"
    return next((artifact for artifact in one.attached if artifact.tags == (tag,)), None)


def _layer(artifact: oci.Artifact) -> tuple[bytes, dict[str, str]]:
    """The one layer as a client finds it: by the manifest's word."""
    (layer,) = json.loads(artifact.data)["layers"]
    blob = next(blob for blob in artifact.blobs if oci.digest(blob.data) == layer["digest"])
    return blob.data, layer["annotations"]


def _holds(key: ec.EllipticCurvePublicKey, signature: bytes, data: bytes) -> bool:
    try:
        key.verify(signature, data, ec.ECDSA(hashes.SHA256()))
    except InvalidSignature:
        return False
    return True


def _fault(authority: Authority, one: Built) -> str | None:
    """The first thing that is wrong with the image's signature."""
    artifact = _attached(one, "sig")
    if artifact is None:
        return "no signature"
    payload, annotations = _layer(artifact)
    certificate = x509.load_pem_x509_certificate(annotations["dev.sigstore.cosign/certificate"].encode())
    signature = b64decode(annotations["dev.cosignproject.cosign/signature"])
    if "dev.sigstore.cosign/bundle" not in annotations:
        return "no log"
    entry = json.loads(annotations["dev.sigstore.cosign/bundle"])
    if not _promised(authority, entry):
        return "log"
    about = (hashlib.sha256(payload).hexdigest(), signature, certificate)
    if _names(json.loads(b64decode(entry["Payload"]["body"]))) != about:
        return "another entry"
    return _certificate_fault(authority, certificate, entry["Payload"]["integratedTime"]) or _content_fault(
        one, certificate, payload, signature
    )


def _promised(authority: Authority, entry: dict[str, Any]) -> bool:
    key = authority.log.key.public_key()
    found = entry["Payload"]
    assert set(found) == {"body", "integratedTime", "logID", "logIndex"}
    body = (
        f'{{"body":"{found["body"]}","integratedTime":{found["integratedTime"]},'
        f'"logID":"{found["logID"]}","logIndex":{found["logIndex"]}}}'
    )
    known = binascii.unhexlify(found["logID"]) == hashlib.sha256(_spki(key)).digest()
    return known and _holds(key, b64decode(entry["SignedEntryTimestamp"]), body.encode())


def _names(body: dict[str, Any]) -> tuple[str, bytes, x509.Certificate]:
    """What a log entry is about: the payload's hash, the signature, the certificate."""
    assert (body["kind"], body["apiVersion"]) == ("hashedrekord", "0.0.1")
    spec = body["spec"]
    certificate = x509.load_pem_x509_certificate(b64decode(spec["signature"]["publicKey"]["content"]))
    return spec["data"]["hash"]["value"], b64decode(spec["signature"]["content"]), certificate


def _certificate_fault(authority: Authority, certificate: x509.Certificate, time: int) -> str | None:
    try:
        certificate.verify_directly_issued_by(authority.fulcio.certificate)
    except (InvalidSignature, ValueError):
        return "authority"
    when = datetime.fromtimestamp(time, UTC)
    valid = certificate.not_valid_before_utc <= when <= certificate.not_valid_after_utc
    return None if valid else "expired"


def _content_fault(one: Built, certificate: x509.Certificate, payload: bytes, signature: bytes) -> str | None:
    key = certificate.public_key()
    assert isinstance(key, ec.EllipticCurvePublicKey)
    if not _holds(key, signature, payload):
        return "signature"
    critical = json.loads(payload)["critical"]
    assert critical["type"] == "cosign container image signature"
    if critical["image"]["docker-manifest-digest"] != one.image.digest:
        return "digest"
    (name,) = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    if name.value != samples.OFFICIAL.subject:
        return "subject"
    issuer = certificate.extensions.get_extension_for_oid(x509.ObjectIdentifier("1.3.6.1.4.1.57264.1.1")).value
    assert isinstance(issuer, x509.UnrecognizedExtension)
    return None if issuer.value.decode() == samples.OFFICIAL.issuer else "issuer"


def _spki(key: ec.EllipticCurvePublicKey) -> bytes:
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def test_every_sample_is_judged(built: dict[str, Built]) -> None:
    assert set(built) == set(FAULTS)


@pytest.mark.parametrize("name", FAULTS)
def test_has_its_one_fault(authority: Authority, built: dict[str, Built], name: str) -> None:
    assert _fault(authority, built[name]) == FAULTS[name]


def test_a_logless_signature_is_otherwise_good(authority: Authority, built: dict[str, Built]) -> None:
    artifact = _attached(built["no-log"], "sig")
    assert artifact is not None
    payload, annotations = _layer(artifact)
    certificate = x509.load_pem_x509_certificate(annotations["dev.sigstore.cosign/certificate"].encode())
    signature = b64decode(annotations["dev.cosignproject.cosign/signature"])
    now = int(datetime.now(UTC).timestamp())
    assert _certificate_fault(authority, certificate, max(now, int(authority.created.timestamp()))) is None
    assert _content_fault(built["no-log"], certificate, payload, signature) is None


def test_a_good_signers_certificate_is_over_by_now(authority: Authority, built: dict[str, Built]) -> None:
    """As in the world: a policy that asks no log has no time at which the certificate held."""
    artifact = _attached(built["signed"], "sig")
    assert artifact is not None
    certificate = x509.load_pem_x509_certificate(_layer(artifact)[1]["dev.sigstore.cosign/certificate"].encode())
    assert certificate.not_valid_after_utc < authority.created


def test_the_chain_ends_at_the_issuer(authority: Authority, built: dict[str, Built]) -> None:
    for name, issuer in (("signed", authority.fulcio), ("other-authority", authority.other)):
        artifact = _attached(built[name], "sig")
        assert artifact is not None
        chain = _layer(artifact)[1]["dev.sigstore.cosign/chain"].encode()
        assert x509.load_pem_x509_certificates(chain) == [issuer.certificate]


@pytest.mark.parametrize("name", FAULTS)
def test_the_bill_of_materials_is_attested(authority: Authority, built: dict[str, Built], name: str) -> None:
    artifact = _attached(built[name], "att")
    assert artifact is not None
    envelope, annotations = _layer(artifact)
    content = json.loads(envelope)
    payload = b64decode(content["payload"])
    (signed,) = content["signatures"]
    certificate = x509.load_pem_x509_certificate(annotations["dev.sigstore.cosign/certificate"].encode())
    key = certificate.public_key()
    assert isinstance(key, ec.EllipticCurvePublicKey)
    kind = content["payloadType"].encode()
    encoded = b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)
    assert _holds(key, b64decode(signed["sig"]), encoded)
    statement = json.loads(payload)
    assert statement["predicateType"] == annotations["predicateType"] == "https://spdx.dev/Document"
    assert statement["subject"][0]["digest"] == {"sha256": built[name].image.digest.removeprefix("sha256:")}
    if name != "no-log":
        entry = json.loads(annotations["dev.sigstore.cosign/bundle"])
        assert _promised(authority, entry) is (name != "forged-log")
        logged = json.loads(b64decode(entry["Payload"]["body"]))["spec"]
        assert logged["envelopeHash"]["value"] == hashlib.sha256(envelope).hexdigest()
        assert logged["payloadHash"]["value"] == hashlib.sha256(payload).hexdigest()


@pytest.mark.parametrize("name", ["unsigned", "unrelated", "other-digest"])
def test_a_bill_never_stands_in_for_a_signature(built: dict[str, Built], name: str) -> None:
    artifact = _attached(built[name], "att")
    assert artifact is not None
    certificate = x509.load_pem_x509_certificate(_layer(artifact)[1]["dev.sigstore.cosign/certificate"].encode())
    (subject,) = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert subject.value == samples.BUILDER.subject
