"""Certificate authorities, and the registry's TLS certificate."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from labs.registry import keys

_ORGANISATION = "platform-labs"


@dataclass(frozen=True)
class CertificateAuthority:
    """A self-signed authority: its key and certificate."""

    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    @property
    def pem(self) -> bytes:
        """The certificate as PEM."""
        return pem(self.certificate)


@dataclass(frozen=True)
class ServerCertificate:
    """What a TLS server needs, both PEM; `chain` is the certificate and then its authority's."""

    chain: bytes
    key: bytes = field(repr=False)


def pem(certificate: x509.Certificate) -> bytes:
    """A certificate as PEM."""
    return certificate.public_bytes(serialization.Encoding.PEM)


def der(certificate: x509.Certificate) -> bytes:
    """A certificate as DER."""
    return certificate.public_bytes(serialization.Encoding.DER)


def sign(builder: x509.CertificateBuilder, key: ec.EllipticCurvePrivateKey) -> x509.Certificate:
    """Signs a certificate; the same input gives the same bytes where `keys.repeatable`."""
    return builder.sign(key, hashes.SHA256(), ecdsa_deterministic=keys.repeatable())


def serial(seed: bytes, label: str) -> int:
    """A positive serial number of at most 20 octets (RFC 5280, 4.1.2.2) that belongs to the label."""
    return int.from_bytes(keys.derive(seed, f"serial/{label}", 16)) or 1


def start(
    subject: x509.Name,
    issuer: x509.Name,
    public: ec.EllipticCurvePublicKey,
    number: int,
    since: datetime,
    until: datetime,
) -> x509.CertificateBuilder:
    """A certificate with its fixed fields and subject key identifier."""
    return (
        x509.CertificateBuilder(subject_name=subject, issuer_name=issuer, public_key=public, serial_number=number)
        .not_valid_before(since)
        .not_valid_after(until)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
    )


def usage(*, signature: bool = False, certificates: bool = False) -> x509.KeyUsage:
    """A key usage: digital signatures, or signing certificates and revocation lists."""
    return x509.KeyUsage(
        digital_signature=signature,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=certificates,
        crl_sign=certificates,
        encipher_only=False,
        decipher_only=False,
    )


def issued_by(authority: CertificateAuthority) -> x509.AuthorityKeyIdentifier:
    """The extension that names the issuer's key."""
    identifier = authority.certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    return x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identifier)


def authority(seed: bytes, label: str, common_name: str, since: datetime, until: datetime) -> CertificateAuthority:
    """A self-signed authority that issues leaves only."""
    key = keys.ec_key(seed, label)
    name = _name(common_name)
    builder = start(name, name, key.public_key(), serial(seed, label), since, until)
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    builder = builder.add_extension(usage(certificates=True), critical=True)
    return CertificateAuthority(key, sign(builder, key))


def server(
    seed: bytes, issuer: CertificateAuthority, names: Iterable[str], addresses: Iterable[str]
) -> ServerCertificate:
    """A TLS server's certificate for these DNS names and IP addresses, as long-lived as its authority."""
    alternatives: list[x509.GeneralName] = [x509.DNSName(name) for name in names]
    alternatives += [x509.IPAddress(ipaddress.ip_address(address)) for address in addresses]
    label = "tls/server/" + " ".join(sorted(str(name.value) for name in alternatives))
    key = keys.ec_key(seed, label)
    parent = issuer.certificate
    common_name = str(alternatives[0].value)
    builder = start(
        _name(common_name), parent.subject, key.public_key(), serial(seed, label),
        parent.not_valid_before_utc, parent.not_valid_after_utc,
    )  # fmt: skip
    for extension, critical in (
        (x509.BasicConstraints(ca=False, path_length=None), True),
        (usage(signature=True), True),
        (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), False),
        (issued_by(issuer), False),
        (x509.SubjectAlternativeName(alternatives), False),
    ):
        builder = builder.add_extension(extension, critical=critical)
    return ServerCertificate(chain=pem(sign(builder, issuer.key)) + issuer.pem, key=keys.private_pem(key))


def _name(common_name: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, _ORGANISATION),
            x509.NameAttribute(NameOID.COMMON_NAME, common_name),
        ]
    )
