"""Whether a request reaches a policy at all, before any rule is looked at.

Source: Kyverno 1.19.1 charts/kyverno/values.yaml (config.webhooks.namespaceSelector, config.resourceFilters,
config.excludeGroups, config.excludeKyvernoNamespace), pkg/engine/internal/match.go, pkg/engine/engine.go (matches),
pkg/policycache/store.go, pkg/controllers/webhook/controller.go.
"""

from __future__ import annotations

from grader.kyverno import autogen, kinds
from grader.kyverno.match import Mismatch
from grader.kyverno.policy import Policy, Rule
from grader.kyverno.request import Request

FILTERED_NAMESPACES = ("kube-system", "kube-public", "kube-node-lease", "kyverno")
FILTERED_GROUP = "system:nodes"


def mismatch(policy: Policy, request: Request) -> Mismatch | None:
    """Why Kyverno never puts the request to the policy, or None."""
    if request.namespace in FILTERED_NAMESPACES:
        return Mismatch("configuration", policy.place, request)
    if FILTERED_GROUP in request.identity.groups:
        return Mismatch("configuration", policy.place, request)
    if policy.namespaced and policy.namespace != request.namespace:
        return Mismatch("namespace", policy.place.at("metadata", "namespace"), request)
    if not _reaching(policy, request):
        return Mismatch("unasked", autogen.kinds_place(policy), request)
    return None


def verifies(policy: Policy, request: Request) -> bool:
    """Whether the mutating webhook has the policy verify images of such a request (VerifyImagesMutate).

    A rule counts by the kinds that it names itself: `Deployment/*` names subresources alone, and no other rule's
    `Deployment` brings it along (pkg/policycache/store.go set).
    """
    return any(rule.verifies for rule in _reaching(policy, request))


def checks_images(policy: Policy, request: Request) -> bool:
    """Whether the validating webhook has it look at images once more (VerifyImagesValidate).

    Elsewhere only its validate rules are asked (pkg/policycache/cache.go checkValidationFailureActionOverrides).
    """
    return verifies(policy, request) and any(rule.checks_images for rule in _reaching(policy, request))


def _reaching(policy: Policy, request: Request) -> list[Rule]:
    found = autogen.rules(policy)
    return [rule for rule in found if any(kinds.reaches(kind, request.resource) for kind in rule.kinds())]
