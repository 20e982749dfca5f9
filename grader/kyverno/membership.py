"""Whether a value is one of several: the conditions AnyIn, AllIn, AnyNotIn, AllNotIn, and the old In and NotIn.

Source: Kyverno 1.19.1 pkg/engine/variables/operator/{anyin,allin,anynotin,allnotin,in,notin}.go. Values of a type that
an operator does not know make its condition one that is not met, whichever way it asks. Ranges of numbers cannot be
told.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

from grader.kyverno import wildcard
from grader.kyverno.doubt import CannotTell
from grader.kyverno.place import Place

OPERATORS = ("in", "anyin", "allin", "notin", "anynotin", "allnotin")
_OLD = ("in", "notin")
_NUMBER = r"[-|+]?[0-9]+(?:\.[0-9]+)?[A-Za-z]*"
_RANGE = re.compile(f"{_NUMBER}-{_NUMBER}")


def holds(operator: str, key: Any, value: Any, place: Place) -> bool:
    """Whether the condition is met; `operator` is one of OPERATORS. Raises CannotTell."""
    if isinstance(key, dict):
        return False
    if isinstance(key, list):
        return _several(operator, key, value, place)
    text = _text(key, place)
    inside = _inside(text, value, operator in _OLD, place)
    return inside is not None and inside is not ("not" in operator)


def _inside(text: str, value: Any, old: bool, place: Place) -> bool | None:
    """Whether one text is among the values; None where they are of a type that is not compared."""
    if isinstance(value, list):
        return any(_alike(text, _text(one, place)) for one in value)
    if not isinstance(value, str):
        return None
    if wildcard.match(value, text):
        return True
    listed = _listed(value, old, place)
    return None if listed is None else text in listed


def _several(operator: str, keys: list[Any], value: Any, place: Place) -> bool:
    """The same for several texts, which only Kyverno's newer operators compare by wildcards."""
    if operator in _OLD and not all(isinstance(one, str) for one in keys):
        raise CannotTell("values of this type are not compared", place)
    texts = [_text(one, place) for one in keys]
    if isinstance(value, str) and texts == [value]:
        return "not" not in operator or operator == "notin"
    values = _values(operator, value, place)
    if values is None:
        return False
    if operator in _OLD:
        return set(texts).issubset(values) is (operator == "in")
    found = [any(_alike(one, other) for other in values) for one in texts]
    return {"anyin": any(found), "allin": all(found), "anynotin": not all(found), "allnotin": not any(found)}[operator]


def _values(operator: str, value: Any, place: Place) -> Sequence[str] | None:
    """The texts that several are compared with; None where they are of a type that is not compared."""
    if isinstance(value, str):
        return _listed(value, operator in _OLD, place)
    if isinstance(value, list):
        strange = operator in _OLD and not all(isinstance(one, str) for one in value)
        return None if strange else [_text(one, place) for one in value]
    if operator.startswith("any") and not isinstance(value, dict):
        return [_text(value, place)]
    return None


def _listed(value: str, old: bool, place: Place) -> Sequence[str] | None:
    """The texts that one stands for: a list in JSON, else (but for old operators) itself. None for any other JSON."""
    if not old and _RANGE.fullmatch(value):
        raise CannotTell("ranges of numbers are not compared", place)
    try:
        read = json.loads(value, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        return None if old else [value]
    if read is None:
        return []
    if not isinstance(read, list) or not all(one is None or isinstance(one, str) for one in read):
        return None
    return [one or "" for one in read]


def _no_constant(text: str) -> Any:
    raise ValueError(f"{text} is no JSON")


def _alike(one: str, other: str) -> bool:
    """Either side may hold wildcards."""
    return wildcard.match(one, other) or wildcard.match(other, one)


def _text(value: Any, place: Place) -> str:
    """A value as Go prints it."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool | int):
        return json.dumps(value)
    raise CannotTell("values of this type are not compared", place)
