"""The person's editor: which program it is, and how it opens a file at a line."""

from __future__ import annotations

import os
import shlex
import shutil
from dataclasses import dataclass
from pathlib import Path

from labs.errors import EnvironmentFault

_KNOW_LINES = ("vi", "vim", "nvim", "view", "nano", "emacs", "micro", "ed", "joe", "kak", "hx")
_OTHERS = ("nano", "vim", "vi")


@dataclass(frozen=True, slots=True)
class Editor:
    """The words that start it. `instead` says that it stands in for one that is not there, or nothing."""

    words: tuple[str, ...]
    instead: str = ""

    def arguments(self, file: Path, line: int | None) -> list[str]:
        """The call that opens a file, at its line where the editor knows how."""
        place = [f"+{line}"] if line and Path(self.words[0]).name in _KNOW_LINES else []
        return [*self.words, *place, str(file)]


def found() -> Editor:
    """`$VISUAL`, else `$EDITOR`, else one that is there. Raises EnvironmentFault where there is none."""
    name = "VISUAL" if os.environ.get("VISUAL") else "EDITOR"
    wanted = _words(os.environ.get(name, ""), name)
    if wanted and shutil.which(wanted[0]):
        return Editor(wanted)
    other = next((one for one in _OTHERS if shutil.which(one)), None)
    if other is None:
        missing = f"{name} names {wanted[0]}, which is not there" if wanted else "there is no editor"
        raise EnvironmentFault(missing, advice="Install one, or set EDITOR to one that is there.")
    return Editor((other,), f"{name} names {wanted[0]}, which is not there: {other} opens instead." if wanted else "")


def _words(told: str, name: str) -> tuple[str, ...]:
    try:
        return tuple(shlex.split(told))
    except ValueError:
        raise EnvironmentFault(f"{name} has a quote that is not closed", advice=f"Set {name} anew.") from None
