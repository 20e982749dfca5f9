"""A name that two patterns of wildcards both fit."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator

FREE = "a"
"""Stands for any letter: it may be part of a name, a tag or a digest."""
_SEPARATORS = frozenset(":/@.-_")
_LONGEST = 150
_State = tuple[int, int, bool]
"""How far both patterns are read, and whether a separator or nothing stands before."""


def common(one: str, other: str) -> str | None:
    """The shortest text that fits both; None where there is none, or a pattern has over 150 characters.

    As in names of images, separators stand neither at its ends nor side by side. Letters that neither pattern names
    are FREE. Takes at most some len(one) * len(other) steps.
    """
    if max(len(one), len(other)) > _LONGEST:
        return None
    start, end = (0, 0, True), (len(one), len(other), False)
    came: dict[_State, tuple[_State, str]] = {}
    waiting: deque[tuple[_State, _State, str]] = deque([(start, start, "")])
    while waiting and end not in came:
        here, before, letter = waiting.popleft()
        if here in came:
            continue
        came[here] = before, letter
        for there, taken in _steps(one, other, *here):
            (waiting.append if taken else waiting.appendleft)((there, here, taken))
    return _told(came, end) if end in came else None


def _steps(one: str, other: str, i: int, j: int, apart: bool) -> Iterator[tuple[_State, str]]:
    """Where both can go from here: past a `*` without a letter, or by one letter that both take."""
    left, right = one[i : i + 1], other[j : j + 1]
    if left == "*":
        yield (i + 1, j, apart), ""
    if right == "*":
        yield (i, j + 1, apart), ""
    if left and right and (left in "*?" or right in "*?" or left == right):
        letter = next((text for text in (left, right) if text not in "*?"), FREE)
        separates = letter in _SEPARATORS
        if not (apart and separates):
            yield (i + (left != "*"), j + (right != "*"), separates), letter


def _told(came: dict[_State, tuple[_State, str]], end: _State) -> str:
    letters = []
    while came[end][0] != end:
        end, letter = came[end]
        letters.append(letter)
    return "".join(reversed(letters))
