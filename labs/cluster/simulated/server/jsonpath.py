"""The JSON paths of printer columns: fields, indices and one filter by equality.

`.status.conditions[?(@.type == "Ready")].status`, `.metadata.labels['a.b/c']`, `.spec.items[0]`.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any

_STEP = re.compile(
    r"""\.?\[\?\(\s*@\.(?P<field>[\w.]+)\s*==\s*["'](?P<value>[^"']*)["']\s*\)\]"""
    r"""|\.?\[["'](?P<quoted>[^"']+)["']\]"""
    r"""|\.?\[(?P<index>\d+|\*)\]"""
    r"""|\.(?P<name>(?:\\\.|[^.\[\]])+)"""
)


@cache
def _steps(path: str) -> tuple[re.Match[str], ...]:
    steps, position = [], 0
    while position < len(path):
        match = _STEP.match(path, position)
        if not match:
            return ()
        steps.append(match)
        position = match.end()
    return tuple(steps)


def first(value: Any, path: str) -> Any:
    """The first value that `path` leads to, or None."""
    found = [value] if _steps(path) else []
    for step in _steps(path):
        found = [below for one in found for below in _follow(one, step)]
    return found[0] if found else None


def _follow(value: Any, step: re.Match[str]) -> list[Any]:
    if isinstance(value, list):
        if step["field"]:
            return [item for item in value if isinstance(item, dict) and str(item.get(step["field"])) == step["value"]]
        if step["index"] == "*":
            return value
        return value[int(step["index"]) :][:1] if step["index"] else []
    name = step["quoted"] or (step["name"] or "").replace("\\.", ".")
    return [value[name]] if isinstance(value, dict) and name in value else []
