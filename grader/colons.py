"""A line of YAML whose colon is missing, has no blank after it, or is one too many."""

from __future__ import annotations

import re
from typing import NamedTuple

from grader.text import quoted

_DASHES = re.compile(r"(?:-[ ]+)*")
_FIELD = re.compile(r"(?P<name>[A-Za-z][\w./-]*)(?P<sign>\s*[:=]\s*|\s+|$)(?P<value>.*)", re.DOTALL)
_COMMENT = re.compile(r"(?:^|\s)#.*")
_COLON = re.compile(r":(?=\s|$)")


class Complaint(NamedTuple):
    """What is wrong with a line, and how to mend it; line and column count from 1."""

    message: str
    line: int
    column: int
    advice: str = ""


def missing(lines: list[str], number: int) -> Complaint | None:
    """What a field's line that the parser found no colon in lacks, or None where it has one after all."""
    text = _bare(lines, number)
    if not text.strip() or _COLON.search(text):
        return None
    dashes = _dashes(text)
    found = _FIELD.fullmatch(text.strip()[len(dashes) :])
    name, sign, value = found.group("name", "sign", "value") if found else ("", "", "")
    message = f"the colon in line {number} has no blank after it" if ":" in sign else f"line {number} has no colon"
    written = f"{dashes}{name}: {value}".rstrip()
    advice = f"Write {quoted(written)}." if name else "Write the field's name, a colon, and its value."
    return Complaint(message, number, _start(text), advice)


def unexpected(lines: list[str], number: int, column: int) -> Complaint | None:
    """Why a colon surprises the parser: another one stands before it, or the line above lacks its own."""
    text = _bare(lines, number)
    first = _COLON.search(text[: max(column - 1, 0)])
    if first:
        message = f"line {number} has a second colon with a blank after it, which would begin another field"
        advice = _in_quotes(text[: first.start()].strip(), text[first.end() :].strip())
        return Complaint(message, number, column, advice)
    above = next((one for one in range(number - 1, 0, -1) if _bare(lines, one).strip()), 0)
    return missing(lines, above) if above else None


def ends_with_one(line: str) -> bool:
    """Whether a line names a field whose value is to stand below it."""
    return _COMMENT.sub("", line).rstrip().endswith(":")


def _in_quotes(name: str, value: str) -> str:
    mark = next((mark for mark in "\"'" if mark not in value and "\\" not in value), "")
    return f"Write {quoted(f'{name}: {mark}{value}{mark}')}." if mark else "Put the whole value in quotes."


def _bare(lines: list[str], number: int) -> str:
    """A line without its comment; empty where there is no such line."""
    return _COMMENT.sub("", lines[number - 1]) if 0 < number <= len(lines) else ""


def _dashes(text: str) -> str:
    """The dashes of the list items that a line begins."""
    found = _DASHES.match(text.strip())
    return found.group() if found else ""


def _start(text: str) -> int:
    return len(text) - len(text.lstrip()) + 1
