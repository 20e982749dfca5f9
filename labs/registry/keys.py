"""Keys and signatures, all derived from one secret seed, so that a lab is made alike each time.

A key is HKDF-SHA256 (RFC 5869) of the seed under a label; ECDSA nonces are RFC 6979 where OpenSSL
knows it. A build that was broken off and started again then yields the same bytes.
"""

from __future__ import annotations

import hashlib
from functools import cache

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551  # SEC 2, 2.4.2

PublicKey = ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey


def derive(seed: bytes, label: str, length: int = 32) -> bytes:
    """`length` bytes that belong to `label` under this seed."""
    return HKDF(hashes.SHA256(), length, salt=None, info=f"platform-labs/v1/{label}".encode()).derive(seed)


def ec_key(seed: bytes, label: str) -> ec.EllipticCurvePrivateKey:
    """The P-256 key of that label."""
    scalar = int.from_bytes(derive(seed, f"p256/{label}", 48)) % (_P256_ORDER - 1) + 1
    return ec.derive_private_key(scalar, ec.SECP256R1())


def ed25519_key(seed: bytes, label: str) -> ed25519.Ed25519PrivateKey:
    """The Ed25519 key of that label."""
    return ed25519.Ed25519PrivateKey.from_private_bytes(derive(seed, f"ed25519/{label}"))


@cache
def repeatable() -> bool:
    """Whether this OpenSSL (3.2 and later) signs by RFC 6979; else a repeated signature differs, but holds."""
    try:
        ec.ECDSA(hashes.SHA256(), deterministic_signing=True)
    except UnsupportedAlgorithm:
        return False
    return True


def sign(key: ec.EllipticCurvePrivateKey, data: bytes) -> bytes:
    """ECDSA over the SHA-256 of `data`, DER encoded."""
    return key.sign(data, ec.ECDSA(hashes.SHA256(), deterministic_signing=repeatable()))


def spki(key: PublicKey) -> bytes:
    """The DER SubjectPublicKeyInfo."""
    return key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)


def public_pem(key: PublicKey) -> bytes:
    """The PEM SubjectPublicKeyInfo."""
    return key.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


def private_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    """The unencrypted PKCS #8 PEM."""
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def log_id(key: PublicKey) -> bytes:
    """How logs name themselves: SHA-256 of the SubjectPublicKeyInfo (RFC 6962, 3.2)."""
    return hashlib.sha256(spki(key)).digest()
