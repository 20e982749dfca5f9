"""What a YAML parser's complaint means: tabs, stars and colons, open quotes, lines out of line, merge conflicts."""

from __future__ import annotations

import re
from typing import Any

import yaml

from grader.colons import Complaint, ends_with_one, missing, unexpected
from grader.errors import ManifestError

_CONFLICT = re.compile(r"^(<{7}|>{7})(?: |$)", re.MULTILINE)
_CLOSE = "Put the same mark at the end of the value."
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def place_of(text: str, offset: int) -> tuple[int, int]:
    """Line and column, from 1, of a character."""
    offset = max(0, min(offset, len(text)))
    return text.count("\n", 0, offset) + 1, offset - (text.rfind("\n", 0, offset) + 1) + 1


def error(found: yaml.MarkedYAMLError, text: str, name: str) -> ManifestError:
    """The parser's complaint, in a learner's words where the mistake is a common one, with its place."""
    mark = found.problem_mark or found.context_mark
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    lines = text.splitlines()
    near = lines[line - 1] if 0 < line <= len(lines) else ""
    known = (
        _conflict(text)
        or _sign(found, near, line)
        or _quote(found, text, near, line)
        or _colon(found, lines, line, column)
        or _out_of_line(lines[: line - 1], near, line, column)
    )
    if known is None:
        parts = [part for part in (found.context, found.problem) if part]
        known = Complaint(f"not YAML: {', '.join(parts)}", line, column)
    return ManifestError(known.message, line=known.line, column=known.column, name=name, advice=known.advice or None)


def _conflict(text: str) -> Complaint | None:
    """Git's marks around two versions of the same lines."""
    found = _CONFLICT.search(text)
    if found is None:
        return None
    line = text.count("\n", 0, found.start()) + 1
    advice = "Keep the lines that are to stay, and delete those that begin with <<<<<<<, ======= and >>>>>>>."
    return Complaint(f"line {line} is a merge conflict marker ({found[1]})", line, 1, advice)


def _sign(found: yaml.MarkedYAMLError, near: str, line: int) -> Complaint | None:
    """A tab that indents, a star that begins a value."""
    indent = near[: len(near) - len(near.lstrip())]
    if "\t" in indent:
        message = "a tab is used to indent, and YAML allows only spaces"
        return Complaint(message, line, indent.index("\t") + 1, "Replace the tab by spaces.")
    if "alias" in (found.problem or "") + (found.context or "") and "*" in near:
        message = "a value that begins with * must stand in quotes, or YAML takes it for the name of another value"
        return Complaint(message, line, near.index("*") + 1, 'Write it as "*…".')
    return None


def _quote(found: yaml.MarkedYAMLError, text: str, near: str, line: int) -> Complaint | None:
    """A quotation mark that nothing closes, or only the mark that was to open another value."""
    mark = found.context_mark
    if mark and found.context == "while scanning a quoted scalar" and "unexpected" in (found.problem or ""):
        message = f"the quotation mark in line {mark.line + 1} is never closed"
        return Complaint(message, mark.line + 1, mark.column + 1, _CLOSE)
    begin = _closed_late(text, line - 1) if '"' in near or "'" in near else None
    if begin is None:
        return None
    message = f"the quotation mark in line {begin.line + 1} is closed only in line {line}"
    return Complaint(message, begin.line + 1, begin.column + 1, _CLOSE)


def _closed_late(text: str, line: int) -> Any:
    """Where the quoted value begins that reaches from an earlier line into `line` (from 0), or None."""
    try:
        for token in yaml.scan(text, Loader=_Loader):
            start, end = token.start_mark.line, token.end_mark.line
            if isinstance(token, yaml.ScalarToken) and token.style in ("'", '"') and start < line == end:
                return token.start_mark
            if start > line:
                break
    except yaml.YAMLError:
        pass
    return None


def _colon(found: yaml.MarkedYAMLError, lines: list[str], line: int, column: int) -> Complaint | None:
    mark = found.context_mark
    if mark and found.context == "while scanning a simple key":
        return missing(lines, mark.line + 1)
    if "mapping values are not allowed" in (found.problem or ""):
        return unexpected(lines, line, column)
    return None


def _out_of_line(above: list[str], line: str, number: int, column: int) -> Complaint | None:
    """A line that begins in a column that none above begins in, where it does not stand below its own field."""
    own = len(line) - len(line.lstrip(" "))
    starts = [(number, _columns(text)) for number, text in enumerate(above, 1) if text.strip()]
    if not starts or own == 0 or any(own in columns for _, columns in starts):
        return None
    nearest, columns = starts[-1]
    if own > max(columns) and ends_with_one(above[nearest - 1]):
        return None
    best = min(columns, key=lambda column: (abs(column - own), -column))
    wide = "1 space" if own == 1 else f"{own} spaces"
    message = f"line {number} is indented by {wide}, and lines up with nothing above it"
    return Complaint(message, number, column, f"Indent it by {best} spaces, like the words in line {nearest}.")


def _columns(line: str) -> list[int]:
    """The columns in which a line begins: that of its first sign, and of what follows the dashes of a list."""
    found = [len(line) - len(line.lstrip(" "))]
    while line[found[-1] :].startswith("- "):
        rest = line[found[-1] + 1 :]
        found.append(found[-1] + 1 + len(rest) - len(rest.lstrip(" ")))
    return found
