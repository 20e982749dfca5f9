"""What a failing rule does: block, or only report.

Source: Kyverno 1.19.1 pkg/engine/api/engineresponse.go (ruleAction, failureActionForRule, matchOverride),
pkg/utils/engine/namespace.go (GetNamespaceSelectorsFromNamespaceLister), pkg/policycache/cache.go
(checkValidationFailureActionOverrides).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from grader.kyverno import selectors, wildcard
from grader.kyverno.place import Place
from grader.kyverno.policy import Policy, Rule
from grader.kyverno.request import Request


class Action(NamedTuple):
    """The action of a rule, and the line that decides it (the spec's where the default of the schema decides)."""

    name: str
    place: Place

    @property
    def enforces(self) -> bool:
        """Anything but Enforce only reports (ValidationFailureAction.Enforce)."""
        return self.name.lower() == "enforce"


def of(policy: Policy, rule: Rule, request: Request) -> Action:
    """The rule's own action before the policy's; the first override that fits before `validationFailureAction`.

    A validate rule blocks only if the policy cache counts it among those that enforce, too; there an override of the
    policy goes before the rule's own action.
    """
    spec = policy.place.at("spec")
    if rule.validates and not (cached := _cached(policy, rule, request)).enforces:
        return cached
    labels = request.namespace_labels if _selects_namespaces(policy) else {}
    own = _own(rule, request, labels)
    if own:
        return own
    overrides = policy.spec.get("validationFailureActionOverrides") or []
    found = _override(overrides, spec.at("validationFailureActionOverrides"), request, labels)
    return found or Action(policy.spec["validationFailureAction"], spec.at("validationFailureAction"))


def _cached(policy: Policy, rule: Rule, request: Request) -> Action:
    body, place, spec = rule.body["validate"], rule.place.at("validate"), policy.place.at("spec")
    overrides, where = body.get("failureActionOverrides") or [], place.at("failureActionOverrides")
    if not overrides:
        overrides = policy.spec.get("validationFailureActionOverrides") or []
        where = spec.at("validationFailureActionOverrides")
    for index, one in enumerate(overrides):
        namespaces, selector = one.get("namespaces") or [], one.get("namespaceSelector")
        everywhere = not namespaces and selector is None
        selected = selector is not None and selectors.matches(selector, request.namespace_labels)
        if everywhere or selected or wildcard.match_any(namespaces, request.namespace):
            return Action(one.get("action") or "", where.at(index))
    if body.get("failureAction"):
        return Action(body["failureAction"], place.at("failureAction"))
    return Action(policy.spec["validationFailureAction"], spec.at("validationFailureAction"))


def _own(rule: Rule, request: Request, labels: Mapping[str, str]) -> Action | None:
    if rule.validates:
        body, place = rule.body["validate"], rule.place.at("validate")
        overrides = body.get("failureActionOverrides") or []
        found = _override(overrides, place.at("failureActionOverrides"), request, labels)
        if found or not body.get("failureAction"):
            return found
        return Action(body["failureAction"], place.at("failureAction"))
    actions = [
        Action(item.body["failureAction"], item.place.at("failureAction"))
        for item in rule.items
        if item.body.get("failureAction")
    ]
    return next((one for one in actions if one.enforces), actions[0] if actions else None)


def _override(
    overrides: Sequence[Mapping[str, Any]], place: Place, request: Request, labels: Mapping[str, str]
) -> Action | None:
    for index, one in enumerate(overrides):
        if one.get("action") and _applies(one, request, labels):
            return Action(one["action"], place.at(index))
    return None


def _applies(one: Mapping[str, Any], request: Request, labels: Mapping[str, str]) -> bool:
    namespaces, selector = one.get("namespaces"), one.get("namespaceSelector")
    if namespaces is not None and not wildcard.match_any(namespaces, request.namespace):
        return False
    return selector is None or selectors.matches(selector, labels)


def _selects_namespaces(policy: Policy) -> bool:
    """Kyverno looks up the namespace's labels only where a rule asks for them; a policy's overrides do not count."""
    if "selects" not in policy.memo:
        policy.memo["selects"] = _selected(policy)
    return policy.memo["selects"]


def _selected(policy: Policy) -> bool:
    for rule in policy.rules:
        overrides = (rule.body.get("validate") or {}).get("failureActionOverrides") or []
        if any(one.get("namespaceSelector") is not None for one in overrides):
            return True
    return any(
        block.resources.get("namespaceSelector") is not None
        for rule in policy.rules
        for section in ("match", "exclude")
        for block in rule.blocks(section)
    )
