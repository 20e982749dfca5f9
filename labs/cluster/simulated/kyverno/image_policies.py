"""Which requests an ImageValidatingPolicy looks at. What it would answer is written in CEL, and not modelled.

Source: Kyverno 1.19.1 pkg/cel/matching (with k8s.io/apiserver v0.35 pkg/admission/plugin/policy/matching),
pkg/cel/autogen and pkg/cel/compiler: globs are those of github.com/gobwas/glob without separators, put to references
as they are written.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from grader.kyverno import wildcard
from labs.cluster.simulated.api.admission import Review
from labs.cluster.simulated.api.selectors import matches
from labs.cluster.simulated.kyverno.asked import containers

Object = dict[str, Any]

WEBHOOK = "ivpol.mutate.kyverno.svc-fail"
_CONTROLLERS = {
    "daemonsets": "apps", "deployments": "apps", "replicasets": "apps", "statefulsets": "apps",
    "jobs": "batch", "cronjobs": "batch",
}  # fmt: skip
_UNTOLD = frozenset("[]{}!\\")  # of a glob: sets, alternatives and escapes


def looks(policy: Object, review: Review, labels: Mapping[str, str]) -> bool:
    """Whether a policy may look at a request; `labels` are those of its namespace.

    What is written in CEL (conditions, images, references) is taken to fit.
    """
    spec = policy.get("spec") or {}
    evaluation = spec.get("evaluation") or {}
    if evaluation.get("mode") == "JSON" or (evaluation.get("admission") or {}).get("enabled") is False:
        return False
    return _concerns(spec, review, labels) and _names(spec, review)


def _concerns(spec: Object, review: Review, labels: Mapping[str, str]) -> bool:
    """`matchConstraints`, and what is generated of them for the controllers of Pods."""
    constraints = spec.get("matchConstraints") or {}
    rules = constraints.get("resourceRules") or []
    if rules and not _any(rules, review) and not _generated(spec, constraints, rules, review):
        return False
    if _any(constraints.get("excludeResourceRules") or (), review):
        return False
    inside = not review.resource.namespaced or matches(constraints.get("namespaceSelector"), labels)
    return inside and any(matches(constraints.get("objectSelector"), own) for own in _labels(review))


def _any(rules: Iterable[Object], review: Review) -> bool:
    return any(_fits(rule, review) for rule in rules)


def _fits(rule: Object, review: Review) -> bool:
    resource = review.resource
    return (
        _in(rule.get("operations"), review.operation)
        and _in(rule.get("apiGroups"), resource.group)
        and _in(rule.get("apiVersions"), resource.version)
        and any(_is(one, resource.plural, review.subresource) for one in rule.get("resources") or ())
        and (not rule.get("resourceNames") or review.name in rule["resourceNames"])
        and rule.get("scope") in (None, "*", "Namespaced" if resource.namespaced else "Cluster")
    )


def _in(wanted: Iterable[str] | None, found: str) -> bool:
    return any(one in ("*", found) for one in wanted or ())


def _is(pattern: str, plural: str, subresource: str) -> bool:
    """`*` is every resource but no subresource, `*/*` is both."""
    name, _, below = pattern.partition("/")
    return name in ("*", plural) and below in ("*", subresource)


def _generated(spec: Object, constraints: Object, rules: list[Object], review: Review) -> bool:
    """Rules for controllers are generated where the only rule is about Pods, and nothing else narrows it."""
    controllers = ((spec.get("autogen") or {}).get("podControllers") or {}).get("controllers")
    plural = review.resource.plural
    if _CONTROLLERS.get(plural) != review.resource.group or review.subresource:
        return False
    if (controllers is not None and plural not in controllers) or constraints.get("excludeResourceRules"):
        return False
    selectors = (constraints.get(name) or {} for name in ("namespaceSelector", "objectSelector"))
    if any(one.get("matchLabels") or one.get("matchExpressions") for one in selectors) or len(rules) != 1:
        return False
    asked = [rules[0].get(name) for name in ("apiGroups", "apiVersions", "resources")]
    named = rules[0].get("resourceNames")
    return asked == [[""], ["v1"], ["pods"]] and not named and _in(rules[0].get("operations"), review.operation)


def _labels(review: Review) -> list[Mapping[str, str]]:
    """The labels of the object, and of the one that was there before."""
    return [(one.get("metadata") or {}).get("labels") or {} for one in (review.object, review.old) if one is not None]


def _names(spec: Object, review: Review) -> bool:
    """Whether an image of the request is one that the policy names; images found by CEL may be."""
    if spec.get("images"):
        return True
    references = spec.get("matchImageReferences") or ()
    images = [container["image"] for _, container in containers(review.object or {})]
    return any(not references or any(_matches(one, image) for one in references) for image in images)


def _matches(reference: Object, image: str) -> bool:
    glob = reference.get("glob")
    return not glob or bool(_UNTOLD & set(glob)) or wildcard.match(glob, image)
