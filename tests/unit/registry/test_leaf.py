"""Signing certificates: Fulcio's profile, and the certificate log's timestamp."""

from __future__ import annotations

import struct
from datetime import UTC

import pytest
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.certificate_transparency import LogEntryType, SignedCertificateTimestamp
from cryptography.x509.oid import ExtendedKeyUsageOID

from labs.registry import keys, samples
from labs.registry.authority import Authority
from labs.registry.leaf import Identity
from labs.registry.signer import signer

FULCIO = "1.3.6.1.4.1.57264.1"


def _leaf(authority: Authority, identity: Identity = samples.OFFICIAL) -> x509.Certificate:
    return signer(authority, "test", identity).certificate


def _raw(certificate: x509.Certificate, number: int) -> bytes:
    found = certificate.extensions.get_extension_for_oid(x509.ObjectIdentifier(f"{FULCIO}.{number}")).value
    assert isinstance(found, x509.UnrecognizedExtension)
    return found.value


def _timestamp(certificate: x509.Certificate) -> SignedCertificateTimestamp:
    extension = certificate.extensions.get_extension_for_class(x509.PrecertificateSignedCertificateTimestamps)
    (only,) = list[SignedCertificateTimestamp](extension.value)
    return only


def test_names_the_workflow_and_nothing_else(authority: Authority) -> None:
    names = _leaf(authority).extensions.get_extension_for_class(x509.SubjectAlternativeName)
    assert names.critical
    assert list(names.value) == [x509.UniformResourceIdentifier(samples.OFFICIAL.subject)]
    assert _leaf(authority).subject == x509.Name([])


def test_is_for_signing_code(authority: Authority) -> None:
    extensions = _leaf(authority).extensions
    usage = extensions.get_extension_for_class(x509.KeyUsage).value
    assert usage.digital_signature
    assert not usage.key_cert_sign
    assert list(extensions.get_extension_for_class(x509.ExtendedKeyUsage).value) == [ExtendedKeyUsageOID.CODE_SIGNING]


def test_tells_the_issuer_in_both_spellings(authority: Authority) -> None:
    issuer = samples.GITHUB.encode()
    assert _raw(_leaf(authority), 1) == issuer
    assert _raw(_leaf(authority), 8) == b"\x0c" + bytes([len(issuer)]) + issuer


def test_a_long_issuer_has_a_long_length(authority: Authority) -> None:
    long = "https://" + "a" * 300
    assert _raw(_leaf(authority, Identity("https://a.invalid/b", long)), 8)[:4] == b"\x0c\x82\x01\x34"


def test_tells_the_claims_of_a_workflow(authority: Authority) -> None:
    certificate = _leaf(authority)
    assert _raw(certificate, 5) == b"chainguard-images/images"
    assert _raw(certificate, 6) == b"refs/heads/main"
    assert _raw(certificate, 4) == b".github/workflows/release.yaml"


def test_tells_no_claims_of_another_kind_of_subject(authority: Authority) -> None:
    with pytest.raises(x509.ExtensionNotFound):
        _raw(_leaf(authority, samples.BUILDER), 5)


def test_the_timestamp_is_the_certificate_logs(authority: Authority) -> None:
    certificate = _leaf(authority)
    timestamp = _timestamp(certificate)
    assert timestamp.entry_type is LogEntryType.PRE_CERTIFICATE
    assert timestamp.log_id == keys.log_id(authority.certificate_log.public_key())
    logged = timestamp.timestamp.replace(tzinfo=UTC)
    assert certificate.not_valid_before_utc <= logged <= certificate.not_valid_after_utc
    _verify_timestamp(authority, certificate, timestamp)


def test_the_timestamp_belongs_to_one_certificate(authority: Authority) -> None:
    timestamp = _timestamp(_leaf(authority))
    other = signer(authority, "another", samples.OFFICIAL).certificate
    with pytest.raises(InvalidSignature):
        _verify_timestamp(authority, other, timestamp)


def _verify_timestamp(
    authority: Authority, certificate: x509.Certificate, timestamp: SignedCertificateTimestamp
) -> None:
    """RFC 6962, 3.2, over the certificate as cryptography strips it."""
    body = certificate.tbs_precertificate_bytes
    digest = hashes.Hash(hashes.SHA256())
    digest.update(keys.spki(authority.fulcio.key.public_key()))
    milliseconds = int(timestamp.timestamp.replace(tzinfo=UTC).timestamp() * 1000)
    signed = struct.pack("!BBQH32sBH", 0, 0, milliseconds, 1, digest.finalize(), len(body) >> 16, len(body) & 0xFFFF)
    authority.certificate_log.public_key().verify(
        timestamp.signature, signed + body + b"\x00\x00", ec.ECDSA(hashes.SHA256())
    )
