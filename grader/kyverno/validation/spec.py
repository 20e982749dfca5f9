"""The policy as a whole: names, times, deprecated fields, overrides, kinds of rules.

Source: Kyverno 1.19.1 api/kyverno/v1/{spec,rule,clusterpolicy}_types.go, api/kyverno/v1/utils.go,
pkg/validation/policy/validate.go (validateNamespaces, the checks of admission and background).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from grader.kyverno import wildcard
from grader.kyverno.place import Place
from grader.kyverno.policy import AUTOGEN_ANNOTATION, Policy, Rule
from grader.kyverno.problem import Problem, problem
from grader.kyverno.validation import match

_TYPES = ("mutate", "validate", "generate", "verifyImages")


def whole(policy: Policy) -> list[Problem]:
    """All problems of the policy and of its rules' outlines (ClusterPolicy.Validate)."""
    found = [*_names(policy), *_settings(policy)]
    seen: set[str] = set()
    for rule in policy.rules:
        if rule.name in seen:
            reason = f"{rule.place.field}.name: Duplicate rule name: '{rule.name}'"
            found.append(problem(reason, rule.place.at("name"), "Give every rule a name of its own."))
        seen.add(rule.name)
        found += _rule(policy, rule)
    return found


def _names(policy: Policy) -> Iterator[Problem]:
    if policy.annotations.get(AUTOGEN_ANNOTATION) == "all":
        place = policy.place.at("metadata", "annotations", AUTOGEN_ANNOTATION)
        reason = "metadata.annotations: Forbidden: Autogen annotation does not support 'all' anymore"
        yield problem(reason, place, "Delete the annotation: all controllers are the default.")
    if len(policy.name) > 63:
        place = policy.place.at("metadata", "name")
        yield problem("name: Too long: may not be more than 63 bytes", place, "Shorten the name to 63 characters.")


def _settings(policy: Policy) -> Iterator[Problem]:
    spec, place = policy.spec, policy.place.at("spec")
    webhook = spec.get("webhookConfiguration") or {}
    for old, new in (("webhookTimeoutSeconds", "timeoutSeconds"), ("failurePolicy", "failurePolicy")):
        if spec.get(old) is not None and webhook.get(new) is not None:
            reason = (
                f"spec.{old}: Forbidden: remove the deprecated field and use spec.webhookConfiguration.{new} instead"
            )
            yield problem(reason, place.at(old), f"Delete spec.{old}.")
    if spec.get("generateExistingOnPolicyUpdate") is not None:
        reason = "spec.generateExistingOnPolicyUpdate: Forbidden: remove the deprecated field"
        yield problem(reason, place.at("generateExistingOnPolicyUpdate"), "Delete the line.")
    times: tuple[tuple[str, Any, Any], ...] = (
        ("webhookTimeoutSeconds", spec.get("webhookTimeoutSeconds"), place.at("webhookTimeoutSeconds")),
        (
            "webhookConfiguration.timeoutSeconds",
            webhook.get("timeoutSeconds"),
            place.at("webhookConfiguration", "timeoutSeconds"),
        ),
    )
    for name, seconds, here in times:
        if seconds is not None and not 1 <= seconds <= 30:
            reason = f"spec.{name}: Invalid value: {seconds}: the timeout value must be between 1 and 30 seconds"
            yield problem(reason, here, "Write a number from 1 to 30.")


def _rule(policy: Policy, rule: Rule) -> Iterator[Problem]:
    given = [name for name in _TYPES if rule.body.get(name)]
    place = rule.place
    if not given:
        reason = f"{place.field}: No operation defined in the rule '{rule.name}'."
        reason += "(supported operations: mutate,validate,generate,verifyImages)"
        yield problem(reason, place, "Add verifyImages to the rule.")
    elif len(given) > 1:
        reason = f"{place.field}: Multiple operations defined in the rule '{rule.name}', only one operation"
        reason += " (mutate,validate,generate,verifyImages) is allowed per rule"
        yield problem(reason, place.at(given[1]), f"Move {given[1]} to a rule of its own.")
    if rule.body.get("imageExtractors") is not None and not rule.verifies:
        reason = f"{place.field}.imageExtractors: imageExtractors can only be defined for verifyImages rule"
        yield problem(reason, place.at("imageExtractors"), "Delete imageExtractors.")
    empty = match.empty_set(rule)
    if empty:
        yield empty
    yield from match.blocks(policy, rule)


def overrides(policy: Policy) -> Problem | None:
    """Overrides that contradict each other, of a validate rule or of the policy; or that stand in a Policy."""
    listed = policy.spec.get("validationFailureActionOverrides") or []
    place = policy.place.at("spec", "validationFailureActionOverrides")
    if policy.namespaced and listed:
        reason = "spec.validationFailureActionOverrides: Forbidden: Use of validationFailureActionOverrides is"
        reason += " supported only with ClusterPolicy"
        return problem(reason, place, "Delete the overrides, or make it a ClusterPolicy.")
    if policy.namespaced:
        return None
    of_rules = (
        ((rule.body.get("validate") or {}).get("failureActionOverrides") or [], rule.place.at("validate"))
        for rule in policy.rules
    )
    found = (_contradiction(few, here.at("failureActionOverrides")) for few, here in of_rules)
    return next(filter(None, found), None) or _contradiction(listed, place)


def _contradiction(listed: list[Mapping[str, Any]], place: Place) -> Problem | None:
    """Of a list of overrides (validateNamespaces)."""
    seen: dict[bool, set[str]] = {True: set(), False: set()}
    for index, one in enumerate(listed):
        here = place.at(index)
        if not one.get("action"):
            return problem("invalid action", here, "Write action: Audit or action: Enforce.")
        enforces = one["action"].lower() == "enforce"
        seen[enforces].update(one.get("namespaces") or [])
        for name in one.get("namespaces") or []:
            for other in seen[not enforces]:
                if _overlap(name, other):
                    reason = f"path: {here.field}.namespaces: {_conflict(name, other)}"
                    return problem(reason, here.at("namespaces"), "Name each namespace under one action only.")
    return None


def _overlap(one: str, other: str) -> bool:
    if not wildcard.contains(one) and not wildcard.contains(other):
        return one == other
    return wildcard.match(one, other) or wildcard.match(other, one)


def _conflict(one: str, other: str) -> str:
    if not wildcard.contains(one) and not wildcard.contains(other):
        return f"conflicting namespaces found: {one}"
    if wildcard.contains(one) and wildcard.contains(other):
        return f"wildcard pattern '{one}' conflicts with the pattern '{other}'"
    pattern, name = (one, other) if wildcard.contains(one) else (other, one)
    return f"wildcard pattern '{pattern}' matches with namespace '{name}'"


def processing(policy: Policy) -> Problem | None:
    """`admission: false` is for validate rules only."""
    if policy.in_admission:
        return None
    place = policy.place.at("spec", "admission")
    if not policy.background:
        reason = "disabling both admission and background processing is not allowed"
        return problem(reason, place, "Delete admission: false.")
    if any(rule.body.get(name) for rule in policy.rules for name in ("mutate", "generate", "verifyImages")):
        reason = "disabling admission processing is only allowed with validation policies"
        return problem(reason, place, "Delete `admission: false`: images are verified at admission.")
    return None
