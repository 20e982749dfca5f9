"""What a YAML parser's complaint means: tabs, stars without quotes, lines out of line."""

from __future__ import annotations

import yaml

from grader.errors import ManifestError


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
    indent = near[: len(near) - len(near.lstrip())]
    if "\t" in indent:
        return ManifestError(
            "a tab is used to indent, and YAML allows only spaces",
            line=line, column=indent.index("\t") + 1, name=name, advice="Replace the tab by spaces.",
        )  # fmt: skip
    if "alias" in (found.problem or "") + (found.context or "") and "*" in near:
        return ManifestError(
            "a value that begins with * must stand in quotes, or YAML takes it for the name of another value",
            line=line, column=near.index("*") + 1, name=name, advice='Write it as "*…".',
        )  # fmt: skip
    parts = [part for part in (found.context, found.problem) if part]
    message = f"not YAML: {', '.join(parts)}"
    neighbour = _out_of_line(lines[: line - 1], near)
    if neighbour:
        wide = "1 space" if len(indent) == 1 else f"{len(indent)} spaces"
        message = f"line {line} is indented by {wide}, and lines up with nothing above it"
        advice = f"Indent it by {neighbour[1]} spaces, like the words in line {neighbour[0]}."
        return ManifestError(message, line=line, column=column, name=name, advice=advice)
    return ManifestError(message, line=line, column=column, name=name)


def _out_of_line(above: list[str], line: str) -> tuple[int, int] | None:
    """The nearest line above (number and column of its key) where `line` begins in a column that none begins in."""
    own = len(line) - len(line.lstrip(" "))
    starts = [(number, _columns(text)) for number, text in enumerate(above, 1) if text.strip()]
    if not starts or own == 0 or any(own in columns for _, columns in starts):
        return None
    number, columns = starts[-1]
    return number, min(columns, key=lambda column: (abs(column - own), -column))


def _columns(line: str) -> list[int]:
    """The columns in which a line begins: that of its first sign, and of what follows the dashes of a list."""
    found = [len(line) - len(line.lstrip(" "))]
    while line[found[-1] :].startswith("- "):
        rest = line[found[-1] + 1 :]
        found.append(found[-1] + 1 + len(rest) - len(rest.lstrip(" ")))
    return found
