"""The line at the head of all that shows a lab's state: that it is simulated, where it is."""

from __future__ import annotations

from typing import Protocol

from grader.outcome import SIMULATED
from labs import console


class Simulated(Protocol):
    """A lab, or whoever learns in one."""

    @property
    def is_simulated(self) -> bool: ...


def say(of: Simulated) -> None:
    """Says it; nothing of a real lab, or where there is none."""
    if of.is_simulated:
        console.say(SIMULATED)
