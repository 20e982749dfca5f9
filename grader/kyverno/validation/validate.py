"""`validate` rules, their context, and elements outside of foreach.

Source: Kyverno 1.19.1 pkg/policy/validate/validate.go (validateElements, validateAuth),
pkg/policy/common/validate_pattern.go, pkg/validation/policy/validate.go (validateRuleContext,
isLabelAndAnnotationsString).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from grader.kyverno.place import Place
from grader.kyverno.policy import Rule
from grader.kyverno.problem import Problem, problem

_TEXTS = 'labels and annotations supports only string values, "use double quotes around the non string values"'
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
    return found or _unresolved(rule, path) or _labels(body, place)


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


def _labels(body: Mapping[str, Any], place: Place) -> Problem | None:
    """Labels and annotations of a pattern that are no texts (isLabelAndAnnotationsString)."""
    found = (_of_pattern(one, here) for one, here in _patterns(body, place) if isinstance(one, Mapping))
    return next(filter(None, found), None)


def _patterns(body: Mapping[str, Any], place: Place) -> list[tuple[Any, Place]]:
    """The patterns of a rule that are looked at: of `foreach` the first mapping, else all."""
    nested = [(one.get("pattern"), index) for index, one in enumerate(body.get("foreach") or [])]
    if nested:
        found = [(one, place.at("foreach", index, "pattern")) for one, index in nested]
        return [pair for pair in found if isinstance(pair[0], Mapping)][:1]
    listed = body.get("anyPattern")
    several = enumerate(listed if isinstance(listed, list) else [])
    return [(body.get("pattern"), place.at("pattern")), *((one, place.at("anyPattern", n)) for n, one in several)]


def _of_pattern(pattern: Mapping[str, Any], place: Place) -> Problem | None:
    """Where `metadata` and `spec` both stand, Go looks at one by chance: refused for sure is what is wrong in both."""
    paths = [path for path in (("metadata",), ("spec", "template", "metadata")) if path[0] in pattern]
    found = [_of_metadata(pattern, place, path) for path in paths]
    return found[0] if all(found) and found else None


def _of_metadata(pattern: Mapping[str, Any], place: Place, path: tuple[str, ...]) -> Problem | None:
    value: Any = pattern
    for step in path:
        value = value.get(step) if isinstance(value, Mapping) else None
    for name in ("labels", "annotations") if isinstance(value, Mapping) else ():
        texts = value.get(name)
        for key, text in texts.items() if isinstance(texts, Mapping) else ():
            if not isinstance(text, str):
                here = place.at(*path, name, key)
                return problem(_TEXTS, here, "Put the value in quotes.")
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
