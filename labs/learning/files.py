"""The files of a clone, by name."""

from __future__ import annotations

import os
import shlex
from pathlib import Path

MOST = 500
"""Files that are listed."""
_MANIFESTS = (".yaml", ".yml", ".json")
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


def moved(folder: Path, command: str) -> tuple[str, ...]:
    """What a command names by a bare file name that the folder does not hold, and where such a file lies below it.

    One sentence a file; nothing about a name that lies nowhere, or in more than one place.
    """
    try:
        words = shlex.split(command)
    except ValueError:
        return ()
    names = {word for word in words if word.endswith(_MANIFESTS) and "/" not in word and not (folder / word).exists()}
    places = of(folder) if names else ()
    found = {name: [place for place in places if os.path.basename(place) == name] for name in sorted(names)}
    return tuple(f"{name} lies at {at[0]} now." for name, at in found.items() if len(at) == 1)


def completed(typed: str, names: tuple[str, ...]) -> str:
    """What is typed, made longer as far as the names that begin so, or else have it in them, agree."""
    begin = [name for name in names if name.startswith(typed)]
    if not begin:
        holding = [name for name in names if typed in name]
        return holding[0] if len(holding) == 1 else typed
    return os.path.commonprefix(begin)  # noqa: RUF071 (letters are typed, not parts of paths)
