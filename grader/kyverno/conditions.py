"""Preconditions, and the conditions of `deny`.

Source: Kyverno 1.19.1 pkg/engine/variables/evaluate.go and operator/{equal,notequal,anyin,allin,anynotin,allnotin,
in,notin}.go. Comparisons of numbers, durations, quantities and ranges cannot be told.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from grader.kyverno import wildcard
from grader.kyverno.doubt import CannotTell
from grader.kyverno.place import Place
from grader.kyverno.request import Request
from grader.kyverno.variables import substitute

_NUMBERLIKE = re.compile(r"[-+.]?\d.*")


def hold(conditions: Any, request: Request, place: Place) -> Place | None:
    """None where the conditions hold, else the place of the one that does not. Raises MissingKey, CannotTell.

    `any` needs one, `all` every one; an old-style list is like `all`. Both are evaluated, whatever the first gives.
    """
    if conditions is None:
        return None
    if isinstance(conditions, list):
        return _first_failing(conditions, request, place)
    if not isinstance(conditions, Mapping):
        raise CannotTell("the conditions are neither a list nor a mapping", place)
    alternatives = conditions.get("any")
    met = (_holds(one, request, place.at("any", index)) for index, one in enumerate(alternatives or []))
    failing = place.at("any") if alternatives is not None and not any(met) else None
    return _first_failing(conditions.get("all") or [], request, place.at("all")) or failing


def _first_failing(conditions: list[Any], request: Request, place: Place) -> Place | None:
    for index, condition in enumerate(conditions):
        if not _holds(condition, request, place.at(index)):
            return place.at(index)
    return None


_EQUALITY = ("equal", "equals", "notequal", "notequals")
_MEMBERSHIP = ("in", "anyin", "allin", "notin", "anynotin", "allnotin")


def _holds(condition: Any, request: Request, place: Place) -> bool:
    if not isinstance(condition, Mapping):
        raise CannotTell("a condition is not a mapping", place)
    key = substitute(condition.get("key"), request, place)
    value = substitute(condition.get("value"), request, place)
    operator = str(condition.get("operator") or "").lower()
    if key is None and operator in (*_EQUALITY, *_MEMBERSHIP):
        return False  # of no type that is compared
    if operator in _EQUALITY:
        return _equal(key, value, place) is operator.startswith("equal")
    if operator in _MEMBERSHIP:
        return _member(operator, key, value, place)
    raise CannotTell(f"the operator {operator or '(none)'} is not evaluated", place)


def _equal(key: Any, value: Any, place: Place) -> bool:
    if isinstance(key, str):
        if isinstance(value, str) and key == value:
            return True
        if _NUMBERLIKE.match(key) and not isinstance(value, list | dict):
            raise CannotTell("numbers, durations and quantities are not compared", place)
        return isinstance(value, str) and wildcard.match(value, key)
    if isinstance(key, bool) or isinstance(value, bool):
        return key is value
    if isinstance(key, int | float) and isinstance(value, str):
        raise CannotTell("numbers, durations and quantities are not compared", place)
    return bool(key == value)


def _member(operator: str, key: Any, value: Any, place: Place) -> bool:
    if isinstance(key, str):
        inside = _inside(key, _values(value, place)) if isinstance(value, list) else _fits(key, value, place)
        if operator == "notin" and not isinstance(value, list):
            return False  # a plain text is no list for this old operator
        return inside is not ("not" in operator)
    if not isinstance(key, list):
        raise CannotTell("values of this type are not compared", place)
    if operator in ("in", "notin"):
        return _old_member(operator, key, value)
    values = _values(value, place)
    found = [_inside(one if isinstance(one, str) else json.dumps(one), values) for one in key]
    if operator == "anyin":
        return any(found)
    if operator == "allin":
        return all(found)
    return not all(found) if operator == "anynotin" else not any(found)


def _old_member(operator: str, key: list[Any], value: Any) -> bool:
    """Lists under the old operators are compared as sets, without wildcards; a plain text is no list."""
    if not isinstance(value, list):
        return key == [value]
    inside = [one in value for one in key]
    return all(inside) if operator == "in" else not all(inside)


def _inside(text: str, values: Iterable[str]) -> bool:
    """Either side may hold wildcards."""
    return any(wildcard.match(one, text) or wildcard.match(text, one) for one in values)


def _fits(text: str, value: Any, place: Place) -> bool:
    """A single value: only it may hold wildcards."""
    (one,) = _values(value, place)
    return wildcard.match(one, text) or one == text


def _values(value: Any, place: Place) -> list[str]:
    if isinstance(value, list):
        return [one if isinstance(one, str) else json.dumps(one) for one in value]
    if isinstance(value, str) and not _NUMBERLIKE.match(value) and not value.startswith("["):
        return [value]
    raise CannotTell("values of this type are not compared", place)
