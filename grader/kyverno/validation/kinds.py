"""Kinds that a rule names: wildcards, and kinds that the cluster does not know.

Source: Kyverno 1.19.1 pkg/validation/policy/validate.go (validateKinds, validateWildcard, validKinds). An unknown kind
is only warned of, and ends the validation: nothing after it is looked at.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator

from grader.kyverno import autogen, kinds
from grader.kyverno.policy import Block, Policy, Rule
from grader.kyverno.problem import Problem, problem
from grader.kyverno.served import BY_KIND
from grader.text import quoted

_INVALID = "the kind defined in the all match resource is invalid"


def first(policy: Policy) -> tuple[Problem, bool] | None:
    """The first problem that Kyverno meets, and whether it only warns of it (and then looks no further)."""
    return next(_walk(policy), None)


def _walk(policy: Policy) -> Iterator[tuple[Problem, bool]]:
    for rule in autogen.rules(policy):
        for section in ("match", "exclude"):
            for block in rule.blocks(section):
                yield from _list(policy, rule, block)


def _list(policy: Policy, rule: Rule, block: Block) -> Iterator[tuple[Problem, bool]]:
    listed, place = block.resources.get("kinds") or [], block.place.at("resources", "kinds")
    said = block.place.at("kinds").field  # Kyverno leaves `resources` out
    if "*" in listed:
        reason = _wildcard(policy, rule, listed)
        if reason:
            repair = "Name the kinds that the rule is for: Pod."
            yield problem(f"path: {said}: {reason}", place, repair), False
        return
    for index, text in enumerate(listed):
        if not kinds.found(text):
            reason = f"{_INVALID}: unable to convert GVK to GVR for kinds {text}, err: resource not found"
            yield problem(reason, place if rule.generated else place.at(index), _repair(text)), True
        elif rule.validates and policy.background and kinds.parse(text).subresource:
            reason = f"path: {said}: background scan enabled with subresource {text}"
            yield problem(reason, place.at(index), "Set spec.background to false, or name the kind alone."), False


def _wildcard(policy: Policy, rule: Rule, listed: list[str]) -> str | None:
    if policy.background:
        return (
            "wildcard policy not allowed in background mode. Set spec.background=false to disable background mode"
            " for this policy rule"
        )
    if len(listed) > 1:
        return "wildcard policy can not deal with more than one kind"
    return "wildcard policy does not support rule type" if rule.verifies else None


def _repair(text: str) -> str:
    bare = kinds.bare(text)
    names = {name.lower(): name for name in BY_KIND}
    lowered = bare.lower()
    for guess in (lowered, lowered.removesuffix("s"), lowered.removesuffix("es")):
        if guess in names and names[guess] != bare:
            return f"Write {names[guess]}: a kind is singular and begins with a capital."
    if bare in BY_KIND:
        known = BY_KIND[bare]
        spelled = "/".join(filter(None, (known.group, known.version, known.kind)))
        return f"Write {bare} (or {spelled})."
    close = difflib.get_close_matches(bare, BY_KIND, n=1, cutoff=0.75)
    return f"Write {close[0]}." if close else f"The cluster knows no kind {quoted(bare)}: name one that it has, as Pod."
