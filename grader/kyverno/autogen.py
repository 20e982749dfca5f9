"""The rules that Kyverno adds for the controllers of Pods.

Source: Kyverno 1.19.1 pkg/autogen/v1/autogen.go (CanAutoGen, computeRules), pkg/autogen/v1/rule.go.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from grader.kyverno import kinds
from grader.kyverno.place import Place
from grader.kyverno.policy import AUTOGEN_ANNOTATION, Policy, Rule

CRON_JOB = "CronJob"
CONTROLLERS = (CRON_JOB, "DaemonSet", "Deployment", "Job", "ReplicaSet", "ReplicationController", "StatefulSet")
_PREFIX = "autogen-"
_SPELLED = {
    "DaemonSet": "apps/v1/DaemonSet",
    "Deployment": "apps/v1/Deployment",
    "Job": "batch/v1/Job",
    "StatefulSet": "apps/v1/StatefulSet",
    "ReplicaSet": "apps/v1/ReplicaSet",
    "ReplicationController": "v1/ReplicationController",
    "CronJob": "batch/v1/CronJob",
    "Pod": "v1/Pod",
}


def rules(policy: Policy, kind: str = "") -> tuple[Rule, ...]:
    """The policy's rules together with the generated ones; with `kind` only those made for that controller."""
    if kind not in policy.generated:
        policy.generated[kind] = _rules(policy, kind)
    return policy.generated[kind]


def _rules(policy: Policy, kind: str) -> tuple[Rule, ...]:
    controllers = _controllers(policy)
    if kind:
        if kind not in controllers:
            return policy.rules
        controllers = (kind,)
    if controllers == ("none",):
        return policy.rules
    generated = [made for rule in policy.rules for made in _generate(rule, controllers)]
    if not generated:
        return policy.rules
    own = [rule for rule in policy.rules if not rule.name.startswith(_PREFIX)]
    return (*own, *generated)


def _controllers(policy: Policy) -> tuple[str, ...]:
    if obstacle(policy):
        return ("none",)
    chosen = policy.annotations.get(AUTOGEN_ANNOTATION)
    return CONTROLLERS if chosen is None else tuple(chosen.split(","))


def obstacle(policy: Policy) -> tuple[str, Place] | None:
    """What keeps Kyverno from generating rules for controllers, and its line; None where nothing does.

    One rule's selector, names or annotations keep it from generating any.
    """
    needed = False
    for rule in policy.rules:
        for place, reason in _rule_obstacles(rule):
            return reason, place
        for section in ("match", "exclude"):
            needed = needed or any(kind in _SPELLED for kind in rule.kinds(section))
    if needed:
        return None
    return NO_POD, kinds_place(policy)


NO_POD = "no rule names the kind Pod in exactly that spelling"


def kinds_place(policy: Policy) -> Place:
    """The first list of kinds, or where it should stand."""
    for rule in policy.rules:
        for block in rule.blocks("match"):
            if block.resources.get("kinds"):
                return block.place.at("resources", "kinds")
    return policy.rules[0].place.at("match") if policy.rules else policy.place.at("spec")


def _rule_obstacles(rule: Rule) -> list[tuple[Place, str]]:
    if rule.body.get("generate"):
        return [(rule.place.at("generate"), "a generate rule stands in the policy")]
    if (rule.body.get("mutate") or {}).get("patchesJson6902"):
        return [(rule.place.at("mutate"), "a JSON patch stands in the policy")]
    return [
        (block.place.at("resources", name), f"{name} stands in {section}" if name != "kinds" else _BESIDE)
        for section in ("match", "exclude")
        for block in rule.blocks(section)
        for name in _narrowing(block.resources)
    ]


_BESIDE = "another kind stands beside Pod"


def _narrowing(resources: Mapping[str, Any]) -> list[str]:
    """The fields of a block that may not fit a controller (checkAutogenSupport)."""
    found = [name for name in ("name", "names") if resources.get(name)]
    found += [name for name in ("selector", "annotations") if resources.get(name) is not None]
    listed = resources.get("kinds") or []
    return [*found, "kinds"] if len(listed) > 1 and kinds.contain(listed, "Pod") else found


def _generate(rule: Rule, controllers: tuple[str, ...]) -> list[Rule]:
    """generateRules: one rule for all controllers but CronJob, one for CronJob."""
    found = []
    others = [name for name in controllers if name != CRON_JOB]
    made = _for_controllers(rule, others)
    if made:
        found.append(made)
    if any(CRON_JOB in name or "all" in name for name in controllers):
        base = _for_controllers(rule, list(controllers))
        if base:
            body = _with_kinds(base.body, [CRON_JOB], all_blocks=True)
            body = _wrapped(body, "jobTemplate")
            found.append(
                rule.named(f"autogen-cronjob-{rule.name}"[:63], _shifted(body, "spec.jobTemplate.spec.template"))
            )
    return found


def _for_controllers(rule: Rule, controllers: list[str]) -> Rule | None:
    if rule.name.startswith(_PREFIX) or not any(controllers):
        return None
    excluded = list(rule.kinds("exclude"))
    if not kinds.contain(rule.kinds(), "Pod") or (excluded and not kinds.contain(excluded, "Pod")):
        return None
    if not (
        rule.verifies or rule.body.get("mutate") or any((rule.body.get("validate") or {}).get(form) for form in _FORMS)
    ):
        return None
    known = [name for name in controllers if name in _SPELLED and name not in (CRON_JOB, "Pod")]
    body = _with_kinds(rule.body, sorted(known or controllers), all_blocks=False)
    return rule.named(f"autogen-{rule.name}"[:63], _shifted(_wrapped(body, "template"), "spec.template"))


_FORMS = ("pattern", "deny", "podSecurity", "anyPattern", "foreach", "cel")


def _with_kinds(body: Mapping[str, Any], names: list[str], *, all_blocks: bool) -> dict[str, Any]:
    spelled = [_SPELLED.get(name, name) for name in names]
    changed = dict(body)
    changed.pop("imageExtractors", None)
    changed["match"] = _section(body["match"], spelled, all_blocks, always=True)
    if body.get("exclude"):
        changed["exclude"] = _section(body["exclude"], spelled, all_blocks, always=False)
    return changed


def _section(section: Mapping[str, Any], spelled: list[str], all_blocks: bool, always: bool) -> dict[str, Any]:
    changed = dict(section)
    for key in ("any", "all"):
        if section.get(key):
            changed[key] = [_block(entry, spelled, all_blocks) for entry in section[key]]
            return changed
    resources = section.get("resources") or {}
    if always or resources.get("kinds"):
        changed["resources"] = {**resources, "kinds": spelled}
    return changed


def _block(entry: Mapping[str, Any], spelled: list[str], all_blocks: bool) -> Mapping[str, Any]:
    resources = entry.get("resources") or {}
    if all_blocks or kinds.contain(resources.get("kinds") or [], "Pod"):
        return {**entry, "resources": {**resources, "kinds": spelled}}
    return entry


def _wrapped(body: dict[str, Any], template: str) -> dict[str, Any]:
    """A pattern for Pods becomes one for what holds them."""
    checks = body.get("validate") or {}
    if checks.get("pattern") is not None:
        body["validate"] = {**checks, "pattern": {"spec": {template: checks["pattern"]}}}
    elif isinstance(checks.get("anyPattern"), list):
        patterns = [{"spec": {template: pattern}} for pattern in checks["anyPattern"]]
        body["validate"] = {**checks, "anyPattern": patterns}
    return body


def _shifted(body: dict[str, Any], template: str) -> dict[str, Any]:
    """Conditions speak of the template of a controller instead of the Pod (updateFields); empty lists are lost."""
    if isinstance(body.get("preconditions"), dict):
        body["preconditions"] = {key: value for key, value in body["preconditions"].items() if value}
    for key in ("preconditions", "context", "validate"):
        if key in body and "request." in (text := json.dumps(body[key])):
            for source in ("request.object", "request.oldObject"):
                text = text.replace(f"{source}.spec", f"{source}.{template}.spec")
                text = text.replace(f"{source}.metadata", f"{source}.{template}.metadata")
            body[key] = json.loads(text)
    return body
