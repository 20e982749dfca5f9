"""Label selectors, with the wildcards that Kyverno adds to `matchLabels`.

Source: Kyverno 1.19.1 pkg/utils/match/labels.go, pkg/engine/wildcards/wildcards.go (ReplaceInSelector);
k8s.io/apimachinery 1.35 pkg/apis/meta/v1/helpers.go (LabelSelectorAsSelector), pkg/labels/selector.go.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from grader.kyverno import wildcard

LABEL_VALUE = re.compile(r"(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?")
_NAME = re.compile(r"([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]")
_DOMAIN = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")


def has_wildcard(selector: Mapping[str, Any]) -> bool:
    """Whether `matchLabels` holds a wildcard in a key or a value."""
    labels = selector.get("matchLabels") or {}
    return any(wildcard.contains(key) or wildcard.contains(value) for key, value in labels.items())


def fault(selector: Mapping[str, Any]) -> str | None:
    """Why Kubernetes cannot read the selector, or None."""
    for key, value in (selector.get("matchLabels") or {}).items():
        found = _key_fault(key) or _value_fault(value)
        if found:
            return found
    for requirement in selector.get("matchExpressions") or []:
        found = _requirement_fault(requirement)
        if found:
            return found
    return None


def is_empty(selector: Mapping[str, Any]) -> bool:
    """Whether it asks for nothing, and so takes in everything."""
    return not selector.get("matchLabels") and not selector.get("matchExpressions")


def matches(selector: Mapping[str, Any], labels: Mapping[str, str]) -> bool:
    """Whether `labels` satisfy the selector. One that Kubernetes cannot read takes in nothing."""
    for key, value in (selector.get("matchLabels") or {}).items():
        if not _has_label(key, value, labels):
            return False
    expressions = selector.get("matchExpressions") or []
    if any(_requirement_fault(requirement) for requirement in expressions):
        return False
    return all(_holds(requirement, labels) for requirement in expressions)


def _has_label(key: str, value: str, labels: Mapping[str, str]) -> bool:
    if wildcard.contains(key) or wildcard.contains(value):
        return any(wildcard.match(key, name) and wildcard.match(value, text) for name, text in labels.items())
    return labels.get(key) == value and not _key_fault(key) and not _value_fault(value)


def _holds(requirement: Mapping[str, Any], labels: Mapping[str, str]) -> bool:
    operator: str = requirement["operator"]
    values: list[str] = requirement.get("values") or []
    actual = labels.get(requirement["key"])
    if operator == "In":
        return actual in values
    if operator == "NotIn":
        return actual not in values
    return (actual is not None) == (operator == "Exists")


def _requirement_fault(requirement: Mapping[str, Any]) -> str | None:
    operator, values = requirement["operator"], requirement.get("values") or []
    if operator not in ("In", "NotIn", "Exists", "DoesNotExist"):
        return f'"{operator}" is not a valid label selector operator'
    if operator in ("In", "NotIn") and not values:
        return "values: Invalid value: []: for 'in', 'notin' operators, values set can't be empty"
    if operator in ("Exists", "DoesNotExist") and values:
        return "values: Invalid value: values set must be empty for exists and does not exist"
    return _key_fault(requirement["key"]) or next(filter(None, map(_value_fault, values)), None)


def _key_fault(key: str) -> str | None:
    prefix, slash, name = key.rpartition("/")
    if slash and (not _DOMAIN.fullmatch(prefix) or len(prefix) > 253):
        return f'key: Invalid value: "{key}": prefix part must be a lowercase RFC 1123 subdomain'
    if not _NAME.fullmatch(name) or len(name) > 63:
        return f'key: Invalid value: "{key}": name part must consist of alphanumeric characters, "-", "_" or "."'
    return None


def _value_fault(value: str) -> str | None:
    if LABEL_VALUE.fullmatch(value) and len(value) <= 63:
        return None
    rule = 'a valid label must be an empty string or consist of alphanumeric characters, "-", "_" or "."'
    return f'values: Invalid value: "{value}": {rule}'
