"""Untrusted text made fit to show: no control, escape, bidi or zero-width characters."""

from __future__ import annotations

import re

_ESCAPES = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]"  # CSI
    r"|\x1b[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\)?"  # OSC, DCS, SOS, PM, APC
    r"|\x1b[ -/]*[0-~]?"
)
# C0 but tab and newline, DEL, C1; zero-width; bidi marks, embeddings, isolates; line and
# paragraph separators; surrogates; tags
_UNSAFE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\ud800-\udfff\U000e0000-\U000e007f]"
)
ELLIPSIS = "…"


def clean(text: str, limit: int = 2000) -> str:
    """`text` without anything that a terminal obeys or that hides; at most `limit` characters.

    Tabs and newlines stay. What is cut off is marked by an ellipsis.
    """
    window = text[: 4 * limit + 64]
    safe = _UNSAFE.sub("", _ESCAPES.sub("", window.replace("\r\n", "\n").replace("\r", "\n")))
    if len(safe) <= limit and len(window) == len(text):
        return safe
    return safe[: max(limit - 1, 0)] + ELLIPSIS


def one_line(text: str, limit: int = 200) -> str:
    """`clean`, with every run of white space made one space."""
    return clean(" ".join(clean(text, 8 * limit + 64).split()), limit)


def quoted(text: str, limit: int = 120) -> str:
    """`one_line` between typographic quotes: for a value named inside a sentence."""
    return f"“{one_line(text, limit)}”"


def suspicious(text: str) -> str | None:
    """Names the first character of `text` that is not printable ASCII, or None.

    For values that are ASCII by nature (image references, identities), where a look-alike
    letter or an invisible one is otherwise impossible to see (CVE-2021-42694).
    """
    for index, character in enumerate(text):
        if not " " <= character <= "~":
            return f"U+{ord(character):04X} at character {index + 1}"
    return None
