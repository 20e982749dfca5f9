"""Pieces that all charts are made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from labs.cluster.simulated.api.schema import shipped

Object = dict[str, Any]
Values = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Release:
    """One installation: `helm install NAME CHART --namespace NAMESPACE -f VALUES`."""

    name: str
    namespace: str
    values: Values

    def value(self, *path: str, default: Any = None) -> Any:
        """A value by its path, or `default` where it is not given or null."""
        found: Any = self.values
        for step in path:
            found = found.get(step) if isinstance(found, Mapping) else None
        return default if found is None else found

    def annotations(self) -> dict[str, str]:
        """What Helm writes on every object of a release."""
        return {"meta.helm.sh/release-name": self.name, "meta.helm.sh/release-namespace": self.namespace}


def image(registry: str, repository: str, tag: str) -> str:
    """An image reference; the registry may be empty."""
    return f"{registry}/{repository}:{tag}" if registry else f"{repository}:{tag}"


def definitions(*names: str) -> list[Object]:
    """The CustomResourceDefinitions that come with the program."""
    return [shipped(name) for name in names]


def metadata(release: Release, name: str, labels: Mapping[str, str]) -> Object:
    """The metadata of an object of a release."""
    return {
        "name": name, "namespace": release.namespace, "labels": dict(labels), "annotations": release.annotations(),
    }  # fmt: skip


def account(release: Release, name: str, labels: Mapping[str, str]) -> Object:
    """A ServiceAccount."""
    return {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": metadata(release, name, labels)}


def config_map(release: Release, name: str, labels: Mapping[str, str], data: Mapping[str, str]) -> Object:
    """A ConfigMap."""
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata(release, name, labels), "data": dict(data)}


def service(
    release: Release, name: str, labels: Mapping[str, str], selector: Mapping[str, str], ports: Sequence[Object]
) -> Object:
    """A Service inside the cluster."""
    spec = {"selector": dict(selector), "ports": [dict(port) for port in ports]}
    return {"apiVersion": "v1", "kind": "Service", "metadata": metadata(release, name, labels), "spec": spec}


def workload(
    release: Release, kind: str, name: str, labels: Mapping[str, str], selector: Mapping[str, str],
    containers: Sequence[Object], *, account: str, replicas: int = 1, init: Sequence[Object] = (),
) -> Object:  # fmt: skip
    """A Deployment or StatefulSet."""
    pod: Object = {"serviceAccountName": account, "containers": [dict(one) for one in containers]}
    if init:
        pod["initContainers"] = [dict(one) for one in init]
    template = {"metadata": {"labels": {**labels, **selector}}, "spec": pod}
    spec = {"replicas": replicas, "selector": {"matchLabels": dict(selector)}, "template": template}
    return {"apiVersion": "apps/v1", "kind": kind, "metadata": metadata(release, name, labels), "spec": spec}
