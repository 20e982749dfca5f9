"""Signing certificates as Fulcio issues them, with the certificate log's timestamp inside.

Profile: Fulcio's `docs/certificate-specification.md` and `docs/oid-info.md`; the embedded
timestamp: RFC 6962, 3.2 and 3.3.
"""

from __future__ import annotations

import hashlib
import re
import struct
from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID

from labs.registry import certificate, keys
from labs.registry.certificate import CertificateAuthority

_FULCIO = "1.3.6.1.4.1.57264.1"
_TIMESTAMPS = x509.ObjectIdentifier("1.3.6.1.4.1.11129.2.4.2")
_WORKFLOW = re.compile(
    r"https://github\.com/(?P<repository>[^/]+/[^/]+)/(?P<file>\.github/workflows/[^@]+)@(?P<ref>.+)"
)


@dataclass(frozen=True)
class Identity:
    """Who signed: `subject`, a workflow's address, as told by the OIDC `issuer`."""

    subject: str
    issuer: str


def issue(
    authority: CertificateAuthority,
    log: ec.EllipticCurvePrivateKey,
    public: ec.EllipticCurvePublicKey,
    identity: Identity,
    *,
    number: int,
    since: datetime,
    until: datetime,
) -> x509.Certificate:
    """A leaf for `identity`, logged at `since` by the certificate log whose key is `log`."""
    builder = certificate.start(x509.Name([]), authority.certificate.subject, public, number, since, until)
    for extension, critical in _extensions(authority, identity):
        builder = builder.add_extension(extension, critical=critical)
    # what is logged is the certificate without its timestamps, so they come last
    unlogged = certificate.sign(builder, authority.key).tbs_certificate_bytes
    timestamps = _timestamp_list(_timestamp(log, authority, unlogged, since))
    builder = builder.add_extension(x509.UnrecognizedExtension(_TIMESTAMPS, _octets(timestamps)), critical=False)
    return certificate.sign(builder, authority.key)


def _extensions(authority: CertificateAuthority, identity: Identity) -> list[tuple[x509.ExtensionType, bool]]:
    fixed: list[tuple[x509.ExtensionType, bool]] = [
        (certificate.usage(signature=True), True),
        (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CODE_SIGNING]), False),
        (certificate.issued_by(authority), False),
        (x509.SubjectAlternativeName([x509.UniformResourceIdentifier(identity.subject)]), True),
        (_fulcio(1, identity.issuer.encode()), False),
        (_fulcio(8, _utf8(identity.issuer)), False),
    ]
    return fixed + [(_fulcio(number, value.encode()), False) for number, value in _claims(identity.subject).items()]


def _claims(subject: str) -> dict[int, str]:
    """The claims 2 to 6 of a GitHub workflow's token; none for another kind of subject."""
    workflow = _WORKFLOW.fullmatch(subject)
    if workflow is None:
        return {}
    commit = hashlib.sha1(subject.encode(), usedforsecurity=False).hexdigest()
    return {2: "schedule", 3: commit, 4: workflow["file"], 5: workflow["repository"], 6: workflow["ref"]}


def _fulcio(number: int, value: bytes) -> x509.UnrecognizedExtension:
    return x509.UnrecognizedExtension(x509.ObjectIdentifier(f"{_FULCIO}.{number}"), value)


def _timestamp(
    log: ec.EllipticCurvePrivateKey, authority: CertificateAuthority, unlogged: bytes, when: datetime
) -> bytes:
    """A SignedCertificateTimestamp (version 1) for a precertificate entry, without extensions."""
    milliseconds = int(when.timestamp() * 1000)
    issuer_key = hashlib.sha256(keys.spki(authority.key.public_key())).digest()
    entry = issuer_key + len(unlogged).to_bytes(3) + unlogged
    signed = struct.pack("!BBQH", 0, 0, milliseconds, 1) + entry + struct.pack("!H", 0)
    signature = keys.sign(log, signed)
    head = struct.pack("!B32sQH", 0, keys.log_id(log.public_key()), milliseconds, 0)
    sha256_ecdsa = b"\x04\x03"  # RFC 5246, 7.4.1.4.1
    return head + sha256_ecdsa + struct.pack("!H", len(signature)) + signature


def _timestamp_list(timestamp: bytes) -> bytes:
    item = struct.pack("!H", len(timestamp)) + timestamp
    return struct.pack("!H", len(item)) + item


def _octets(value: bytes) -> bytes:
    return b"\x04" + _length(len(value)) + value


def _utf8(value: str) -> bytes:
    raw = value.encode()
    return b"\x0c" + _length(len(raw)) + raw


def _length(size: int) -> bytes:
    """A DER length."""
    if size < 0x80:
        return bytes([size])
    raw = size.to_bytes((size.bit_length() + 7) // 8)
    return bytes([0x80 | len(raw)]) + raw
