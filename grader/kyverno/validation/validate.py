"""`validate` rules, their context, and elements outside of foreach.

Source: Kyverno 1.19.1 pkg/policy/validate/validate.go (validateElements, validateAuth),
pkg/policy/common/validate_pattern.go, pkg/validation/policy/validate.go (validateRuleContext).
"""

from __future__ import annotations

from typing import Any

from grader.kyverno.place import Place
from grader.kyverno.policy import Rule
from grader.kyverno.problem import Problem, problem

_FORMS = ("pattern", "anyPattern", "deny", "foreach", "podSecurity", "cel")
_RESERVED = ("images", "request", "serviceAccountName", "serviceAccountNamespace", "element", "elementIndex")


def check(rule: Rule, index: int) -> Problem | None:
    """What is wrong with a validate rule."""
    body = rule.body.get("validate")
    if not body:
        return None
    place = rule.place.at("validate")
    given = [name for name in _FORMS if body.get(name) is not None]
    if (body.get("manifests") or {}).get("attestors"):
        given.append("manifests")
    path = f"path: spec.rules[{index}].validate..: "
    if not given:
        reason = f"{path}one of pattern, anyPattern, deny, foreach, cel must be specified"
        return problem(reason, place, "Add pattern or deny to the rule.")
    if len(given) > 1:
        reason = f"{path}only one of pattern, anyPattern, deny, foreach, cel can be specified"
        return problem(reason, place.at(given[1]), f"Keep one of {', '.join(given)}.")
    found = _pattern(body[given[0]], place.at(given[0]), path) if given[0] in ("pattern", "anyPattern") else None
    return found or _unresolved(rule, path)


def _unresolved(rule: Rule, path: str) -> Problem | None:
    """A kind with a dot and nothing after it, which the search for its resource does not find (validateAuth)."""
    for kind in rule.kinds():
        if "*" in kind or "?" in kind:
            return None
        if kind.endswith("."):
            bare = kind.removesuffix(".")
            return problem(f"{path}failed to get GVR for kind {kind}", rule.place.at("match"), f"Write {bare}.")
    return None


def _pattern(pattern: Any, place: Place, path: str) -> Problem | None:
    if isinstance(pattern, dict):
        for key, value in pattern.items():
            here = place.at(key)
            if key.startswith("+(") and key.endswith(")"):
                return problem(f"{path}unsupported anchor {key}", here, "Use (…), =(…), ^(…), X(…) or <(…).")
            if key.startswith("^(") and (not isinstance(value, list) or not value):
                reason = f"{path}existence anchor should have value of type list"
                return problem(reason, here, "Write a list with at least one item below ^(…).")
            found = _pattern(value, here, path)
            if found:
                return found
    elif isinstance(pattern, list):
        for number, value in enumerate(pattern):
            found = _pattern(value, place.at(number), path)
            if found:
                return found
    return None


def context(rule: Rule, index: int) -> Problem | None:
    """Context entries whose names are Kyverno's own."""
    for number, entry in enumerate(rule.body.get("context") or []):
        name, place = entry.get("name") or "", rule.place.at("context", number)
        path = f"path: spec.rules[{index}]: "
        if not name:
            return problem(f"{path}a name is required for context entries", place, "Give the entry a name.")
        for own in _RESERVED:
            if name == own or name.startswith(f"{own}."):
                reason = f"{path}entry name {name} is invalid as it conflicts with a pre-defined variable {own}"
                return problem(reason, place.at("name"), "Choose another name.")
    return None
