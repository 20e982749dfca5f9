"""Accepted solutions of a module: the reference first, then the others."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from grader.course import Module
from grader.errors import CourseError, ManifestError
from grader.manifest import load
from labs.learning.module_progress import ModuleProgress

ASKS = 2
"""How often one has to ask before the reference solution is shown."""
_ABOUT = "about.yaml"


@dataclass(frozen=True, slots=True)
class Solution:
    """One accepted solution: its files, as they are laid over the repository that a learner starts from."""

    title: str
    note: str
    files: tuple[tuple[str, str], ...]


def solutions(module: Module) -> tuple[Solution, ...]:
    """Every accepted solution; none where the exercise has no files to show. Raises CourseError."""
    return tuple(_solution(folder) for folder in module.solutions)


def may_show(progress: ModuleProgress, there_are: int) -> int:
    """How many of them may be shown: none at first, the reference after asking twice, all when asked again or done."""
    if progress.done or progress.solutions_shown > ASKS:
        return there_are
    return min(1, there_are) if progress.solutions_shown == ASKS else 0


def _solution(folder: Path) -> Solution:
    try:
        about = load((folder / _ABOUT).read_bytes(), str(folder / _ABOUT))[0].value
        texts = tuple((path.relative_to(folder).as_posix(), path.read_text("utf-8")) for path in files(folder))
        return Solution(str(about["title"]), str(about.get("note", "")), texts)
    except ManifestError as error:
        raise CourseError(error.message, where=error.where) from None
    except (OSError, UnicodeDecodeError, KeyError, IndexError, TypeError, AttributeError) as error:
        raise CourseError(f"the solution cannot be read: {error}", where=str(folder)) from None


def files(folder: Path) -> list[Path]:
    """The files of a solution's tree, without what is about it."""
    return sorted(path for path in folder.rglob("*") if path.is_file() and path != folder / _ABOUT)
