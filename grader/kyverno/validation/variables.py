"""Variables where Kyverno allows none, and users in a policy that also checks existing objects.

Source: Kyverno 1.19.1 pkg/validation/policy/validate.go (ValidateVariables and below),
pkg/validation/policy/background.go.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from grader.kyverno import autogen, items, wildcard
from grader.kyverno.policy import Block, Policy, Rule
from grader.kyverno.problem import Problem, problem
from grader.kyverno.variables import found_in
from grader.text import quoted

_BACKGROUND = re.compile(r"request\.|element|elementIndex|@|images|images\.|image\.|([a-z_0-9]+\()[^{}]")
_ADMISSION = re.compile(r"request|serviceAccountName|element|@|image|([a-z_0-9]+\()[^{}]")
_OF_USERS = re.compile(
    r"(?:^|[^.])(serviceAccountName|serviceAccountNamespace|request.userInfo|request.roles|request.clusterRoles)\b"
)
_SELECT = (
    "only select variables are allowed in background mode. Set spec.background=false to disable background mode for"
    " this policy rule: "
)


def check(policy: Policy) -> Problem | None:
    """The first problem with users and variables."""
    if policy.background:
        found = _users(policy) or _user_variables(policy)
        if found:
            return found
    return next((found for rule in policy.rules if (found := _rule(rule, policy.background))), None)


def _users(policy: Policy) -> Problem | None:
    for index, rule in enumerate(autogen.rules(policy)):
        for section in ("match", "exclude"):
            for block in rule.blocks(section):
                found = _users_of(block, f"spec/rules[{index}]")
                if found:
                    return found
    return None


def _users_of(block: Block, rule: str) -> Problem | None:
    for name in ("roles", "clusterRoles", "subjects"):
        if block.body.get(name):
            path = block.place.at(name).field.split(".", 2)[2].replace(".", "/")
            return problem(f"{_SELECT}invalid variable used at path: {rule}/{path}", block.place.at(name), _USER_REPAIR)
    return None


_USER_REPAIR = "Delete it: a policy that also checks existing objects cannot know who made them."


def _user_variables(policy: Policy) -> Problem | None:
    for name in found_in({"spec": policy.spec, "annotations": policy.annotations}):
        if _OF_USERS.search(name):
            reason = f"{_SELECT}variable {{{{{name}}}}} is not allowed"
            return problem(
                reason, policy.place.at("spec"), f"Delete the variable {quoted(name)}, or set background: false."
            )
    return None


def _rule(rule: Rule, background: bool) -> Problem | None:
    for section in ("exclude", "match"):
        if next(found_in(rule.body.get(section)), None) is not None:
            reason = f'rule "{rule.name}" should not have variables in {section} section'
            return problem(
                f"policy contains invalid variables: {reason}", rule.place.at(section), "Write plain values."
            )
    for one in items.of(rule):
        for text in one.references:
            if next(found_in(text), None) is not None:
                reason = f'rule "{rule.name}" should not have variables in image reference section'
                place = one.place.at("imageReferences")
                return problem(f"policy contains invalid variables: {reason}", place, "Write plain patterns.")
    return _unknown(rule, background)


def _unknown(rule: Rule, background: bool) -> Problem | None:
    """Variables that are neither Kyverno's own nor of the rule's context."""
    allowed = _BACKGROUND if background else _ADMISSION
    patterns = list(_declared(rule))
    body = {**rule.body, "verifyImages": [_without_conditions(item.body) for item in rule.items]}
    for name in found_in(body):
        plain = name.replace('"', "").removeprefix("-").strip()
        if not allowed.search(plain) and not wildcard.match_any(patterns, plain):
            reason = "policy contains invalid variables: variable substitution failed for rule"
            reason += f" {rule.name}: variable {plain}"
            return problem(
                f"{reason} must match regex", rule.place, f"Kyverno knows no variable {quoted(plain)}: delete it."
            )
    return None


def _without_conditions(item: Mapping[str, Any]) -> dict[str, Any]:
    attestations = [{**one, "conditions": None} for one in item.get("attestations") or []]
    return {**item, "attestations": attestations}


def _declared(rule: Rule) -> Iterator[str]:
    for entry in rule.body.get("context") or []:
        name = entry.get("name") or ""
        if entry.get("configMap") is not None:
            yield from (f"{name}.data", f"{name}.metadata", f"{name}.data.*", f"{name}.metadata.*")
        else:
            yield f"{name}*"
    for item in rule.items:
        if item.body.get("validate"):
            yield from (f"{one.get('name') or ''}*" for one in item.body.get("attestations") or [])
