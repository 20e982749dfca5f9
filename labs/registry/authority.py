"""The lab's secrets: one seed and the time of its making, from which every key and certificate follows.

Kept in `authority.json` (mode 0600) in the lab's folder, written once and never changed.
"""

from __future__ import annotations

import json
import secrets
from base64 import b64decode, b64encode
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec

from grader.errors import EnvironmentFault, LabsError
from labs import state
from labs.registry import certificate, keys
from labs.registry.certificate import CertificateAuthority, ServerCertificate
from labs.registry.transparency import Log

SCHEMA = "platform-labs/authority/v1"
FILE = "authority.json"
LOG_NAME = "rekor.platform-labs.invalid"

_EARLIER = timedelta(days=1)  # a cluster's clock may be behind the host's
_LIFETIME = timedelta(days=3650)
_SIZE_LIMIT = 10_000


@dataclass(frozen=True)
class Authority:
    """All that signs in one lab. `created` is in whole seconds, UTC."""

    seed: bytes = field(repr=False)
    created: datetime

    @property
    def since(self) -> datetime:
        """When its certificates begin to hold."""
        return self.created - _EARLIER

    @property
    def until(self) -> datetime:
        """When its certificates and the trust in them end."""
        return self.created + _LIFETIME

    @cached_property
    def fulcio(self) -> CertificateAuthority:
        """Issues the signing certificates that the lab trusts."""
        return self._authority("fulcio", "platform-labs signing authority")

    @cached_property
    def other(self) -> CertificateAuthority:
        """Issues signing certificates that nobody trusts."""
        return self._authority("other", "another signing authority")

    @cached_property
    def tls(self) -> CertificateAuthority:
        """Issues the registry's TLS certificate."""
        return self._authority("tls", "platform-labs registry authority")

    @cached_property
    def certificate_log(self) -> ec.EllipticCurvePrivateKey:
        """Signs the timestamps inside signing certificates."""
        return keys.ec_key(self.seed, "certificate-log")

    @cached_property
    def log(self) -> Log:
        """The transparency log that the lab trusts."""
        return Log(LOG_NAME, keys.ec_key(self.seed, "log"))

    @cached_property
    def forged_log(self) -> Log:
        """A log that claims to be the lab's and has not its key."""
        return Log(LOG_NAME, keys.ec_key(self.seed, "forged-log"), claims=self.log.log_id)

    def server(self, names: Iterable[str], addresses: Iterable[str]) -> ServerCertificate:
        """The TLS certificate and key of the registry under these names and IP addresses."""
        return certificate.server(self.seed, self.tls, names, addresses)

    def _authority(self, label: str, common_name: str) -> CertificateAuthority:
        return certificate.authority(self.seed, label, common_name, self.since, self.until)


def load_or_create(folder: Path, now: datetime | None = None) -> Authority:
    """The authority kept in `folder`, made there at the first call.

    Raises EnvironmentFault where the file cannot be read or written, LabsError where it is damaged.
    """
    file = folder / FILE
    try:
        if not file.exists():
            state.write(file, _new(now or datetime.now(UTC)))
        with file.open("rb") as stream:
            content = stream.read(_SIZE_LIMIT)
    except OSError as fault:
        raise EnvironmentFault(
            f"the lab's keys cannot be kept: {fault.strerror}",
            where=str(file),
            advice="Check the folder's permissions.",
        ) from None
    return _read(file, content)


def _new(now: datetime) -> bytes:
    created = now.astimezone(UTC).replace(microsecond=0)
    seed = b64encode(secrets.token_bytes(32)).decode()
    return json.dumps({"schema": SCHEMA, "seed": seed, "created": created.isoformat()}).encode() + b"\n"


def _read(file: Path, raw: bytes) -> Authority:
    try:
        content = json.loads(raw)
        if content["schema"] != SCHEMA:
            raise ValueError("another schema")
        seed, created = b64decode(content["seed"], validate=True), datetime.fromisoformat(content["created"])
        if len(seed) != 32 or created.tzinfo is None:
            raise ValueError("incomplete")
    except (ValueError, KeyError, TypeError):
        raise LabsError(
            f"the lab's keys are not as {SCHEMA} has them",
            where=str(file),
            advice="Remove the lab with `labs down` and make it anew with `labs up`.",
        ) from None
    return Authority(seed, created)
