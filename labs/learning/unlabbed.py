"""Which commands of the course's text may run where there is no lab."""

from __future__ import annotations

import re

_PLAIN = re.compile(r"labs( [\w./:=@ -]*)?")
"""A call of this program alone: no other program before or behind it, no substitution."""


def needs_lab(command: str) -> bool:
    """Whether a command may run in a lab alone: all but calls of `labs`, as `labs doctor` or `labs up`.

    Any other program would look for a cluster where the learner's own settings point.
    """
    lines = [line.strip() for line in command.splitlines()]
    told = [line for line in lines if line and not line.startswith("#")]
    return not all(_PLAIN.fullmatch(line) for line in told)
