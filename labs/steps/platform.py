"""Argo CD, Crossplane, the remote's server, and the Application that ties them together."""

from __future__ import annotations

import os

from labs.platform import images, manifests
from labs.steps.context import Context
from labs.steps.images import choice, values_file


def crossplane(context: Context) -> str:
    """Installs Crossplane from its chart with the chosen image."""
    context.helm("crossplane").install(
        "crossplane", context.chart("crossplane"), [values_file(context, "crossplane")], manifests.CROSSPLANE
    )
    deployments = ("deployment/crossplane", "deployment/crossplane-rbac-manager")
    context.kubectl("crossplane").rolled_out(manifests.CROSSPLANE, *deployments)
    return choice(context, "crossplane").images["crossplane"]


def argocd(context: Context) -> str:
    """Installs Argo CD from its chart with the chosen images, and publishes its server on loopback."""
    context.helm("argocd").install(
        "argocd", context.chart("argocd"), [values_file(context, "argocd")], manifests.ARGOCD
    )
    kubectl = context.kubectl("argocd")
    kubectl.apply([manifests.argocd_address()], server_side=True)
    workloads = (
        "deployment/argocd-repo-server",
        "statefulset/argocd-application-controller",
        "deployment/argocd-server",
    )
    kubectl.rolled_out(manifests.ARGOCD, *workloads)
    return choice(context, "argocd").images["argocd"]


def git(context: Context) -> str:
    """Serves the bare remote inside the cluster, read-only."""
    kubectl = context.kubectl("git")
    kubectl.apply(manifests.git_server(images.GIT_DAEMON, os.getuid() or 65534), server_side=True)
    kubectl.rolled_out(manifests.NAMESPACE, "deployment/git")
    return manifests.REMOTE_URL


def application(context: Context) -> str:
    """The Application over the exercise's folder."""
    context.kubectl("application").apply([manifests.application()], server_side=True)
    return f"{manifests.PATH} of {manifests.BRANCH}"


def served(context: Context) -> bool:
    """Whether the Application is there."""
    return context.kubectl("application").get("application", manifests.APPLICATION, manifests.ARGOCD) is not None
