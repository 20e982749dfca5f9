"""Taking out of a cluster what a learner put there by hand. What Argo CD or Helm brought is theirs to take away."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

from grader.evidence.canary_policy import NAME as CANARY
from grader.kube import Kube, Refusal, resource
from labs.platform import manifests

_TRACKED = "argocd.argoproj.io/tracking-id"
_MANAGED = "app.kubernetes.io/managed-by"
_PART = "app.kubernetes.io/part-of"
_POLICIES = ("kyverno.io", "policies.kyverno.io")
_PACKAGES = ("providers", "functions", "configurations")
_PLACES = ("default", manifests.CROSSPLANE, manifests.ELSEWHERE, manifests.LIKE_CROSSPLANE)
_OF_THE_CLUSTER = ("default", "kube-system", "kube-public", "kube-node-lease", "local-path-storage")
_APPLICATION = resource("argoproj.io/v1alpha1", "applications", manifests.ARGOCD, manifests.APPLICATION)
_MOMENT = 0.1


def undo(kube: Kube) -> tuple[str, ...]:
    """Deletes policies, packages of Crossplane and workloads that were made by hand; returns what they were."""
    found = [*_policies(kube), *_packages(kube), *_workloads(kube)]
    return tuple(_deleted(kube, path, one) for path, one in found if _by_hand(one))


def undo_namespaces(kube: Kube, others: frozenset[str]) -> tuple[str, ...]:
    """Deletes the namespaces that are neither the cluster's, the lab's nor among `others`; does not wait for it."""
    kept = {*_OF_THE_CLUSTER, *(one["metadata"]["name"] for one in manifests.namespaces()), *others}
    found = ((resource("v1", "namespaces"), one) for one in _listed(kube, resource("v1", "namespaces")))
    return tuple(_deleted(kube, path, one) for path, one in found if one["metadata"]["name"] not in kept)


def follow(kube: Kube, head: str, seconds: float, sleep: Callable[[float], None] = time.sleep) -> bool:
    """Sets the Application right, has Argo CD look at once, and waits at most `seconds` until it is at `head`."""
    kube.patch(_APPLICATION, manifests.application(), "apply")
    kube.patch(_APPLICATION, {"metadata": {"annotations": {"argocd.argoproj.io/refresh": "normal"}}})
    for _ in range(max(int(seconds / _MOMENT), 1)):
        sync = (kube.get(_APPLICATION).get("status") or {}).get("sync") or {}
        if sync.get("status") == "Synced" and sync.get("revision") == head:
            return True
        sleep(_MOMENT)
    return False


def _policies(kube: Kube) -> Iterator[tuple[str, Any]]:
    """Every policy of Kyverno's, whatever its kind; the grader's canary is none of the learner's."""
    for group in _POLICIES:
        for version, plural in _kinds(kube, group):
            if plural.endswith(("policies", "policyexceptions")):
                for one in _listed(kube, resource(version, plural)):
                    if one["metadata"]["name"] != CANARY:
                        yield resource(version, plural, one["metadata"].get("namespace")), one


def _kinds(kube: Kube, group: str) -> list[tuple[str, str]]:
    """Version and plural of each kind that a group serves, in one version of it; none where the group is not served.

    Not every kind is served in the group's preferred version: of Kyverno's 1.19.1 that is v2, without ClusterPolicy.
    """
    try:
        versions = [one["groupVersion"] for one in kube.get(f"/apis/{group}")["versions"]]
        served = {version: kube.get(f"/apis/{version}")["resources"] for version in versions}
    except Refusal as refusal:
        if refusal.status == 404:
            return []
        raise
    found = {one["name"]: version for version in versions for one in served[version] if "/" not in one["name"]}
    return [(version, name) for name, version in found.items()]


def _packages(kube: Kube) -> Iterator[tuple[str, Any]]:
    for plural in _PACKAGES:
        path = resource("pkg.crossplane.io/v1", plural)
        yield from ((path, one) for one in _listed(kube, path))


def _workloads(kube: Kube) -> Iterator[tuple[str, Any]]:
    for namespace in _PLACES:
        for version, plural in (("apps/v1", "deployments"), ("v1", "pods")):
            path = resource(version, plural, namespace)
            yield from ((path, one) for one in _listed(kube, path))


def _listed(kube: Kube, path: str) -> tuple[Any, ...]:
    """The objects of a collection; none where the cluster does not know it."""
    try:
        return kube.list(path)
    except Refusal as refusal:
        if refusal.status == 404:
            return ()
        raise


def _by_hand(one: Any) -> bool:
    """Whether neither Argo CD, Helm, a controller nor the lab looks after an object."""
    metadata = one["metadata"]
    labels = metadata.get("labels") or {}
    return not (
        metadata.get("ownerReferences")
        or metadata.get("deletionTimestamp")
        or _TRACKED in (metadata.get("annotations") or {})
        or labels.get(_MANAGED) == "Helm"
        or labels.get(_PART) == manifests.NAMESPACE
    )


def _deleted(kube: Kube, path: str, one: Any) -> str:
    name = str(one["metadata"]["name"])
    try:
        kube.delete(f"{path}/{name}")
    except Refusal as refusal:
        if refusal.status != 404:
            raise
    return f"{one.get('kind') or 'object'}/{name}"
