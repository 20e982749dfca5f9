"""Label and field selectors, as the API writes them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from labs.cluster.simulated.api.errors import bad_request

Object = dict[str, Any]
Test = Callable[[Object], bool]

_REQUIREMENT = re.compile(
    r"\s*(?:(?P<absent>!)\s*(?P<no>[^\s,!=()]+)"
    r"|(?P<key>[^\s,!=()]+)\s*(?:(?P<set>in|notin)\s*\((?P<values>[^()]*)\)|(?P<op>==|=|!=)\s*(?P<value>[^\s,()]*))?)"
    r"\s*(?:,|$)"
)
_FIELD = re.compile(r"\s*([\w.\-/\[\]']+)\s*(==|=|!=)\s*([^,]*?)\s*(?:,|$)")


def labels(selector: str) -> Test:
    """A test of an object's labels. Raises ApiError 400 for a selector that cannot be read."""
    tests = [_label_test(match) for match in _all(_REQUIREMENT, selector, "unable to parse requirement")]

    def test(value: Object) -> bool:
        found = value["metadata"].get("labels") or {}
        return all(one(found) for one in tests)

    return test


def _all(pattern: re.Pattern[str], selector: str, problem: str) -> list[re.Match[str]]:
    matches, position = [], 0
    while position < len(selector):
        match = pattern.match(selector, position)
        if not match or match.end() == position:
            raise bad_request(f"{problem}: {selector[position : position + 80]!r}")
        matches.append(match)
        position = match.end()
    return matches


def _label_test(match: re.Match[str]) -> Callable[[Mapping[str, str]], bool]:
    if match["absent"]:
        return lambda found: match["no"] not in found
    key, values = match["key"], {value.strip() for value in (match["values"] or "").split(",")}
    if match["set"] == "in":
        return lambda found: found.get(key) in values
    if match["set"] == "notin":
        return lambda found: found.get(key) not in values
    if match["op"] == "!=":
        return lambda found: found.get(key) != match["value"]
    if match["op"]:
        return lambda found: found.get(key) == match["value"]
    return lambda found: key in found


def fields(selector: str) -> Test:
    """A test of an object's fields, by their dotted paths; a field that is not there is empty."""
    wanted = [(match[1].split("."), match[2], match[3]) for match in _all(_FIELD, selector, "invalid field selector")]
    return lambda value: all((_text(value, path) == text) == (operator != "!=") for path, operator, text in wanted)


def _text(value: Any, path: list[str]) -> str:
    for step in path:
        value = value.get(step) if isinstance(value, dict) else None
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else str(value)


def matches(selector: Mapping[str, Any] | None, found: Mapping[str, str]) -> bool:
    """Whether labels fit a `LabelSelector` object (`matchLabels`, `matchExpressions`)."""
    selector = selector or {}
    if any(found.get(key) != value for key, value in (selector.get("matchLabels") or {}).items()):
        return False
    return all(_expression(expression, found) for expression in selector.get("matchExpressions") or ())


def _expression(expression: Mapping[str, Any], found: Mapping[str, str]) -> bool:
    key, values = expression["key"], expression.get("values") or ()
    tests: dict[str, bool] = {
        "In": found.get(key) in values,
        "NotIn": found.get(key) not in values,
        "Exists": key in found,
        "DoesNotExist": key not in found,
    }
    return tests.get(expression["operator"], False)
