"""Whom a lab trusts: its own Sigstore beside the public good instance.

Format: sigstore/protobuf-specs `sigstore_trustroot.proto`, JSON, version 0.1.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_der_public_key

from labs.registry import certificate, keys
from labs.registry.authority import LOG_NAME, Authority

MEDIA_TYPE = "application/vnd.dev.sigstore.trustedroot+json;version=0.1"
Json = dict[str, Any]


@dataclass(frozen=True)
class Target:
    """One file of the older kind of trust, which `type: Cosign` policies go by.

    `usage` is Fulcio, Rekor or CTFE; `expired` keys still verify what they signed in their time.
    """

    name: str
    data: bytes
    usage: str
    uri: str
    expired: bool = False


def combined(authority: Authority, public: Mapping[str, Any]) -> Json:
    """The public trusted root with the lab's authority and logs added to it."""
    start = {"start": _time(authority.since)}
    key = authority.log.key.public_key()
    certificate_log = authority.certificate_log.public_key()
    own = {
        "subject": {"organization": "platform-labs", "commonName": "platform-labs signing authority"},
        "uri": "https://fulcio.platform-labs.invalid",
        "certChain": {"certificates": [{"rawBytes": _text(certificate.der(authority.fulcio.certificate))}]},
        "validFor": start,
    }
    return {
        "mediaType": MEDIA_TYPE,
        "tlogs": [*public.get("tlogs", []), _log(f"https://{LOG_NAME}", key, start)],
        "certificateAuthorities": [*public.get("certificateAuthorities", []), own],
        "ctlogs": [*public.get("ctlogs", []), _log("https://ctfe.platform-labs.invalid", certificate_log, start)],
        "timestampAuthorities": list(public.get("timestampAuthorities", [])),
    }


def targets(root: Mapping[str, Any], now: datetime) -> list[Target]:
    """The certificates and keys of a trusted root as single files.

    Names as in the public repository where a part has one there; cosign reads ECDSA logs alone
    and gives up at any other (cosign 3.1.2, `VerifyBundle`), so logs of another kind are left out.
    """
    found: list[Target] = []
    for number, one in enumerate(root["certificateAuthorities"]):
        for raw in one["certChain"]["certificates"]:
            each = x509.load_der_x509_certificate(b64decode(raw["rawBytes"]))
            kind = "" if each.subject == each.issuer else "_intermediate"
            name = f"fulcio{kind}_v{number + 1}.crt.pem"
            found.append(Target(name, certificate.pem(each), "Fulcio", one["uri"], _over(one, now)))
    for usage, prefix, logs in (("Rekor", "rekor", root["tlogs"]), ("CTFE", "ctfe", root["ctlogs"])):
        for number, log in enumerate(logs):
            key = load_der_public_key(b64decode(log["publicKey"]["rawBytes"]))
            if isinstance(key, ec.EllipticCurvePublicKey):
                name = f"{prefix}{'' if number == 0 else f'_{number + 1}'}.pub"
                over = _over(log["publicKey"], now)
                found.append(Target(name, keys.public_pem(key), usage, log["baseUrl"], over))
    return found


def _log(url: str, key: ec.EllipticCurvePublicKey, valid: Json) -> Json:
    return {
        "baseUrl": url,
        "hashAlgorithm": "SHA2_256",
        "publicKey": {"rawBytes": _text(keys.spki(key)), "keyDetails": "PKIX_ECDSA_P256_SHA_256", "validFor": valid},
        "logId": {"keyId": _text(keys.log_id(key))},
    }


def _over(part: Mapping[str, Any], now: datetime) -> bool:
    end = (part.get("validFor") or {}).get("end")
    return end is not None and datetime.fromisoformat(end) <= now


def _time(when: datetime) -> str:
    return when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _text(data: bytes) -> str:
    return b64encode(data).decode()
