"""The time, so that tests can set it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Tells the time in UTC."""

    def now(self) -> datetime:
        """The time, with its zone."""
        ...


class WallClock:
    """The machine's clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)


def stamp(clock: Clock) -> str:
    """The time as Kubernetes writes it: seconds, UTC, `Z`."""
    return clock.now().strftime("%Y-%m-%dT%H:%M:%SZ")


def parse(text: str) -> datetime:
    """The time that `stamp` (or another RFC 3339 writer) wrote."""
    return datetime.fromisoformat(text.replace("Z", "+00:00"))
