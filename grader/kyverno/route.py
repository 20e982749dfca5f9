"""Whether a request reaches a policy at all, before any rule is looked at.

Source: Kyverno 1.19.1 charts/kyverno/values.yaml (config.webhooks.namespaceSelector, config.resourceFilters,
config.excludeGroups, config.excludeKyvernoNamespace), pkg/engine/internal/match.go, pkg/engine/engine.go (matches),
pkg/policycache/store.go, pkg/controllers/webhook/controller.go.
"""

from __future__ import annotations

from grader.kyverno import autogen, kinds
from grader.kyverno.match import Mismatch
from grader.kyverno.policy import Policy
from grader.kyverno.request import Request

FILTERED_NAMESPACES = ("kube-system", "kube-public", "kube-node-lease", "kyverno")
_FILTERED_GROUP = "system:nodes"


def mismatch(policy: Policy, request: Request) -> Mismatch | None:
    """Why Kyverno never puts the request to the policy, or None."""
    if request.namespace in FILTERED_NAMESPACES:
        return Mismatch("configuration", policy.place, request)
    if _FILTERED_GROUP in request.identity.groups:
        return Mismatch("configuration", policy.place, request)
    if policy.namespaced and policy.namespace != request.namespace:
        return Mismatch("namespace", policy.place.at("metadata", "namespace"), request)
    rules = autogen.rules(policy)
    if not any(kinds.reaches(kind, request.resource) for rule in rules for kind in rule.kinds()):
        return Mismatch("unasked", autogen.kinds_place(policy), request)
    return None
