"""Argo CD, Crossplane, the remote's server, and the Application that ties them together."""

from __future__ import annotations

import os
from typing import Any

from labs.errors import EnvironmentFault
from labs.platform import images, manifests
from labs.steps import present
from labs.steps.context import Context
from labs.steps.images import choice, values_files

_SYNC = 120
_LASTING = 5
"""Looks, a second apart, after which what Argo CD could not apply counts as waiting for the learner."""
"""Seconds that the Application has for its first sync."""

_ARGOCD = (
    "deployment/argocd-redis",
    "deployment/argocd-repo-server",
    "statefulset/argocd-application-controller",
    "deployment/argocd-server",
)
_CROSSPLANE = ("deployment/crossplane", "deployment/crossplane-rbac-manager")


def crossplane(context: Context) -> str:
    """Installs Crossplane from its chart with the chosen image."""
    _install(context, "crossplane", manifests.CROSSPLANE)
    context.kubectl("crossplane").rolled_out(manifests.CROSSPLANE, *_CROSSPLANE)
    return choice(context, "crossplane").images["crossplane"]


def argocd(context: Context) -> str:
    """Installs Argo CD from its chart with the chosen images, and publishes its server on loopback."""
    kubectl = context.kubectl("argocd")
    _drop_stuck(context)
    _install(context, "argocd", manifests.ARGOCD)
    kubectl.apply([manifests.argocd_address()], server_side=True)
    kubectl.rolled_out(manifests.ARGOCD, *_ARGOCD)
    return choice(context, "argocd").images["argocd"]


def _install(context: Context, name: str, namespace: str) -> None:
    context.helm(name).install(name, context.chart(name), values_files(context, name), namespace)


def _drop_stuck(context: Context) -> None:
    """Removes a stateful Pod that waits for an image: its controller never replaces it by itself.

    Kubernetes, "StatefulSets: Forced rollback".
    """
    kubectl = context.kubectl("argocd")
    selector = ("-l", "app.kubernetes.io/name=argocd-application-controller")
    state = "-o=jsonpath={.items[*].status.containerStatuses[*].state.waiting.reason}"
    if "Image" in kubectl.run("get", "pods", "-n", manifests.ARGOCD, *selector, state):
        kubectl.run("delete", "pods", "-n", manifests.ARGOCD, *selector, "--wait=false")


def git(context: Context) -> str:
    """Serves the bare remote inside the cluster, read-only, as the user that owns it."""
    kubectl = context.kubectl("git")
    kubectl.apply(manifests.git_server(images.GIT_DAEMON, os.getuid()), server_side=True)
    kubectl.rolled_out(manifests.NAMESPACE, "deployment/git")
    return manifests.REMOTE_URL


def application(context: Context) -> str:
    """The Application over the exercise's folder, synced a first time."""
    kubectl = context.kubectl("application")
    kubectl.apply([manifests.application()], server_side=True)
    found: Any = None
    looks = 0
    for _ in range(_SYNC):
        found = kubectl.get("application", manifests.APPLICATION, manifests.ARGOCD)
        looks = looks + 1 if _has_tried(found) else 0
        if _is_synced(found) or looks == _LASTING:
            sync = found["status"]["sync"]
            return f"{sync['status']} at {sync['revision'][:7]}"
        context.runner.pause(1)
    raise EnvironmentFault(
        f"Argo CD has not synced the Application after {_SYNC} s: {_trouble(found)}",
        advice="kubectl -n argocd describe application platform, in labs shell, shows what it waits for.",
    )


def _is_synced(found: Any) -> bool:
    sync = ((found or {}).get("status") or {}).get("sync") or {}
    return bool(sync.get("revision")) and sync.get("status") == "Synced"


def _has_tried(found: Any) -> bool:
    """Whether Argo CD has tried to apply a commit. One that a learner pushed may wait for Kyverno: that is no fault."""
    status = (found or {}).get("status") or {}
    operation = status.get("operationState") or {}
    ended = operation.get("phase") not in (None, "Running") or bool(operation.get("retryCount"))
    return bool((status.get("sync") or {}).get("revision")) and ended


def _trouble(found: Any) -> str:
    conditions = ((found or {}).get("status") or {}).get("conditions") or [{"message": "it has not looked yet"}]
    return "; ".join(str(one.get("message", "")) for one in conditions)


def has_argocd(context: Context) -> bool:
    """Whether Argo CD runs; a learner may have removed a part of it."""
    return present.running(context, "argocd", manifests.ARGOCD, *_ARGOCD, "service/argocd-server-lab")


def has_crossplane(context: Context) -> bool:
    """Whether Crossplane runs."""
    return present.running(context, "crossplane", manifests.CROSSPLANE, *_CROSSPLANE)


def has_git(context: Context) -> bool:
    """Whether the remote's server runs."""
    return present.running(context, "git", manifests.NAMESPACE, "deployment/git", "service/git")


def served(context: Context) -> bool:
    """Whether the Application is there."""
    return present.running(context, "application", manifests.ARGOCD, f"application/{manifests.APPLICATION}")
