"""`match` and `exclude`: blocks, users, selectors, and rules that match nothing.

Source: Kyverno 1.19.1 api/kyverno/v1/{match_resources,resource_description,user_info,rule}_types.go,
pkg/validation/policy/validate.go (validateResources, validateMatchKindHelper).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from grader.kyverno import selectors, wildcard
from grader.kyverno.policy import Block, Policy, Rule
from grader.kyverno.problem import Problem, problem

_SUBJECTS = ("Group", "ServiceAccount", "User")
_KINDS = "Add the list kinds with Pod below resources."
_NARROW = (
    "To narrow the entry that has kinds, write this entry's filters into that one, and remove this one: all filters of "
    "one entry must fit, and of several entries one must. Else give it kinds of its own."
)


def blocks(policy: Policy, rule: Rule) -> Iterator[Problem]:
    """What is wrong inside single blocks (MatchResources.Validate)."""
    for section in ("match", "exclude"):
        for block in rule.blocks(section):
            yield from _users(block)
            yield from _resources(block, policy.namespaced)


def _users(block: Block) -> Iterator[Problem]:
    for index, subject in enumerate(block.body.get("subjects") or []):
        here = block.place.at("subjects", index)
        if subject.get("kind") not in _SUBJECTS:
            reason = f"{here.field}.kind: kind must be 'User', 'Group', or 'ServiceAccount'"
            yield problem(reason, here.at("kind"), "Write User, Group or ServiceAccount.")
        if not subject.get("name"):
            yield problem(f"{here.field}.name: Required value", here, "Give the subject's name.")
        if subject.get("kind") == "ServiceAccount" and not subject.get("namespace"):
            reason = f"{here.field}.namespace: Required value: namespace is required when Kind is ServiceAccount"
            yield problem(reason, here, "Give the service account's namespace.")
    for index, role in enumerate(block.body.get("roles") or []):
        if role.count(":") != 1:
            here = block.place.at("roles", index)
            reason = f"{here.field}: Role is expected to be in namespace:name format"
            yield problem(reason, here, "Write the role as namespace:name.")


def _resources(block: Block, namespaced: bool) -> Iterator[Problem]:
    resources, place = block.resources, block.place
    selector = resources.get("selector")
    if selector is not None and not selectors.has_wildcard(selector):
        here = place.at("resources", "selector")
        fault = selectors.fault(selector)
        if fault:
            yield problem(f"{place.field}.selector: {fault}", here, "Mend the selector.")
        elif selectors.is_empty(selector):
            reason = f"{place.field}.selector: The requirements are not specified in selector"
            yield problem(reason, here, "Give matchLabels or matchExpressions, or delete the selector.")
    if namespaced and resources.get("namespaces"):
        reason = f"{place.field}.namespaces: Filtering namespaces not allowed in namespaced policies"
        repair = "Delete namespaces: a Policy acts in its own namespace only. Or make it a ClusterPolicy."
        yield problem(reason, place.at("resources", "namespaces"), repair)


def together(rule: Rule, index: int) -> Problem | None:
    """`any` or `all` beside the old-style `resources`, or blocks without any resource (validateResources)."""
    for section in ("exclude", "match"):
        body, place = rule.body.get(section) or {}, rule.place.at(section)
        if (body.get("any") or body.get("all")) and _asks(body.get("resources")):
            reason = f"path: spec.rules[{index}].{section}.: can't specify any/all together with {section} resources"
            return problem(reason, place.at("resources"), "Move it into the list under any.")
    for block in _first_listed(rule):
        if not _asks(block.resources):
            reason = f"path: spec.rules[{index}].match.resources.: match resources not specified"
            return problem(reason, block.place, "Say under resources which kinds the rule is for.")
    return None


def _first_listed(rule: Rule) -> tuple[Block, ...]:
    section = rule.section("match")
    return section.any or section.all or (section.own,)


def _asks(resources: Mapping[str, Any] | None) -> bool:
    return any(value is not None and value not in ("", []) for value in (resources or {}).values())


def without_kinds(rule: Rule) -> Problem | None:
    """A block of `match` that names no kind."""
    listed = _first_listed(rule)
    beside = any(block.resources.get("kinds") for block in listed)
    for block in listed:
        if not block.resources.get("kinds"):
            reason = (
                "at least one element must be specified in a kind block, the kind attribute is mandatory when"
                " working with the resources element"
            )
            return problem(reason, block.place.at("resources"), _NARROW if beside else _KINDS)
    return None


def empty_set(rule: Rule) -> Problem | None:
    """An `exclude` that takes out all that `match` takes in (ValidateMatchExcludeConflict)."""
    exclude = rule.exclude
    if not exclude or exclude.get("all") or rule.match.get("all"):
        return None
    if not _written(exclude):
        return None
    if rule.match.get("any") and exclude.get("any"):
        clash = any(_plain(one) == _plain(other) for one in rule.match["any"] for other in exclude["any"])
    else:
        clash = _same(rule.match, exclude)
    if not clash:
        return None
    reason = f"{rule.place.field}: Rule is matching an empty set"
    return problem(reason, rule.place.at("exclude"), "Delete the exclude, or exclude less than match takes in.")


def _written(section: Mapping[str, Any]) -> bool:
    """Whether anything stands in it: an empty list does (reflect.DeepEqual with MatchResources{})."""
    resources = (section.get("resources") or {}).values()
    return any(value is not None for key, value in section.items() if key != "resources") or any(
        value not in (None, "") for value in resources
    )


def _plain(block: Mapping[str, Any]) -> dict[str, Any]:
    """A block without what is not written; an empty list is (reflect.DeepEqual)."""
    resources = {key: value for key, value in (block.get("resources") or {}).items() if value not in (None, "")}
    users = {key: value for key, value in block.items() if key != "resources" and value is not None}
    return {**users, "resources": resources}


def _same(match: Mapping[str, Any], exclude: Mapping[str, Any]) -> bool:
    """The old-style sections: whether every attribute of `exclude` covers the one of `match`."""
    ours, theirs = match.get("resources") or {}, exclude.get("resources") or {}
    for name in ("roles", "clusterRoles", "subjects"):
        if exclude.get(name) and not _covers(exclude[name], match.get(name)):
            return False
    if theirs.get("name") and not wildcard.match(theirs["name"], ours.get("name") or ""):
        return False
    if theirs.get("names"):
        return any(wildcard.match(one, other) for one in theirs["names"] for other in ours.get("names") or [])
    for name in ("namespaces", "kinds"):
        if theirs.get(name) and not _covers(theirs[name], ours.get(name)):
            return False
    if not all(_covers_selector(ours.get(name), theirs.get(name)) for name in ("selector", "namespaceSelector")):
        return False
    return ours.get("annotations") == theirs.get("annotations")


def _covers(theirs: list[Any], ours: list[Any] | None) -> bool:
    return bool(ours) and all(one in theirs for one in ours or [])


def _covers_selector(ours: Mapping[str, Any] | None, theirs: Mapping[str, Any] | None) -> bool:
    if ours is None or theirs is None:
        return ours is theirs
    expressions, labels = theirs.get("matchExpressions"), theirs.get("matchLabels")
    if expressions and not _covers(expressions, ours.get("matchExpressions")):
        return False
    wanted = ours.get("matchLabels")
    return not labels or (bool(wanted) and all(labels.get(key) == value for key, value in (wanted or {}).items()))
