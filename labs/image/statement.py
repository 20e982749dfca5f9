"""in-toto statements inside DSSE envelopes (in-toto attestation spec v1; DSSE 1.0)."""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

PAYLOAD = "application/vnd.in-toto+json"


@dataclass(frozen=True, slots=True)
class Statement:
    """What is said (`predicate` of `kind`) about which digests (`sha256:…`)."""

    kind: str
    predicate: Any
    subjects: tuple[str, ...]


def of_envelope(data: bytes) -> tuple[Statement, bytes] | None:
    """The statement of an envelope and the bytes that were signed, or None where it is none."""
    try:
        envelope = json.loads(data)
        payload = b64decode(envelope["payload"])
        kind = str(envelope["payloadType"])
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    statement = parse(payload)
    encoded = kind.encode()
    signed = b"DSSEv1 %d %b %d %b" % (len(encoded), encoded, len(payload), payload)
    return (statement, signed) if statement and kind == PAYLOAD else None


def parse(payload: bytes) -> Statement | None:
    """The statement in a payload, or None."""
    try:
        content = json.loads(payload)
        subjects = tuple(f"sha256:{one['digest']['sha256']}" for one in content["subject"])
        return Statement(str(content["predicateType"]), content.get("predicate"), subjects)
    except (ValueError, KeyError, TypeError, RecursionError):
        return None


def of_bundle(data: bytes) -> Statement | None:
    """The statement inside a Sigstore bundle, unverified."""
    try:
        content = json.loads(data)
    except (ValueError, RecursionError):
        return None
    envelope = content.get("dsseEnvelope") if isinstance(content, Mapping) else None
    found = of_envelope(json.dumps(envelope).encode()) if isinstance(envelope, dict) else None
    return found[0] if found else None
