"""Old spellings in a policy that Kyverno takes with a warning.

Source: Kyverno 1.19.1 pkg/deprecations/deprecations.go (PolicyFieldWarnings). `failureAction` of a rule is left out:
the definition itself refuses small letters there.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

Object = dict[str, Any]

_OLD = ("enforce", "audit")


def deprecated(policy: Object) -> list[str]:
    """The warning for each field of a policy that says enforce or audit in small letters."""
    return [
        f"{place}: Validation failure actions enforce/audit are deprecated, use Enforce/Audit instead."
        for place, value in _actions(_mapping(policy.get("spec")))
        if value in _OLD
    ]


def _actions(spec: Object) -> Iterator[tuple[str, Any]]:
    yield "spec.validationFailureAction", spec.get("validationFailureAction")
    yield from _overrides(spec, "spec.validationFailureActionOverrides", "validationFailureActionOverrides")
    for index, rule in enumerate(_list(spec.get("rules"))):
        place, validate = f"spec.rules[{index}].validate", _mapping(_mapping(rule).get("validate"))
        yield from _overrides(validate, f"{place}.failureActionOverrides", "failureActionOverrides")


def _overrides(holder: Object, place: str, name: str) -> Iterator[tuple[str, Any]]:
    for index, one in enumerate(_list(holder.get(name))):
        yield f"{place}[{index}].action", _mapping(one).get("action")


def _mapping(value: Any) -> Object:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
