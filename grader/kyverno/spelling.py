"""What an unknown field was probably meant to be: misspelt, or right but in the wrong place."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from grader.kyverno.place import Place
from grader.kyverno.types import Shape, homes
from grader.text import one_line, quoted


def repair(place: Place, known: Shape) -> str:
    """How to mend the unknown field at `place`, inside an object of shape `known`."""
    name = str(place.path[-1])
    path = place.path[place.root : -1]
    inside = next((step for step in reversed(path) if isinstance(step, str)), "the object")
    meant = _nearly(name, known.fields)
    if meant:
        return write(meant, name)
    home = _nearest_home(name, tuple(step if isinstance(step, str) else "[]" for step in path))
    if home:
        return _move(name, home, place)
    meant = nearest(name, known.fields)
    if meant:
        return write(meant, name)
    known_names = ", ".join(sorted(known.fields))
    return f"{inside} has no such field; it knows: {known_names}."


def nearest(name: str, known: Iterable[str]) -> str:
    """The known name that was probably meant: capitals aside, in the other number, or a few letters away."""
    names = tuple(known)
    close = difflib.get_close_matches(name, names, n=1, cutoff=0.75)
    return (
        _nearly(name, names) or (close[0] if close else "") or next((one for one in names if _a_letter(name, one)), "")
    )


def write(meant: str, name: str) -> str:
    """The repair of a name that was misspelt."""
    return (
        f"Write {meant}: capitals count."
        if meant.lower() == name.lower()
        else f"Write {meant} instead of {quoted(name)}."
    )


def _nearly(name: str, known: Iterable[str]) -> str:
    """The known name that this one surely stands for, or nothing."""
    names = tuple(known)
    for same in (str.lower, _singular):
        found = next((one for one in names if same(one) == same(name)), "")
        if found:
            return found
    return next(iter(difflib.get_close_matches(name, names, n=1, cutoff=0.88)), "")


def _singular(name: str) -> str:
    lower = name.lower()
    return f"{lower[:-3]}y" if lower.endswith("ies") else lower.removesuffix("s")


def _a_letter(name: str, other: str) -> bool:
    """Whether two short names differ in one letter."""
    differ = sum(a != b for a, b in zip(name, other, strict=False))
    return len(name) == len(other) > 2 and differ == 1


def enum_repair(value: str, allowed: tuple[str, ...]) -> str:
    """How to mend a value that is none of those allowed."""
    same = [name for name in allowed if name.lower() == value.lower()]
    close = same or difflib.get_close_matches(value, allowed, n=1, cutoff=0.6)
    if close:
        return f"Write {close[0]}" + (": capitals count." if same else ".")
    return f"Write one of {', '.join(allowed)}."


def _nearest_home(name: str, path: tuple[str, ...]) -> tuple[str, ...] | None:
    """Where a field of this name belongs, as near to `path` as possible; inside the same rule before elsewhere."""
    found = [home for home in homes().get(name, ()) if home[:-1] != path]
    return min(
        found,
        key=lambda home: (-_common(home, path), "verifyImages" not in home, "all" in home, len(home)),
        default=None,
    )


def _common(one: tuple[str, ...], other: tuple[str, ...]) -> int:
    count = 0
    for a, b in zip(one, other, strict=False):
        if a != b:
            break
        count += 1
    return count


def _move(name: str, home: tuple[str, ...], place: Place) -> str:
    shown = ".".join(home).replace(".[]", "[]")
    owner = next(step for step in reversed(home[:-1]) if step != "[]")
    if home[-2] != "[]":
        return f"{name} belongs inside {owner} ({shown}): move it there."
    return f"{name} belongs inside an item of the list {owner} ({shown}): {_beside(name, owner, home, place)}."


def _beside(name: str, owner: str, home: tuple[str, ...], place: Place) -> str:
    """Names a line that the moved field has to line up with, where the manifest has one."""
    found = Place(place.document, place.path[: place.root], place.root)
    actual = place.path[place.root :]
    for depth, step in enumerate(home[:-1]):
        same = home[:depth] == tuple(part if isinstance(part, str) else "[]" for part in actual[:depth])
        index = actual[depth] if same and depth < len(actual) and isinstance(actual[depth], int) else 0
        found = found.at(index if step == "[]" else step)
    if isinstance(found.value, dict) and found.value:
        sibling = next(iter(found.value))
        line = place.document.position(*found.at(sibling).path).line
        return f"indent it, with all that is below it, so that it lines up with {one_line(sibling, 40)} in line {line}"
    return f"write {owner}: above it, make it the item `- {name}:`, and indent what is below it with it"
