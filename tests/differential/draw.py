"""Chance, with a count of what it chose."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from random import Random
from typing import TypeVar

T = TypeVar("T")

FIELDS: dict[str, float] = {
    "match.any": 0.4, "match.all": 0.12, "match.old": 0.1, "match.several": 0.08,
    "exclude.any": 0.06, "exclude.all": 0.05, "exclude.old": 0.04,
    "kinds.spelling": 0.08, "kinds.several": 0.06, "kinds.controller": 0.05,
    "namespaces": 0.6, "namespaces.wildcard": 0.15, "namespaceSelector": 0.09, "namespaceSelector.expressions": 0.35,
    "selector": 0.05, "selector.expressions": 0.05, "name": 0.03, "names": 0.05, "annotations": 0.05,
    "operations": 0.06, "subjects": 0.04, "roles": 0.03, "clusterRoles": 0.03,
    "images.wildcard": 0.3, "images.exact": 0.08, "images.never": 0.04, "images.several": 0.1, "images.skip": 0.08,
    "attestors.sets": 0.08, "attestors.entries": 0.12, "attestors.count": 0.1, "attestors.nested": 0.05,
    "attestors.none": 0.04, "attestors.key": 0.04, "attestors.trust": 0.06, "attestors.bundle": 0.06,
    "subject.plain": 0.6, "subject.wildcard": 0.12, "subject.expression": 0.12, "subject.both": 0.05,
    "subject.none": 0.04, "issuer.plain": 0.6, "issuer.wildcard": 0.1, "issuer.expression": 0.12, "issuer.both": 0.05,
    "issuer.none": 0.04, "action.item": 0.55, "action.spec": 0.15, "action.overrides": 0.08, "action.audit": 0.03,
    "required": 0.08, "verifyDigest": 0.08, "mutateDigest": 0.1, "autogen": 0.08, "applyRules": 0.06,
    "preconditions.any": 0.04, "preconditions.all": 0.04, "rules.several": 0.12, "rules.validate": 0.05,
    "items.several": 0.06, "policies.several": 0.08, "failurePolicy": 0.06, "webhook": 0.05, "background": 0.1,
    "legacy": 0.04, "v2beta1": 0.08, "namespaced": 0.06, "refused": 0.06,
}  # fmt: skip
"""The fields and forms that the grammar knows, and how often chance alone takes each of them."""


class Draw:
    """One case's chance. `used` are the fields that it took, `forced` those that it was made to prefer."""

    def __init__(self, random: Random, forced: Collection[str] = ()) -> None:
        self.random = random
        self.forced = frozenset(forced)
        self.used: set[str] = set()

    def takes(self, field: str) -> bool:
        """Whether the case has this field; where it does, it is counted."""
        taken = field in self.forced or self.random.random() < FIELDS[field]
        if taken:
            self.used.add(field)
        return taken

    def first(self, *fields: str) -> str:
        """One of several fields that exclude one another: a forced one before others; the last one by default."""
        wanted = [field for field in fields if field in self.forced]
        if wanted:
            taken = self.random.choice(wanted)
        else:
            weights = [FIELDS[field] for field in fields]
            taken = self.random.choices(fields, weights)[0]
        self.used.add(taken)
        return taken

    def one(self, *values: T) -> T:
        """One of the values."""
        return self.random.choice(values)

    def some(self, values: Sequence[T], least: int = 1, most: int = 2) -> list[T]:
        """Several different values."""
        return self.random.sample(values, min(len(values), self.random.randint(least, most)))

    def mostly(self, usual: T, *others: T, chance: float = 0.7) -> T:
        """The usual value, or now and then one of the others."""
        return usual if self.random.random() < chance else self.random.choice(others)
