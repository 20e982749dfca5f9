"""Objects put into the simulated cluster, and whether they are there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from grader.kube import Kube, resource
from labs.cluster.simulated.charts.install import path


def apply(kube: Kube, *objects: Mapping[str, Any]) -> None:
    """Creates the objects or brings them to what is given, by server-side apply."""
    for value in objects:
        kube.patch(path(dict(value)), value, "apply")


def ready(kube: Kube, namespace: str, *names: str) -> bool:
    """Whether the workloads (`deployments/name`) are there and all their Pods are ready."""
    kinds = {name.partition("/")[0] for name in names}
    found = {
        f"{kind}/{one['metadata']['name']}": one
        for kind in kinds
        for one in kube.list(resource("apps/v1", kind, namespace))
    }
    return all(name in found and _runs(found[name]) for name in names)


def _runs(workload: Mapping[str, Any]) -> bool:
    ready = (workload.get("status") or {}).get("readyReplicas") or 0
    return bool(ready >= workload["spec"].get("replicas", 1))
