"""Argo CD 3.2's installation, by the values of the chart argo/argo-cd that the course's text uses."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from labs.cluster.simulated.charts.parts import (
    Object,
    Release,
    account,
    config_map,
    definitions,
    image,
    service,
    workload,
)

CHART, VERSION, APP = "argo-cd", "9.3.4", "v3.2.11"
_UPSTREAM = "quay.io/argoproj/argocd"
_REDIS = "public.ecr.aws/docker/library/redis:8.2.2-alpine"
_PARTS = {
    "redis": ("Deployment", "redis", 6379),
    "repo-server": ("Deployment", "repo-server", 8081),
    "server": ("Deployment", "server", 8080),
    "application-controller": ("StatefulSet", "application-controller", 8082),
}
_CONFIG_MAPS = ("argocd-gpg-keys-cm", "argocd-rbac-cm", "argocd-ssh-known-hosts-cm", "argocd-tls-certs-cm")


def render(release: Release) -> list[Object]:
    """All objects of a release, in the order in which they have to be created."""
    found = definitions("applications.argoproj.io", "appprojects.argoproj.io")
    found += [
        config_map(release, "argocd-cm", _labels("argocd-cm"), _texts(release.value("configs", "cm", default={}))),
        config_map(
            release, "argocd-cmd-params-cm", _labels("argocd-cmd-params-cm"),
            _texts(release.value("configs", "params", default={})),
        ),
    ]  # fmt: skip
    found += [config_map(release, name, _labels(name), {}) for name in _CONFIG_MAPS]
    for part in _PARTS:
        found += _part(release, part)
    return [*found, _project(release)]


def _labels(name: str) -> dict[str, str]:
    return {
        "app.kubernetes.io/managed-by": "Helm", "app.kubernetes.io/name": name, "app.kubernetes.io/part-of": "argocd",
    }  # fmt: skip


def _texts(given: Mapping[str, Any]) -> dict[str, str]:
    return {key: value if isinstance(value, str) else json.dumps(value) for key, value in given.items()}


def _part(release: Release, part: str) -> list[Object]:
    kind, component, port = _PARTS[part]
    name = f"argocd-{part}"
    labels = {**_labels(name), "app.kubernetes.io/component": component}
    selector = {"app.kubernetes.io/name": name}
    container: Object = {"name": "redis" if part == "redis" else name, "image": _image(release, part)}
    container["ports"] = [{"containerPort": port}]
    ports = [{"name": "http", "port": 80, "targetPort": 8080}, {"name": "https", "port": 443, "targetPort": 8080}]
    if part != "server":
        ports = [{"name": "tcp-redis" if part == "redis" else component, "port": port, "targetPort": port}]
    found = [account(release, name, labels)]
    if part != "application-controller":
        found.append(service(release, name, labels, selector, ports))
    return [*found, workload(release, kind, name, labels, selector, [container], account=name)]


def _image(release: Release, part: str) -> str:
    if part == "redis":
        return _REDIS
    place = {"repo-server": "repoServer", "application-controller": "controller"}.get(part, part)
    own = release.value(place, "image", default={})
    common = release.value("global", "image", default={})
    repository = own.get("repository") or common.get("repository") or _UPSTREAM
    return image("", str(repository), str(own.get("tag") or common.get("tag") or APP))


def _project(release: Release) -> Object:
    """The project that Argo CD makes of itself at its first start."""
    spec = {
        "clusterResourceWhitelist": [{"group": "*", "kind": "*"}], "sourceRepos": ["*"],
        "destinations": [{"namespace": "*", "server": "*"}],
    }  # fmt: skip
    place = {"name": "default", "namespace": release.namespace}
    return {"apiVersion": "argoproj.io/v1alpha1", "kind": "AppProject", "metadata": place, "spec": spec}
