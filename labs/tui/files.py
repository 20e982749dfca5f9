"""The files of a clone, by name."""

from __future__ import annotations

import os
from pathlib import Path

MOST = 500
"""Files that are listed."""
_LEFT_OUT = frozenset({".git", "node_modules", "__pycache__"})


def of(folder: Path) -> tuple[str, ...]:
    """The paths of the files below a folder, as seen from it, sorted; Git's own are left out. At most `MOST`."""
    found: list[str] = []
    for place, folders, files in os.walk(folder):
        folders[:] = sorted(one for one in folders if one not in _LEFT_OUT)
        found += (os.path.relpath(os.path.join(place, name), folder) for name in files)
        if len(found) >= MOST:
            break
    return tuple(sorted(found)[:MOST])


def completed(typed: str, names: tuple[str, ...]) -> str:
    """What is typed, made longer as far as the names that begin so, or else have it in them, agree."""
    begin = [name for name in names if name.startswith(typed)]
    if not begin:
        holding = [name for name in names if typed in name]
        return holding[0] if len(holding) == 1 else typed
    return os.path.commonprefix(begin)  # noqa: RUF071 (letters are typed, not parts of paths)
