"""Preconditions and the conditions of `deny`, as the policy webhook reads them.

Source: Kyverno 1.19.1 pkg/validation/policy/validate.go (validateConditions, validateConditionValues,
validateRawJSONConditionOperator), api/kyverno/v1/common_types.go (ConditionOperators), api/kyverno/v1/wrappers.go.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from grader.kyverno.place import Place
from grader.kyverno.policy import Rule
from grader.kyverno.problem import Problem, problem
from grader.kyverno.shapes import LISTS
from grader.kyverno.spelling import enum_repair

_OPERATORS = ("Equal", "NotEqual", *LISTS["Operators"])
_OPERATIONS = ("CREATE", "UPDATE", "DELETE", "CONNECT")


def check(rule: Rule, index: int) -> Problem | None:
    """The first condition of a rule that Kyverno refuses."""
    spoken = [
        ("preconditions", rule.body.get("preconditions"), rule.place.at("preconditions"), "validate.preconditions")
    ]
    deny = (rule.body.get("validate") or {}).get("deny") or {}
    spoken.append(
        (
            "conditions",
            deny.get("conditions"),
            rule.place.at("validate", "deny", "conditions"),
            "validate.deny.conditions",
        )
    )
    for name, conditions, place, path in spoken:
        found = _read(conditions, place, f"path: spec.rules[{index}].{path}", name)
        if found:
            return found
    return None


def _read(conditions: Any, place: Place, path: str, name: str) -> Problem | None:
    if conditions is None:
        return None
    if not isinstance(conditions, Mapping | list):
        repair = "Write any or all, and below it a list of conditions with key, operator and value."
        return problem(f"{path}: failed to unmarshal Conditions", place, repair)
    return _unlisted(conditions, place, path) or next(
        (found for one, here in _each(conditions, place) if (found := _condition(one, here, path))), None
    )


def _unlisted(conditions: Any, place: Place, path: str) -> Problem | None:
    """`any` or `all` with something else below than a list (ConditionsWrapper.UnmarshalJSON)."""
    for key in ("any", "all") if isinstance(conditions, Mapping) else ():
        if not isinstance(conditions.get(key), list | None):
            repair = f"Write a list below {key}: begin each condition with a dash."
            return problem(f"{path}: failed to unmarshal Conditions", place.at(key), repair)
    return None


def _each(conditions: Any, place: Place) -> Iterator[tuple[Any, Place]]:
    if isinstance(conditions, list):
        yield from ((one, place.at(index)) for index, one in enumerate(conditions))
        return
    for key in ("any", "all"):
        listed = conditions.get(key)
        for index, one in enumerate(listed if isinstance(listed, list) else []):
            yield one, place.at(key, index)


def _condition(one: Any, place: Place, path: str) -> Problem | None:
    if not isinstance(one, Mapping):
        return problem(f"{path}: failed to unmarshal Conditions", place, "Write key, operator and value.")
    if any(one.get(key) in (None, "") and one.get(key) != 0 for key in ("operator",)) or any(
        one.get(key) is None for key in ("key", "value")
    ):
        reason = f"{path}: entered value of `key`, `value` or `operator` is missing or misspelled"
        return problem(reason, place, "A condition needs key, operator and value.")
    if one["operator"] not in _OPERATORS:
        reason = f"{path}: entered value of `operator` is invalid. valid values: {', '.join(_OPERATORS)}"
        return problem(reason, place.at("operator"), enum_repair(str(one["operator"]), _OPERATORS))
    return _operation(one, place, path)


def _operation(one: Mapping[str, Any], place: Place, path: str) -> Problem | None:
    """Values that are compared with the operation of the request."""
    if str(one["key"]).replace(" ", "") != "{{request.operation}}":
        return None
    value = one["value"]
    if isinstance(value, str) and len(value) >= 4 and value.startswith("{{") and value.endswith("}}"):
        return None
    for text in value if isinstance(value, list) else [value]:
        if text not in _OPERATIONS:
            reason = f"{path}: unknown value '{text}' found under the 'value' field. Only the following values are"
            reason += " allowed: [CREATE, UPDATE, DELETE, CONNECT]"
            return problem(reason, place.at("value"), enum_repair(str(text), _OPERATIONS))
    return None
