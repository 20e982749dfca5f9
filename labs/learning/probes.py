"""The probes of a check, out of what is told of it: wrong ones first, each with the command that asks again."""

from __future__ import annotations

import re
from dataclasses import dataclass

_PROBE = re.compile(r"^(?=[\w.-]+: (?:NOT )?as expected: )", re.MULTILINE)
_AGAIN = re.compile(r"^  again {5}(?P<command>.*)", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Probe:
    """One probe. `again` is the command that asks it once more, or nothing."""

    name: str
    right: bool
    text: str
    again: str


def ordered(told: str) -> tuple[str, tuple[Probe, ...]]:
    """What stands before the probes, and the probes; those that are not as expected first, else in their order."""
    before, *found = _PROBE.split(told)
    return before.strip("\n"), tuple(sorted((_probe(text.strip("\n")) for text in found), key=lambda one: one.right))


def _probe(text: str) -> Probe:
    name, _, rest = text.partition(": ")
    again = _AGAIN.search(text)
    return Probe(name, not rest.startswith("NOT "), text, again["command"].strip("\n") if again else "")
