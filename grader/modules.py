"""A module by what somebody types: its name, or a beginning that no other module has."""

from __future__ import annotations

from grader.course import Course, Module
from grader.errors import UsageError
from grader.text import quoted

_SHOWN = 5


def named(course: Course, word: str) -> Module:
    """The module of that name, or the only one whose name begins so (`01`).

    A whole part of a name (`1` of `1-one`) goes before a beginning (`10-ten`). Raises UsageError where there is none
    or there are several, and where it is not written yet.
    """
    found = _called(course, word)
    written = [one.id for one in course.modules if one.written]
    if not found:
        raise UsageError(f"there is no module {quoted(word)}", advice=f"Modules of this course: {', '.join(written)}.")
    if len(found) > 1:
        which = ", ".join(one.id for one in found[:_SHOWN]) + (" …" if len(found) > _SHOWN else "")
        advice = f"Write more of its name: {which}."
        raise UsageError(f"{quoted(word)} begins the names of {len(found)} modules", advice=advice)
    if not found[0].written:
        raise UsageError(f"the module {found[0].id} is not written yet", advice=f"There are: {', '.join(written)}.")
    return found[0]


def _called(course: Course, word: str) -> list[Module]:
    for beginning in (f"{word}-", word):
        found = [one for one in course.modules if one.id == word or (word and one.id.startswith(beginning))]
        if found:
            return [one for one in found if one.id == word] or found
    return []
