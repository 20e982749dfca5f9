"""Where a link of a text leads: a place in it, another module, a file of the course, or somewhere else."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Literal
from urllib.parse import urlsplit

from grader.course import Course

Kind = Literal["anchor", "module", "unwritten", "external", "unknown"]


@dataclass(frozen=True, slots=True)
class Target:
    """`module` is its identifier, `anchor` the heading in it; `address` is the link as it was written."""

    kind: Kind
    address: str
    module: str = ""
    anchor: str = ""


def target(href: str, course: Course) -> Target:
    """What a link means in a module's text."""
    parts = urlsplit(href)
    if parts.scheme or parts.netloc:
        kind: Kind = "external" if parts.scheme in ("http", "https") else "unknown"
        return Target(kind, href)
    if not parts.path:
        return Target("anchor", href, anchor=parts.fragment)
    path = PurePosixPath(parts.path)
    names = {path.stem, path.parent.name}
    for module in course.modules:
        if module.id in names:
            return Target("module" if module.written else "unwritten", href, module.id, parts.fragment)
    return Target("unknown", href)
