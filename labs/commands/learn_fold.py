"""Lines to the width of a page. What stands between “ and ” is one word: a name or a command is never broken."""

from __future__ import annotations

import re
import textwrap

WIDTH = 79
_QUOTED = re.compile("“[^”]*”")
_HOLD = "\ue000"


def folded(text: str, *, indent: str = "", later: str = "") -> list[str]:
    """One paragraph in lines; `indent` begins the first, `later` the others. A word longer than the page is a line."""
    held = _QUOTED.sub(lambda found: found.group().replace(" ", _HOLD), text)
    lines = textwrap.wrap(
        held, WIDTH, initial_indent=indent, subsequent_indent=later, break_long_words=False, break_on_hyphens=False
    )
    return [line.replace(_HOLD, " ") for line in lines]
