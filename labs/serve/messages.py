"""What a browser's page says over its socket, as textual-serve's script writes it: JSON lists, a word first."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

MOST = 256 << 10
"""Bytes of one message. The largest is a paste."""
_WIDTH, _HEIGHT = (10, 500), (4, 200)


@dataclass(frozen=True, slots=True)
class Typed:
    """Keys, mouse and pastes, as a terminal sends them."""

    data: bytes


@dataclass(frozen=True, slots=True)
class Resized:
    """The terminal's size in cells, within bounds."""

    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Ping:
    """Wants `text` back."""

    text: str


@dataclass(frozen=True, slots=True)
class Focus:
    """Whether the page is the one in use."""

    gained: bool


Message = Typed | Resized | Ping | Focus


def read(text: str) -> Message:
    """One message. Raises ValueError for whatever else it is."""
    try:
        found = json.loads(text)
    except RecursionError:
        raise ValueError("too deep") from None
    match found:
        case ["stdin", str(keys)]:
            return Typed(keys.encode(errors="replace"))
        case ["resize", {"width": width, "height": height}]:
            return size(width, height)
        case ["ping", str(word)] if len(word) <= 64:
            return Ping(word)
        case ["focus" | "blur" as word]:
            return Focus(word == "focus")
    raise ValueError("not a message")


def size(width: Any, height: Any) -> Resized:
    """A size within bounds, from numbers or their text. Raises ValueError for anything else."""
    if not all(isinstance(value, str | int) and len(str(value)) < 20 for value in (width, height)):
        raise ValueError("not a size")
    return Resized(_within(int(width), _WIDTH), _within(int(height), _HEIGHT))


def _within(value: int, bounds: tuple[int, int]) -> int:
    return min(max(value, bounds[0]), bounds[1])
