"""Lines of shell code: which of them begin a command, and which go on with the one before."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator

_HERE = re.compile(r"<<-?\s*(['\"]?)(\w+)\1")
_OPEN = re.compile(r"(?:\\|\||&&|[({]|\b(?:do|then|else))$")
_DEEPER = re.compile(r"^\s*(?:for|while|until|if|case)\b")
_CLOSER = re.compile(r"(?:^|;)\s*(?:done|fi|esac)\b")


def begun(code: str) -> Iterator[tuple[str, bool]]:
    """Each line, and whether a command begins with it. A good guess, good enough for a mark beside the line."""
    held, until = "", ""
    for line in code.splitlines():
        yield line, not held and not until
        if until:
            until = "" if line.strip() == until else until
            continue
        held = f"{held}{line}\n"
        if here := _HERE.search(line):
            until = here[2]
        if not _goes_on(held):
            held = ""


def _goes_on(held: str) -> bool:
    """Whether what was read so far wants another line."""
    lines = held.splitlines()
    depth = sum(bool(_DEEPER.match(line)) - len(_CLOSER.findall(line)) for line in lines)
    if depth > 0 or held.count("{") > held.count("}") or held.count("(") > held.count(")"):
        return True
    if _OPEN.search(lines[-1].rstrip(" ")):
        return True
    try:
        shlex.split(held, comments=True)
    except ValueError:
        return True
    return False
