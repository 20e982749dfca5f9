"""A Sigstore trusted root (`trustedroot+json;version=0.1`), as far as legacy signatures need it.

Source: sigstore/protobuf-specs, `protos/sigstore_trustroot.proto`.
"""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_der_public_key

from grader.errors import EnvironmentFault


@dataclass(frozen=True, slots=True)
class Authority:
    """A certificate authority: its chain, the issuer of leaves first, and when it may be trusted."""

    chain: tuple[x509.Certificate, ...]
    start: datetime | None
    end: datetime | None

    def trusted_at(self, when: datetime) -> bool:
        """Whether the authority and all of its chain were valid then."""
        if (self.start and when < self.start) or (self.end and when > self.end):
            return False
        return all(one.not_valid_before_utc <= when <= one.not_valid_after_utc for one in self.chain)


@dataclass(frozen=True, slots=True)
class Roots:
    """Whom to trust: authorities, and the keys of logs by their id. `name` says whose they are."""

    name: str
    text: str
    authorities: tuple[Authority, ...]
    logs: Mapping[bytes, Any]
    certificate_logs: Mapping[bytes, Any]


def read(name: str, text: str) -> Roots:
    """Reads a trusted root. Raises EnvironmentFault where it is none: it is no learner's file."""
    try:
        content = json.loads(text)
        return Roots(
            name,
            text,
            tuple(_authority(one) for one in content["certificateAuthorities"]),
            _keys(content["tlogs"]),
            _keys(content["ctlogs"]),
        )
    except (ValueError, KeyError, TypeError) as error:
        raise EnvironmentFault(f"the trusted root of {name} cannot be read: {type(error).__name__}") from None


def _authority(content: Mapping[str, Any]) -> Authority:
    chain = tuple(
        x509.load_der_x509_certificate(b64decode(one["rawBytes"])) for one in content["certChain"]["certificates"]
    )
    valid = content.get("validFor") or {}
    return Authority(chain, _time(valid.get("start")), _time(valid.get("end")))


def _keys(logs: list[Mapping[str, Any]]) -> dict[bytes, Any]:
    return {
        b64decode(log["logId"]["keyId"]): load_der_public_key(b64decode(log["publicKey"]["rawBytes"])) for log in logs
    }


def _time(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text.replace("Z", "+00:00")) if text else None
