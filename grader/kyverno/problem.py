"""What is wrong with a policy: the reason that a cluster gives, the line, and the repair."""

from __future__ import annotations

from dataclasses import dataclass

from grader.kyverno.place import Place
from grader.text import one_line


@dataclass(frozen=True, slots=True)
class Problem:
    """One reason for a refusal.

    `reason` is what the API server or Kyverno would say, `place` the value it speaks of, `repair` one sentence
    that says what to write instead. All three may quote the manifest: cleaned, on one line.
    """

    reason: str
    place: Place
    repair: str = ""

    @property
    def where(self) -> str:
        """`file:line:column`."""
        return str(self.place)

    @property
    def field(self) -> str:
        """The path of the value inside the object."""
        return self.place.field


def problem(reason: str, place: Place, repair: str = "") -> Problem:
    """A Problem with its texts cleaned."""
    return Problem(one_line(reason, 600), place, one_line(repair, 400))
