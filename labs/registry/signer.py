"""One signer: a short-lived key, its certificate, and the log that its signatures go into."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cached_property
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec

from labs.registry import certificate, keys, leaf
from labs.registry.authority import Authority
from labs.registry.leaf import Identity
from labs.registry.transparency import Entry, Log


class Trust(StrEnum):
    """Which authority issued the signing certificate."""

    LAB = "lab"
    OTHER = "other"


class Logging(StrEnum):
    """Where the signature was logged."""

    LAB = "lab"
    FORGED = "forged"  # by a log that pretends to be the lab's
    NONE = "none"


class Validity(StrEnum):
    """How the certificate's lifetime lies to the time of the signature."""

    SHORT = "short"  # ten minutes around it, as Fulcio has it
    LASTING = "lasting"  # from before it to the end of the lab
    EXPIRED = "expired"  # over when the signature was logged


@dataclass(frozen=True)
class Signer:
    """Signs and logs. `log` is None where the signature is kept out of every log."""

    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate
    chain: bytes
    log: Log | None
    time: datetime

    @cached_property
    def pem(self) -> bytes:
        """The signing certificate as PEM."""
        return certificate.pem(self.certificate)

    def sign(self, data: bytes) -> bytes:
        """A DER ECDSA signature."""
        return keys.sign(self.key, data)

    def enter(self, record: dict[str, Any]) -> Entry | None:
        """Logs the record at the time of the signature; None without a log."""
        return self.log.enter(record, self.time) if self.log else None


def signer(
    authority: Authority,
    label: str,
    identity: Identity,
    *,
    trust: Trust = Trust.LAB,
    logging: Logging = Logging.LAB,
    validity: Validity = Validity.SHORT,
) -> Signer:
    """The signer that belongs to `label` in this lab; it signed an hour before the lab was made."""
    time = authority.created - timedelta(hours=1)
    issuer = authority.fulcio if trust is Trust.LAB else authority.other
    key = keys.ec_key(authority.seed, f"leaf/{label}")
    since, until = _lifetime(authority, validity, time)
    issued = leaf.issue(
        issuer,
        authority.certificate_log,
        key.public_key(),
        identity,
        number=certificate.serial(authority.seed, f"leaf/{label}"),
        since=since,
        until=until,
    )
    logs = {Logging.LAB: authority.log, Logging.FORGED: authority.forged_log, Logging.NONE: None}
    return Signer(key, issued, issuer.pem, logs[logging], time)


def _lifetime(authority: Authority, validity: Validity, time: datetime) -> tuple[datetime, datetime]:
    five = timedelta(minutes=5)
    match validity:
        case Validity.SHORT:
            return time - five, time + five
        case Validity.LASTING:
            return time - five, authority.until
        case Validity.EXPIRED:
            return time - timedelta(hours=2), time - timedelta(hours=2) + 2 * five
