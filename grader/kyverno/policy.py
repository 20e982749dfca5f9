"""A policy as Kyverno reads it: the API server's defaults written in, every value's place kept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from grader.kyverno.place import Place

AUTOGEN_ANNOTATION = "pod-policies.kyverno.io/autogen-controllers"
_USERS = ("subjects", "roles", "clusterRoles")


class Block(NamedTuple):
    """One entry of `match` or `exclude`: what resource, and whose request."""

    body: Mapping[str, Any]
    place: Place

    @property
    def resources(self) -> Mapping[str, Any]:
        """The fields of `resources`; empty where there are none."""
        return self.body.get("resources") or {}

    @property
    def has_users(self) -> bool:
        """Whether subjects, roles or cluster roles are asked for."""
        return any(self.body.get(name) for name in _USERS)

    @property
    def is_empty(self) -> bool:
        """Whether it asks for nothing at all (ResourceDescription.IsEmpty); an empty list of users asks (UserInfo)."""
        users = any(self.body.get(name) is not None for name in _USERS)
        return not users and not any(
            value is not None if name in ("selector", "namespaceSelector") else value
            for name, value in self.resources.items()
        )


class Section(NamedTuple):
    """The blocks of `any` and of `all`, and the section itself as the old-style block."""

    any: tuple[Block, ...]
    all: tuple[Block, ...]
    own: Block


class Item(NamedTuple):
    """One item of `verifyImages`, and its place."""

    body: Mapping[str, Any]
    place: Place


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. `generated` marks one that Kyverno adds for Pod controllers; its place is its origin's.

    `memo` keeps what is worked out of a rule once and asked for with every request.
    """

    name: str
    body: Mapping[str, Any]
    place: Place
    generated: bool = False
    memo: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)

    @property
    def match(self) -> Mapping[str, Any]:
        """The `match` section."""
        return self.body.get("match") or {}

    @property
    def exclude(self) -> Mapping[str, Any] | None:
        """The `exclude` section, or None."""
        return self.body.get("exclude")

    @property
    def items(self) -> list[Item]:
        """The items of `verifyImages`."""
        if "items" not in self.memo:
            here = self.place.at("verifyImages")
            bodies = self.body.get("verifyImages") or []
            self.memo["items"] = [Item(body, here.at(index)) for index, body in enumerate(bodies)]
        found: list[Item] = self.memo["items"]
        return found

    @property
    def verifies(self) -> bool:
        """HasVerifyImages: an item's defaults already make it more than empty."""
        return bool(self.body.get("verifyImages"))

    @property
    def checks_images(self) -> bool:
        """HasVerifyImageChecks: whether the validating webhook looks at images once more."""
        return any(item.body["verifyDigest"] or item.body["required"] for item in self.items)

    @property
    def validates(self) -> bool:
        """HasValidate."""
        return bool(self.body.get("validate"))

    def section(self, name: str) -> Section:
        """`match` or `exclude` taken apart; empty where it does not stand."""
        if name not in self.memo:
            body, place = self.body.get(name) or {}, self.place.at(name)
            self.memo[name] = Section(_entries(body, "any", place), _entries(body, "all", place), Block(body, place))
        found: Section = self.memo[name]
        return found

    def blocks(self, name: str) -> tuple[Block, ...]:
        """Every block of `match` or `exclude`: those of `any`, of `all`, and the section itself."""
        section = self.section(name)
        return (*section.any, *section.all, section.own)

    def kinds(self, section: str = "match") -> Iterator[str]:
        """All kinds that a section names (MatchResources.GetKinds)."""
        for block in self.blocks(section):
            yield from block.resources.get("kinds") or []

    def named(self, name: str, body: Mapping[str, Any]) -> Rule:
        """The rule that Kyverno generates from this one."""
        return Rule(name, body, self.place, True)


def _entries(body: Mapping[str, Any], key: str, place: Place) -> tuple[Block, ...]:
    return tuple(Block(entry, place.at(key, index)) for index, entry in enumerate(body.get(key) or []))


@dataclass(frozen=True, slots=True)
class Policy:
    """A ClusterPolicy, or a Policy of `namespace`, that the API server can read.

    `spec` has the defaults of the schema. `place` is the object's.
    """

    kind: str
    version: str
    name: str
    namespace: str
    annotations: Mapping[str, str]
    spec: Mapping[str, Any]
    place: Place
    rules: tuple[Rule, ...] = ()
    generated: dict[str, tuple[Rule, ...]] = field(default_factory=dict, compare=False, repr=False)
    """What `autogen.rules` found, by kind: asked again for every request."""
    memo: dict[str, bool] = field(default_factory=dict, compare=False, repr=False)
    """What `actions` found of all rules together: asked again for every rule."""

    @property
    def namespaced(self) -> bool:
        """Whether it is a Policy of one namespace."""
        return self.kind == "Policy"

    @property
    def key(self) -> str:
        """What Kyverno notes it under: its name, with the namespace of a Policy before it (`namespace/name`)."""
        return f"{self.namespace}/{self.name}" if self.namespaced else self.name

    @property
    def failure_policy(self) -> str:
        """`Fail` or `Ignore` (Spec.GetFailurePolicy)."""
        configured = (self.spec.get("webhookConfiguration") or {}).get("failurePolicy")
        return configured or self.spec.get("failurePolicy") or "Fail"

    @property
    def background(self) -> bool:
        """Whether existing objects are checked too."""
        return bool(self.spec.get("background", True))

    @property
    def in_admission(self) -> bool:
        """Whether it acts at admission."""
        return bool(self.spec.get("admission", True))

    @property
    def one_rule_only(self) -> bool:
        """`applyRules: One`."""
        return self.spec.get("applyRules") == "One"


def build(kind: str, version: str, metadata: Mapping[str, Any], spec: Mapping[str, Any], place: Place) -> Policy:
    """A policy from its decoded parts."""
    rules = tuple(
        Rule(body.get("name") or "", body, place.at("spec", "rules", index))
        for index, body in enumerate(spec.get("rules") or [])
    )
    namespace = str(metadata.get("namespace") or "default") if kind == "Policy" else ""
    annotations = metadata.get("annotations") or {}
    return Policy(kind, version, str(metadata.get("name") or ""), namespace, annotations, spec, place, rules)
