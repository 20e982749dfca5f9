"""A generated case: policies, and the questions put to them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import Any

from grader.kyverno import oracle, wildcard
from grader.kyverno.oracle import Answer
from grader.kyverno.review import PolicyReview
from grader.manifest import load
from tests.differential.asking import Ask, Samples, asks, probe
from tests.differential.draw import FIELDS, Draw
from tests.differential.policies import policies
from tests.differential.world import SLOTS, Slot, slots

ASKED = 8
_POOL = 40
_DENIED = 7
_FORCED = 3


@dataclass(frozen=True, slots=True)
class Case:
    """One or two policies in one slot. `fields` are those of the grammar that they use.

    `confined`: no policy can look at anything outside the slot.
    """

    name: str
    slot: Slot
    policies: tuple[dict[str, Any], ...]
    asks: tuple[Ask, ...]
    fields: frozenset[str] = frozenset()

    @property
    def confined(self) -> bool:
        """Whether no policy can look at a request outside the slot."""
        return all(_confined(policy, self.slot) for policy in self.policies)

    def review(self) -> list[PolicyReview]:
        """The oracle's review of the policies, in their order."""
        text = "\n---\n".join(json.dumps(policy, indent=1) for policy in self.policies)
        return oracle.review(load(text.encode(), f"{self.name}.yaml"))


def generate(seed: int, count: int, samples: Samples) -> Iterator[Case]:
    """`count` cases, the same for the same seed and samples. Each prefers the fields that were used least so far."""
    counts = dict.fromkeys(FIELDS, 0)
    for number in range(count):
        random = Random(f"{seed}/{number}")
        rare = sorted(FIELDS, key=lambda field: (counts[field], random.random()))[:_FORCED]
        draw = Draw(random, rare)
        slot = Slot(number % SLOTS)
        name = f"d{seed % 10**6}-{number}"
        made = tuple(json.loads(json.dumps(policies(draw, slot, samples, name))))
        case = Case(name, slot, made, ())
        for field in draw.used:
            counts[field] += 1
        yield Case(name, slot, made, _asks(draw, case, samples), frozenset(draw.used))


def _asks(draw: Draw, case: Case, samples: Samples) -> tuple[Ask, ...]:
    """Some questions by chance alone, and more that the oracle says are denied, so that both answers are asked for.

    A case that denies nothing is asked less, one that the cluster would not take hardly at all.
    """
    several = asks(draw, _POOL, confined=case.confined)
    reviews = case.review()
    answers = [oracle.answer(reviews, probe(one, case.slot, samples)).answer for one in several]
    denied = [one for one, answer in zip(several[1:], answers[1:], strict=True) if answer is Answer.DENIED][:_DENIED]
    chosen = [*several[:1], *denied]
    others = [one for one in several[1:] if one not in denied]
    count = ASKED if denied else 3 if any(review.accepted for review in reviews) else 1
    return tuple([*chosen, *others][:count])


def _confined(policy: dict[str, Any], slot: Slot) -> bool:
    if policy["kind"] == "Policy":
        return True
    return all(_section_confined(rule.get("match") or {}, slot) for rule in policy["spec"]["rules"])


def _section_confined(section: dict[str, Any], slot: Slot) -> bool:
    if section.get("all"):
        return any(_block_confined(block, slot) for block in section["all"])
    return all(_block_confined(block, slot) for block in section.get("any") or [section])


def _others(slot: Slot) -> list[str]:
    """Every namespace of the other slots, and one that is of no slot."""
    return ["default", *(name for other in slots() if other != slot for name in other.namespaces)]


def _block_confined(block: dict[str, Any], slot: Slot) -> bool:
    resources = block.get("resources") or {}
    namespaces, selector = resources.get("namespaces"), resources.get("namespaceSelector") or {}
    if namespaces and not any(wildcard.match_any(namespaces, other) for other in _others(slot)):
        return True
    values = [(selector.get("matchLabels") or {}).get("slot")]
    values += [one["values"][0] for one in selector.get("matchExpressions") or [] if one["key"] == "slot"]
    return f"s{slot.number}" in values
