"""What a learner did in earlier modules, which going back in a later one leaves."""

from __future__ import annotations

from collections.abc import Iterable

from grader.course import Course, Module
from grader.errors import ManifestError
from grader.manifest import load
from labs.platform.working_tree import PLAIN, Files


def starters(module: Module) -> tuple[str, ...]:
    """The files of the platform that the module's exercise changes (its parameter `starter`)."""
    return tuple(module.exercise.parameters.get("starter") or ())


def modules(course: Course, module: Module) -> tuple[Module, ...]:
    """The written modules before this one that change files of the platform."""
    names = [one.id for one in course.modules]
    before = course.modules[: names.index(module.id)]
    return tuple(one for one in before if one.written and starters(one))


def files(course: Course, module: Module) -> tuple[str, ...]:
    """The files that the modules before this one change."""
    return tuple(path for one in modules(course, module) for path in starters(one))


def carried(pushed: Files, start: Files, paths: Iterable[str]) -> Files:
    """Those of the files that were changed and pushed; only while they hold the objects that they began with.

    A file into which another object was put is part of what a later module undoes.
    """
    changed = {path: pushed[path] for path in paths if path in pushed and path in start and pushed[path] != start[path]}
    return {
        path: file for path, file in changed.items() if file[0] == PLAIN and _names(file[1]) == _names(start[path][1])
    }


def _names(content: bytes) -> list[tuple[str, str]] | None:
    """Kind and name of each object; None where the file cannot be read."""
    try:
        return [(one.kind, one.object_name) for one in load(content)]
    except ManifestError:
        return None
