"""Patterns of `validate` rules, laid over an object.

Source: Kyverno 1.19.1 pkg/engine/validate/{validate,utils}.go, pkg/engine/anchor/*.go, pkg/engine/pattern/pattern.go.
Anchors: `(a)` the rest counts only where a matches, `=(a)` only where a is there, `^(a)` one item must match,
`X(a)` must not be there, `<(a)` the whole pattern counts only where a matches.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from grader.kyverno import wildcard
from grader.kyverno.doubt import CannotTell
from grader.kyverno.place import Place

_ANCHOR = re.compile(r"(?P<kind>[+<=X^]?)\((?P<key>.+)\)")
_NUMBERLIKE = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)\S*")
_COMPARISON = re.compile(r">=|<=|>|<|.*\d!?-\d")
_KNOWN_ABSENT = ("initContainers", "ephemeralContainers", "labels", "annotations", "name", "namespace")


class Mismatch(Exception):
    """The object does not fit the pattern at `path`."""

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self.path = path


class Skipped(Exception):
    """An anchor says that the pattern does not speak of this object. `direct`: an anchor of this very mapping."""

    def __init__(self, *, direct: bool) -> None:
        super().__init__()
        self.direct = direct


@dataclass(slots=True)
class Overlay:
    """One comparison. `whole`: the object is known wholly, so what is not there is really missing.

    `seen` maps an anchor's key to whether the object ever had a value for it.
    """

    place: Place
    whole: bool
    seen: dict[str, bool] = field(default_factory=dict)

    @property
    def anchor_missing(self) -> bool:
        """Whether an anchor never met its key: Kyverno then speaks of an error, not of a violation."""
        return any(not there for key, there in self.seen.items() if _anchor(key)[0] != "X")

    def element(self, value: Any, pattern: Any, path: str) -> None:
        """Compares one value. Raises Mismatch, Skipped, CannotTell."""
        if isinstance(pattern, Mapping):
            if not isinstance(value, Mapping):
                raise Mismatch(path)
            self._look(value, pattern)
            self._mapping(value, pattern, path)
        elif isinstance(pattern, list):
            if not isinstance(value, list) or not pattern:
                raise Mismatch(path)
            self._list(value, pattern, path)
        elif not all(self._fits(one, pattern) for one in (value if isinstance(value, list) else [value])):
            raise Mismatch(path)

    def _look(self, value: Mapping[str, Any], pattern: Mapping[str, Any]) -> None:
        for text in pattern:
            kind, key = _anchor(text)
            if kind in ("", "^", "X"):
                self.seen[text] = self.seen.get(text, False) or key in value

    def _mapping(self, value: Mapping[str, Any], pattern: Mapping[str, Any], path: str) -> None:
        anchors = sorted(key for key in pattern if _anchor(key)[0] in ("", "=", "^", "X"))
        skips: list[Skipped] = []
        applied = 0
        for key in anchors:
            try:
                self._anchored(value, key, pattern[key], path)
                applied += 1
            except Skipped as skip:
                skips.append(skip)
            except Mismatch:
                if not any(skip.direct for skip in skips):
                    raise
        if skips and (not applied or any(skip.direct for skip in skips)):
            raise Skipped(direct=False)
        for key in _order({key: pattern[key] for key in pattern if key not in anchors}):
            self._anchored(value, key, pattern[key], path)

    def _anchored(self, value: Mapping[str, Any], text: str, pattern: Any, path: str) -> None:
        kind, key = _anchor(text)
        here = f"{path}{key}/"
        if kind in ("none", "+"):
            found = self._get(value, text)
            if pattern == "*":
                if found is None:
                    raise Mismatch(path)
            else:
                self.element(found, pattern, f"{path}{text}/")
        elif self._get(value, key) is None and key not in value:
            if kind == "":
                raise Skipped(direct=True)
        elif kind == "X":
            raise Mismatch(here)
        elif kind == "^":
            self._existence(value[key], pattern, here)
        elif kind == "=":
            self.element(value[key], pattern, here)
        else:
            self._condition(value[key], pattern, here)

    def _condition(self, value: Any, pattern: Any, path: str) -> None:
        try:
            self.element(value, pattern, path)
        except (Mismatch, Skipped):
            raise Skipped(direct=True) from None

    def _existence(self, value: Any, pattern: Any, path: str) -> None:
        if not isinstance(value, list) or not isinstance(pattern, list):
            raise Mismatch(path)
        for wanted in pattern:
            if not any(self._quietly(one, wanted, path) for one in value):
                raise Mismatch(path)

    def _quietly(self, value: Any, pattern: Any, path: str) -> bool:
        try:
            self.element(value, pattern, path)
        except (Mismatch, Skipped):
            return False
        return True

    def _list(self, value: list[Any], pattern: list[Any], path: str) -> None:
        if not isinstance(pattern[0], Mapping | list):
            return self.element(value, pattern[0], path)
        if isinstance(pattern[0], list) and len(value) < len(pattern):
            raise Mismatch(path)
        pairs = (
            zip(value, pattern, strict=False) if isinstance(pattern[0], list) else ((one, pattern[0]) for one in value)
        )
        skipped = applied = 0
        for index, (one, wanted) in enumerate(pairs):
            try:
                self.element(one, wanted, f"{path}{index}/")
                applied += 1
            except Skipped:
                skipped += 1
        if skipped and not applied:
            raise Skipped(direct=False)
        return None

    def _get(self, value: Mapping[str, Any], key: str) -> Any:
        known = key in _KNOWN_ABSENT or (key == "containers" and "template" in value)
        if key not in value and not self.whole and not known:
            raise CannotTell(f"the pattern asks for {key}, which is not known of the object", self.place)
        return value.get(key)

    def _fits(self, value: Any, pattern: Any) -> bool:
        if isinstance(pattern, str) and (value is None or isinstance(value, str)):
            return value == pattern or any(
                all(self._text(value, part.strip(" ")) for part in one.strip(" ").split("&"))
                for one in pattern.split("|")
            )
        if isinstance(pattern, bool) or isinstance(value, bool):
            return pattern is value or (pattern is None and value is False)
        if pattern is None:
            return not value and not isinstance(value, Mapping | list)
        if value is None:
            return False
        raise CannotTell("numbers are not compared", self.place)

    def _text(self, value: str | None, pattern: str) -> bool:
        """What is missing is compared as the number 0, and is no text at all (compareString)."""
        negated = len(pattern) > 1 and pattern.startswith("!")
        wanted = pattern[1:].strip() if negated else pattern
        numeric = value is None or _NUMBERLIKE.fullmatch(value)
        if _COMPARISON.match(pattern) or (_NUMBERLIKE.fullmatch(wanted) and numeric):
            raise CannotTell("numbers, durations and quantities are not compared", self.place)
        return value is not None and wildcard.match(wanted, value) is not negated


def _anchor(text: str) -> tuple[str, str]:
    """The kind of an anchor (`none` where it is none) and its key."""
    found = _ANCHOR.fullmatch(text.strip())
    return (found["kind"], found["key"]) if found else ("none", text)


def _order(pattern: Mapping[str, Any]) -> list[str]:
    """Keys with anchors below them come first (getSortedNestedAnchorResource)."""
    ordered: list[str] = []
    for key in sorted(pattern):
        if _anchor(key)[0] == "<" or _nested(pattern[key]):
            ordered.insert(0, key)
        else:
            ordered.append(key)
    return ordered


def _nested(pattern: Any) -> bool:
    if isinstance(pattern, Mapping):
        return any(_anchor(key)[0] not in ("none", "+") or _nested(value) for key, value in pattern.items())
    return isinstance(pattern, list) and any(map(_nested, pattern))
