"""Generated policies."""

from __future__ import annotations

from typing import Any

from tests.differential.breaking import spoil
from tests.differential.draw import Draw
from tests.differential.images import Samples, item
from tests.differential.matching import exclude, match
from tests.differential.world import Slot

Policy = dict[str, Any]

_AUTOGEN = "pod-policies.kyverno.io/autogen-controllers"


def policies(draw: Draw, slot: Slot, samples: Samples, name: str) -> list[Policy]:
    """One policy, or two that meet."""
    count = 2 if draw.takes("policies.several") else 1
    return [_policy(draw, slot, samples, f"{name}-{'ab'[index]}") for index in range(count)]


def _policy(draw: Draw, slot: Slot, samples: Samples, name: str) -> Policy:
    version = "v2beta1" if draw.takes("v2beta1") else "v1"
    metadata: Policy = {"name": name}
    spec: Policy = {"rules": _rules(draw, slot, samples, name, old=version == "v1")}
    _settings(draw, spec)
    _actions(draw, slot, spec)
    if draw.takes("autogen"):
        values = ("none", "none", "Deployment", "DaemonSet,Job", "Deployment,CronJob", "StatefulSet", "")
        metadata["annotations"] = {_AUTOGEN: draw.one(*values)}
    kind = "ClusterPolicy"
    if draw.takes("namespaced"):
        kind = "Policy"
        metadata["namespace"] = draw.mostly(slot.home, slot.away, chance=0.8)
        _without_namespaces(spec)
    found = {"apiVersion": f"kyverno.io/{version}", "kind": kind, "metadata": metadata, "spec": spec}
    if draw.takes("refused"):
        spoil(draw, found)
    return found


def _rules(draw: Draw, slot: Slot, samples: Samples, name: str, *, old: bool) -> list[Policy]:
    count = draw.one(2, 2, 3) if draw.takes("rules.several") else 1
    rules = [_rule(draw, slot, samples, f"{name}-{index}", old=old) for index in range(count)]
    if draw.takes("rules.validate"):
        checks = {"message": "Use our registry.", "pattern": draw.one(*_PATTERNS)}
        action = draw.one({}, {"failureAction": "Enforce"}, {"failureAction": "Audit"})
        more = {"name": f"{name}-p", "match": match(draw, slot, old=old), "validate": {**checks, **action}}
        rules.insert(draw.one(0, len(rules)), more)
    return rules


def _without_namespaces(spec: Policy) -> None:
    """A Policy of one namespace may name none (nor override any)."""
    for rule in spec["rules"]:
        for section in (rule["match"], rule.get("exclude", {})):
            for block in (section, *section.get("any", []), *section.get("all", [])):
                block.get("resources", {}).pop("namespaces", None)


_PATTERNS: tuple[Policy, ...] = (
    {"spec": {"containers": [{"image": "cgr.dev/chainguard/*"}]}},
    {"spec": {"containers": [{"image": "cgr.dev/chainguard/provider-*"}]}},
    {"spec": {"containers": [{"image": "!*/provider-*"}]}},
    {"spec": {"=(initContainers)": [{"image": "*/provider-*"}], "containers": [{"image": "cgr.dev/* | ghcr.io/*"}]}},
    {"metadata": {"labels": {"app": "?*"}}},
)


def _rule(draw: Draw, slot: Slot, samples: Samples, name: str, *, old: bool) -> Policy:
    rule: Policy = {"name": name, "match": match(draw, slot, old=old)}
    out = exclude(draw, slot, old=old)
    if out:
        rule["exclude"] = out
    conditions = {
        form.partition(".")[2]: [_condition(draw) for _ in range(draw.one(1, 1, 2))]
        for form in ("preconditions.any", "preconditions.all")
        if draw.takes(form)
    }
    if conditions:
        rule["preconditions"] = conditions
    count = 2 if draw.takes("items.several") else 1
    rule["verifyImages"] = [item(draw, samples, deprecated=old) for _ in range(count)]
    return rule


def _condition(draw: Draw) -> Policy:
    key, values = draw.one(
        ("{{ request.operation }}", ("CREATE", "UPDATE", "DELETE")),
        ("{{ request.operation || 'BACKGROUND' }}", ("CREATE", "BACKGROUND")),
        ("{{ request.object.metadata.labels.app || '' }}", ("provider", "web", "prov*", "")),
        ("{{ request.namespace }}", ("default", "*-home", "slot*")),
        ("{{ request.object.kind }}", ("Pod", "Deployment")),
        ("{{ request.userInfo.username }}", ("alice", "kubernetes-admin", "system:serviceaccount:*")),
        ("{{ request.object.metadata.annotations.\"example.com/owner\" || 'nobody' }}", ("platform", "nobody")),
    )
    operator = draw.one("Equals", "NotEquals", "AnyIn", "AnyNotIn", "AllIn", "AllNotIn")
    value = list(draw.some(values, 1, 2)) if "In" in operator else draw.one(*values)
    return {"key": key, "operator": operator, "value": value}


def _settings(draw: Draw, spec: Policy) -> None:
    users = any(_users(rule.get(section) or {}) for rule in spec["rules"] for section in ("match", "exclude"))
    users = users or "userInfo" in str(spec)
    if users and draw.random.random() < 0.97:
        spec["background"] = False
    elif draw.takes("background"):
        spec["background"] = draw.one(True, False)
    if draw.takes("applyRules"):
        spec["applyRules"] = draw.mostly("One", "All", chance=0.8)
    if draw.takes("failurePolicy"):
        spec["failurePolicy"] = draw.mostly("Ignore", "Fail")
    elif draw.takes("webhook"):
        spec["webhookConfiguration"] = draw.one(
            {"failurePolicy": "Ignore"}, {"timeoutSeconds": 20}, {"failurePolicy": "Fail", "timeoutSeconds": 30}
        )


def _users(section: Policy) -> bool:
    blocks = [section, *section.get("any", []), *section.get("all", [])]
    return any(key in block for block in blocks for key in ("subjects", "roles", "clusterRoles"))


def _actions(draw: Draw, slot: Slot, spec: Policy) -> None:
    """Failure actions; where a rule only reports, digests are left alone, which Kyverno asks for."""
    items = [one for rule in spec["rules"] for one in rule.get("verifyImages", [])]
    form = draw.first("action.item", "action.spec", "action.audit", "action.overrides")
    if form == "action.item":
        for one in items:
            one["failureAction"] = draw.mostly("Enforce", "Audit", chance=0.95)
    if form == "action.spec" or draw.random.random() < 0.1:
        spec["validationFailureAction"] = draw.mostly("Enforce", "enforce", "Audit", "audit", chance=0.8)
    if form == "action.audit":
        for one in items:
            one.update(draw.one({}, {"failureAction": "Audit"}))
        spec["validationFailureAction"] = draw.one("Audit", "audit")
    if form == "action.overrides" or draw.random.random() < 0.04:
        spec["validationFailureActionOverrides"] = [_override(draw, slot) for _ in range(draw.one(1, 1, 2))]
        spec.setdefault("validationFailureAction", draw.mostly("Enforce", "Audit"))
    for one in items:
        action = one.get("failureAction") or spec.get("validationFailureAction", "Audit")
        if action.lower() == "audit" and draw.random.random() < 0.97:
            one["mutateDigest"] = False


def _override(draw: Draw, slot: Slot) -> Policy:
    found: Policy = {"action": draw.mostly("Enforce", "Audit", "audit", "enforce", chance=0.4)}
    if draw.random.random() < 0.7:
        found["namespaces"] = draw.one([slot.home], [f"slot{slot.number}-*"], [slot.away], ["*-home"])
    if "namespaces" not in found or draw.random.random() < 0.2:
        found["namespaceSelector"] = {"matchLabels": draw.one({"team": "providers"}, {"team": "w*"}, {})}
    return found
