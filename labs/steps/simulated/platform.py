"""Namespaces, Argo CD, Crossplane, the lab's helpers and the Application, in the simulated cluster."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import yaml

from grader.kube import Kube, Refusal, resource
from labs.cluster.simulated.helm import actions
from labs.cluster.simulated.helm.releases import Releases
from labs.errors import EnvironmentFault
from labs.platform import images, manifests, values
from labs.platform.images import Choice
from labs.registry import manifests as registry
from labs.steps import trust
from labs.steps.simulated.context import Context
from labs.steps.simulated.objects import apply, ready

_PATIENCE = 30.0
_MOMENT = 0.02
_ARGOCD = (
    "deployments/argocd-redis",
    "deployments/argocd-repo-server",
    "deployments/argocd-server",
    "statefulsets/argocd-application-controller",
)
_CROSSPLANE = ("deployments/crossplane", "deployments/crossplane-rbac-manager")
_HELPERS = ("deployments/git", "deployments/registry")


def namespaces(context: Context) -> str:
    """Makes the namespaces, and what Crossplane knows the registry's authority by."""
    authority = trust.ca_file(context).read_text()
    with context.api() as kube:
        apply(kube, *manifests.namespaces())
        data = {manifests.CA_KEY: authority}
        apply(kube, manifests.config_map(manifests.CA_CONFIG_MAP, manifests.CROSSPLANE, data))
    return f"{len(manifests.namespaces())} namespaces"


def has_namespaces(context: Context) -> bool:
    """Whether all are there; a learner may have removed one."""
    with context.api() as kube:
        found = {one["metadata"]["name"] for one in kube.list(resource("v1", "namespaces"))}
    return found.issuperset(one["metadata"]["name"] for one in manifests.namespaces())


def choose(context: Context) -> str:
    """Notes the course's own images: nothing is pulled, so nothing can be missing."""
    chosen = {}
    for group, sources in images.GROUPS.items():
        title = f"{sources[0].title}; simulated: nothing is pulled"
        chosen[group] = Choice(group, title, dict(sources[0].images))
    context.state.update(images={group: choice.as_json() for group, choice in chosen.items()})
    return "the course's own; nothing is pulled"


def argocd(context: Context) -> str:
    """Argo CD with the lab's values."""
    _install(context, "argocd", "argo-cd", manifests.ARGOCD, values.argocd)
    with context.api() as kube:
        apply(kube, manifests.argocd_address())
        _wait(context, "Argo CD", lambda: ready(kube, manifests.ARGOCD, *_ARGOCD))
    return _choice(context, "argocd").images["argocd"]


def has_argocd(context: Context) -> bool:
    """Whether Argo CD runs; a learner may have removed a part of it."""
    with context.api() as kube:
        return ready(kube, manifests.ARGOCD, *_ARGOCD)


def crossplane(context: Context) -> str:
    """Crossplane with the lab's values."""
    _install(context, "crossplane", "crossplane", manifests.CROSSPLANE, values.crossplane)
    with context.api() as kube:
        _wait(context, "Crossplane", lambda: ready(kube, manifests.CROSSPLANE, *_CROSSPLANE))
    return _choice(context, "crossplane").images["crossplane"]


def has_crossplane(context: Context) -> bool:
    """Whether Crossplane runs."""
    with context.api() as kube:
        return ready(kube, manifests.CROSSPLANE, *_CROSSPLANE)


def helpers(context: Context) -> str:
    """The Pods that a real lab has for its remote and its registry. Here they stand for them and serve nothing."""
    with context.api() as kube:
        apply(kube, *manifests.git_server(images.GIT_DAEMON, os.getuid()))
        apply(kube, *registry.registry(trust.load(context)))
        _wait(context, "the lab's helpers", lambda: ready(kube, manifests.NAMESPACE, *_HELPERS))
    return "git, registry"


def has_helpers(context: Context) -> bool:
    """Whether they are there."""
    with context.api() as kube:
        return ready(kube, manifests.NAMESPACE, *_HELPERS)


def application(context: Context) -> str:
    """The Application over the exercise's folder, synced a first time."""
    with context.api() as kube:
        apply(kube, manifests.application())
        _wait(context, "the first sync", lambda: bool(_revision(kube)))
        return f"first synced at {_revision(kube)[:7]}"


def served(context: Context) -> bool:
    """Whether the Application is there."""
    with context.api() as kube:
        return _application(kube) is not None


def _revision(kube: Kube) -> str:
    """The commit of the first operation that ended; what a learner pushed since may wait for Kyverno."""
    status = (_application(kube) or {}).get("status") or {}
    ended = (status.get("sync") or {}).get("status") == "Synced" or status.get("operationState")
    return str((status.get("sync") or {}).get("revision") or "") if ended else ""


def _application(kube: Kube) -> Any:
    try:
        return kube.get(resource("argoproj.io/v1alpha1", "applications", manifests.ARGOCD, manifests.APPLICATION))
    except Refusal as refusal:
        if refusal.status == 404:
            return None
        raise


def _install(context: Context, name: str, chart: str, namespace: str, made: Callable[[Choice], Any]) -> None:
    file = context.course.platform / "values" / f"{name}.yaml"
    course = yaml.safe_load(file.read_text()) if file.is_file() else {}
    layers = (course, made(_choice(context, name)), context.overrides.chart(name).values)
    with context.api() as kube:
        there = Releases(kube).find(name, namespace)
        if there:
            actions.upgrade(kube, name, chart, namespace, values.merged(*layers))
        else:
            actions.install(kube, name, chart, namespace, values.merged(*layers), create_namespace=True)


def _choice(context: Context, group: str) -> Choice:
    return Choice.from_json((context.state.get("images") or {})[group])


def _wait(context: Context, what: str, done: Callable[[], bool]) -> None:
    for _ in range(int(_PATIENCE / _MOMENT)):
        if done():
            return
        context.runner.pause(_MOMENT)
    log = context.cluster.log
    raise EnvironmentFault(f"{what} is not there after {_PATIENCE:.0f} s", advice=f"The cluster's log: {log}")
