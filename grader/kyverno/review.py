"""Whether a cluster takes a policy: the API server's reading, then Kyverno's policy webhook.

Source: Kyverno 1.19.1 pkg/validation/policy/validate.go (Validate), in its order: the first group of problems decides.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from grader.kyverno import autogen, envelope
from grader.kyverno.place import Place
from grader.kyverno.policy import Policy, build
from grader.kyverno.problem import Problem, problem
from grader.kyverno.schema import decode
from grader.kyverno.shapes import SPECS
from grader.kyverno.types import Type
from grader.kyverno.validation import conditions, images, kinds, match, spec, validate, variables


@dataclass(frozen=True, slots=True)
class PolicyReview:
    """What became of one object.

    `accepted`: it is stored and live, as after Argo CD's apply; `problems` say why not. `pruned` are the fields that
    were left out on the way: a strict client (`kubectl apply`) is refused over them. `warning` is the one after
    which Kyverno looked no further. `policy` is what is stored (None where it cannot even be read). `replaced`:
    a later object of the same name takes its place.
    """

    kind: str
    name: str
    place: Place
    accepted: bool
    problems: tuple[Problem, ...] = ()
    pruned: tuple[Problem, ...] = ()
    warning: Problem | None = None
    policy: Policy | None = None
    replaced: bool = False

    @property
    def reason(self) -> str:
        """Why it is refused, in the cluster's words; empty where it is accepted."""
        return "; ".join(one.reason for one in self.problems)

    @property
    def live(self) -> bool:
        """Whether requests are put to it."""
        return self.accepted and not self.replaced and self.policy is not None

    @property
    def strictly_accepted(self) -> bool:
        """Whether `kubectl apply`, which is strict, takes it too."""
        return self.accepted and not self.pruned


def one(place: Place) -> PolicyReview:
    """The review of one ClusterPolicy or Policy."""
    value = place.value
    kind, name = str(value["kind"]), _name(value)
    unserved = envelope.version_problem(place)
    if unserved:
        return PolicyReview(kind, name, place, False, (unserved,))
    version = value["apiVersion"].partition("/")[2]
    pruned = envelope.unknown_fields(place)
    faults = envelope.metadata_problems(place)
    here = place.at("spec")
    if not isinstance(value.get("spec"), dict):
        faults.append(problem("spec: Required value", here, "Add spec, a mapping with the list rules."))
        return PolicyReview(kind, name, place, False, tuple(faults), tuple(pruned))
    decoded = decode(value["spec"], Type("object", shape=SPECS[version]), here)
    pruned += [_ahead(one) for one in decoded.unknown]
    faults += decoded.problems
    if faults:
        return PolicyReview(kind, name, place, False, tuple(faults), tuple(pruned))
    policy = build(kind, version, value["metadata"], decoded.value, place)
    refused, warning = _webhook(policy)
    return PolicyReview(kind, name, place, not refused, tuple(refused), tuple(pruned), warning, policy)


def _ahead(lost: Problem) -> Problem:
    """What a misplaced `attestors` will be refused for once it stands in its place."""
    if lost.place.path[-1] != "attestors" or not isinstance(lost.place.value, list):
        return lost
    decoded = decode(lost.place.value, Type("list", item=Type("object", shape="AttestorSet")), lost.place)
    sets = enumerate(decoded.value if not decoded.problems else [])
    wrong = next((found for index, one in sets for found in images.attestor_set(one, lost.place.at(index))), None)
    if wrong is None:
        return lost
    words = wrong.reason.partition(": ")[2]
    return replace(lost, repair=f"{lost.repair} There it needs a second repair ({words}): {wrong.repair}")


def _name(value: dict[str, Any]) -> str:
    metadata = value.get("metadata")
    name = metadata.get("name") if isinstance(metadata, dict) else None
    return name if isinstance(name, str) else ""


def _webhook(policy: Policy) -> tuple[list[Problem], Problem | None]:
    """The problems for which Kyverno refuses, and the warning that ended its validation early."""
    found = variables.check(policy)
    if found:
        return [found], None
    several = spec.whole(policy)
    if several:
        return several, None
    found = spec.overrides(policy) or spec.processing(policy)
    if found:
        return [found], None
    kind = kinds.first(policy)
    if kind:
        return ([], kind[0]) if kind[1] else ([kind[0]], None)
    return next((problems for problems in _rules(policy) if problems), []), None


def _rules(policy: Policy) -> Iterator[list[Problem]]:
    """Rule by rule, in the order of validateResources and what follows it."""
    for index, rule in enumerate(autogen.rules(policy)):
        checks = (
            match.together(rule, index),
            conditions.check(rule, index),
            validate.context(rule, index),
            images.extractors(rule, index),
            match.without_kinds(rule),
            validate.check(rule, index),
        )
        yield [found for found in checks if found][:1]
        yield images.rule(policy, rule)


def mark_replaced(reviews: list[PolicyReview]) -> list[PolicyReview]:
    """Of several objects of one kind and name the last one stays, as Argo CD applies them."""
    last = {(one.kind, _namespace(one), one.name): index for index, one in enumerate(reviews)}
    return [
        replace(one, replaced=last[one.kind, _namespace(one), one.name] != index) for index, one in enumerate(reviews)
    ]


def _namespace(review: PolicyReview) -> str:
    return review.policy.namespace if review.policy else ""
