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

    `any` needs one, `all` every one; an old-style list is like `all`.
    """
    if conditions is None:
        return None
    if isinstance(conditions, list):
        return _first_failing(conditions, request, place)
    if not isinstance(conditions, Mapping):
        raise CannotTell("the conditions are neither a list nor a mapping", place)
    alternatives = conditions.get("any")
    met = (_holds(one, request, place.at("any", index)) for index, one in enumerate(alternatives or []))
    if alternatives is not None and not any(met):
        return place.at("any")
    return _first_failing(conditions.get("all") or [], request, place.at("all"))


def _first_failing(conditions: list[Any], request: Request, place: Place) -> Place | None:
    for index, condition in enumerate(conditions):
        if not _holds(condition, request, place.at(index)):
            return place.at(index)
    return None


def _holds(condition: Any, request: Request, place: Place) -> bool:
    if not isinstance(condition, Mapping):
        raise CannotTell("a condition is not a mapping", place)
    key = substitute(condition.get("key"), request, place)
    value = substitute(condition.get("value"), request, place)
    operator = str(condition.get("operator") or "").lower()
    if operator in ("equal", "equals", "notequal", "notequals"):
        return _equal(key, value, place) is operator.startswith("equal")
    if operator in _MEMBERSHIP:
        return _member(operator, key, value, place)
    raise CannotTell(f"the operator {operator or '(none)'} is not evaluated", place)


def _equal(key: Any, value: Any, place: Place) -> bool:
    if isinstance(key, str) and isinstance(value, str):
        if key != value and _NUMBERLIKE.match(key) and _NUMBERLIKE.match(value):
            raise CannotTell("numbers, durations and quantities are not compared", place)
        return wildcard.match(value, key)
    if isinstance(key, bool) or isinstance(value, bool):
        return key is value
    if key is None or isinstance(key, str) != isinstance(value, str):
        raise CannotTell("values of different types are not compared", place)
    return bool(key == value)


_MEMBERSHIP = ("in", "anyin", "allin", "notin", "anynotin", "allnotin")


def _member(operator: str, key: Any, value: Any, place: Place) -> bool:
    if isinstance(key, str):
        inside = _inside(key, _values(value, place))
        return inside is not ("not" in operator)
    if not isinstance(key, list) or operator in ("in", "notin"):
        raise CannotTell("values of this type are not compared", place)
    values = _values(value, place)
    found = [_inside(one if isinstance(one, str) else json.dumps(one), values) for one in key]
    if operator == "anyin":
        return any(found)
    if operator == "allin":
        return all(found)
    return not all(found) if operator == "anynotin" else not any(found)


def _inside(text: str, values: Iterable[str]) -> bool:
    return any(wildcard.match(one, text) or wildcard.match(text, one) for one in values)


def _values(value: Any, place: Place) -> list[str]:
    if isinstance(value, list):
        return [one if isinstance(one, str) else json.dumps(one) for one in value]
    if isinstance(value, str) and not _NUMBERLIKE.match(value) and not value.startswith("["):
        return [value]
    raise CannotTell("values of this type are not compared", place)
