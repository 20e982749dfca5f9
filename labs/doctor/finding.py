"""What a host check found."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How bad it is."""

    GOOD = "good"
    WARN = "warning"  # it may do, or it could not be told
    BAD = "bad"  # a lab cannot run


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at. `fix` says what to do where it is not good."""

    subject: str
    level: Level
    message: str
    fix: str = ""
