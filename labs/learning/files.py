"""The files of a clone, by name."""

from __future__ import annotations

import os
import shlex
from pathlib import Path

from grader.errors import InputError
from grader.text import clean, one_line

MOST = 500
"""Files that are listed."""
_MANIFESTS = (".yaml", ".yml", ".json")
_LEFT_OUT = frozenset({".git", "node_modules", "__pycache__"})


def of(folder: Path) -> tuple[str, ...]:
    """The paths of the files below a folder, as seen from it, sorted. At most `MOST`.

    Git's own are left out, and names that a terminal would obey: control and bidi characters, new lines.
    """
    found: list[str] = []
    for place, folders, files in os.walk(folder):
        folders[:] = sorted(one for one in folders if one not in _LEFT_OUT)
        paths = (os.path.relpath(os.path.join(place, name), folder) for name in files)
        found += (path for path in paths if clean(path) == path and "\n" not in path)
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


def outside(folder: Path, name: str) -> bool:
    """Whether a name, as seen from a folder, leads out of it."""
    try:
        return not (folder / name).resolve().is_relative_to(folder.resolve())
    except (OSError, ValueError, RuntimeError):  # a NUL in the name; links in a circle (Python 3.11, 3.12)
        return False


def write(folder: Path, name: str, text: str, *, over: bool = False) -> Path | None:
    """Writes a file below a folder, with the folders that it needs; the path that a link leads to.

    None, and nothing is written, where it is there already and not to be written `over`. Raises InputError where the
    name leads out of the folder or into Git's own, and where it cannot be written.
    """
    try:
        file = (folder / name).resolve()
        inside = file.relative_to(folder.resolve()) if file.is_relative_to(folder.resolve()) else None
        if inside is None or ".git" in inside.parts:
            raise InputError("is no place for a file of the clone", where=one_line(name))
        if not over and file.exists():
            return None
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    except (OSError, ValueError, RuntimeError) as error:  # a NUL in the name; links in a circle (Python 3.11, 3.12)
        reason = getattr(error, "strerror", None) or "this is no name for a file"
        raise InputError(f"cannot be written: {reason}", where=one_line(name)) from None
    return file
