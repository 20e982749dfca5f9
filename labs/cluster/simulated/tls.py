"""The server's certificate: an authority of the lab's own, whose key is forgotten at once."""

from __future__ import annotations

import ipaddress
import ssl
from datetime import UTC, datetime, timedelta

from labs.cluster.simulated.place import Place
from labs.state import write

_DAYS = 3650


def context(place: Place) -> ssl.SSLContext:
    """TLS for the server; the certificate is made when first asked for."""
    if not all(path.exists() for path in (place.authority, place.certificate, place.key)):
        make(place)
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.minimum_version = ssl.TLSVersion.TLSv1_2
    made.load_cert_chain(place.certificate, place.key)
    return made


def make(place: Place) -> None:
    """Writes the authority's certificate, the server's and its key."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

    ca_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    issuer = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "simulated-cluster-ca")])
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "simulated-cluster")])
    start = datetime.now(UTC) - timedelta(hours=1)

    def builder(name: x509.Name, public: ec.EllipticCurvePublicKey) -> x509.CertificateBuilder:
        made = x509.CertificateBuilder().subject_name(name).issuer_name(issuer).public_key(public)
        made = made.serial_number(x509.random_serial_number())
        return made.not_valid_before(start).not_valid_after(start + timedelta(days=_DAYS))

    def usage(signs: bool) -> x509.KeyUsage:
        return x509.KeyUsage(not signs, False, False, False, False, signs, signs, False, False)

    authority_id = x509.SubjectKeyIdentifier.from_public_key(ca_key.public_key())
    authority = builder(issuer, ca_key.public_key()).add_extension(x509.BasicConstraints(True, 0), critical=True)
    authority = authority.add_extension(usage(True), critical=True).add_extension(authority_id, critical=False)
    names = x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    server = builder(subject, key.public_key()).add_extension(names, critical=False)
    server = server.add_extension(x509.BasicConstraints(False, None), critical=True)
    server = server.add_extension(usage(False), critical=True)
    server = server.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
    known = x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(authority_id)
    server = server.add_extension(known, critical=False)
    pem = serialization.Encoding.PEM
    secret = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    write(place.authority, authority.sign(ca_key, hashes.SHA256()).public_bytes(pem))
    write(place.certificate, server.sign(ca_key, hashes.SHA256()).public_bytes(pem))
    write(place.key, secret)
