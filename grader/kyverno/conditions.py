"""Preconditions, and the conditions of `deny`.

Source: Kyverno 1.19.1 pkg/engine/variables/evaluate.go and operator/{equal,notequal}.go. Comparisons of numbers,
durations and quantities cannot be told.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from grader.kyverno import membership, wildcard
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


def _holds(condition: Any, request: Request, place: Place) -> bool:
    if not isinstance(condition, Mapping):
        raise CannotTell("a condition is not a mapping", place)
    key = substitute(condition.get("key"), request, place)
    value = substitute(condition.get("value"), request, place)
    operator = str(condition.get("operator") or "").lower()
    if key is None and operator in (*_EQUALITY, *membership.OPERATORS):
        return False  # of no type that is compared
    if operator in _EQUALITY:
        return _equal(key, value, place) is operator.startswith("equal")
    if operator in membership.OPERATORS:
        return membership.holds(operator, key, value, place)
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
