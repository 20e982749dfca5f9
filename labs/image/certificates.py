"""What a signing certificate says, and whether an authority that is trusted issued it.

Extensions: sigstore/fulcio, `docs/oid-info.md`; embedded timestamps: RFC 6962, 3.2 and 3.3.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import ExtendedKeyUsageOID

from grader.text import one_line
from labs.image.roots import Roots

_ISSUER = x509.ObjectIdentifier("1.3.6.1.4.1.57264.1.1")
_ISSUER_V2 = x509.ObjectIdentifier("1.3.6.1.4.1.57264.1.8")
_UNREADABLE = (x509.ExtensionNotFound, x509.DuplicateExtension, x509.UnsupportedGeneralNameType, ValueError)


class NotTrusted(Exception):
    """A signature, certificate or log entry that does not hold; the text says why."""


@dataclass(frozen=True, slots=True)
class Signed:
    """Who a certificate was issued to: subject (a URI or e-mail) and OIDC issuer."""

    subject: str
    issuer: str


def identity(certificate: x509.Certificate) -> Signed:
    """The identity in a certificate; empty parts where it names none."""
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        found = names.get_values_for_type(x509.UniformResourceIdentifier) or names.get_values_for_type(x509.RFC822Name)
        subject = str(found[0]) if found else ""
    except _UNREADABLE:
        subject = ""
    return Signed(one_line(subject, 500), one_line(_issuer(certificate), 500))


def _issuer(certificate: x509.Certificate) -> str:
    for identifier, skip in ((_ISSUER_V2, 2), (_ISSUER, 0)):
        try:
            value = certificate.extensions.get_extension_for_oid(identifier).value
        except _UNREADABLE:
            continue
        if isinstance(value, x509.UnrecognizedExtension):
            return value.value[skip:].decode("utf-8", "replace")
    return ""


def check_chain(leaf: x509.Certificate, roots: Roots, when: datetime) -> x509.Certificate:
    """The trusted authority's certificate that issued `leaf`, which was valid at `when`. Raises NotTrusted."""
    for authority in roots.authorities:
        if authority.trusted_at(when) and _issued(leaf, authority.chain):
            if not leaf.not_valid_before_utc <= when <= leaf.not_valid_after_utc:
                raise NotTrusted("the certificate was not valid when the signature was made")
            usages = leaf.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
            if ExtendedKeyUsageOID.CODE_SIGNING not in usages:
                raise NotTrusted("the certificate is not for signing code")
            return authority.chain[0]
    raise NotTrusted(f"the certificate comes from an authority that {roots.name} does not trust")


def _issued(leaf: x509.Certificate, chain: tuple[x509.Certificate, ...]) -> bool:
    try:
        for child, parent in zip((leaf, *chain), chain, strict=False):
            child.verify_directly_issued_by(parent)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return bool(chain)


def check_logged(leaf: x509.Certificate, issuer: x509.Certificate, roots: Roots) -> None:
    """The certificate's own log entry: at least one embedded timestamp by a trusted log. Raises NotTrusted."""
    try:
        extension = leaf.extensions.get_extension_for_class(x509.PrecertificateSignedCertificateTimestamps)
    except (x509.ExtensionNotFound, ValueError):
        raise NotTrusted("the certificate carries no timestamp of a certificate log") from None
    key = issuer.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    body = leaf.tbs_precertificate_bytes
    for one in extension.value:
        time = int(one.timestamp.timestamp() * 1000).to_bytes(8)
        extensions = one.extension_bytes
        data = b"\x00\x00" + time + b"\x00\x01" + sha256(key).digest() + len(body).to_bytes(3) + body
        data += len(extensions).to_bytes(2) + extensions
        if holds(roots.certificate_logs, one.log_id, one.signature, data):
            return
    raise NotTrusted("no trusted certificate log vouches for the certificate")


def holds(keys: Mapping[bytes, Any], key_id: bytes, signature: bytes, data: bytes) -> bool:
    """Whether the key of that id signed `data` (SHA-256)."""
    key = keys.get(key_id)
    return key is not None and verified(key, signature, data)


def verified(key: Any, signature: bytes, data: bytes) -> bool:
    """Whether `key` signed `data` (SHA-256; ECDSA, or RSA with PKCS #1 v1.5)."""
    try:
        if isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(signature, data, ec.ECDSA(hashes.SHA256()))
        elif isinstance(key, rsa.RSAPublicKey):
            key.verify(signature, data, padding.PKCS1v15(), hashes.SHA256())
        else:
            return False
    except InvalidSignature:
        return False
    return True
