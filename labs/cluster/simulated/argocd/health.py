"""Health of objects, as far as Argo CD judges it: workloads, policies, Crossplane's packages.

Source: G:pkg/health, A:resource_customizations; for ClusterPolicy the script that the lab configures.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

Object = dict[str, Any]

_ORDER = ("Healthy", "Suspended", "Progressing", "Missing", "Degraded", "Unknown")
_WORKLOADS = ("Deployment", "StatefulSet", "ReplicaSet", "DaemonSet")


def of_object(value: Object) -> str | None:
    """Healthy, Progressing or Degraded; None for kinds that have no health."""
    kind, status = value.get("kind"), value.get("status") or {}
    if kind in _WORKLOADS:
        wanted = value["spec"].get("replicas", 1)
        return (
            "Healthy" if int(status.get("readyReplicas") or status.get("numberReady") or 0) >= wanted else "Progressing"
        )
    if kind == "Pod":
        return {"Running": "Healthy", "Succeeded": "Healthy", "Failed": "Degraded"}.get(
            status.get("phase", ""), "Progressing"
        )
    if kind == "ClusterPolicy":
        return _condition(status, "Ready")
    if kind == "Provider":
        return _condition(status, "Healthy")
    return None


def _condition(status: Object, name: str) -> str:
    found = next((one for one in status.get("conditions") or () if one.get("type") == name), None)
    if found is None:
        return "Progressing"
    return "Healthy" if found.get("status") == "True" else "Degraded"


def worst(found: Iterable[str | None]) -> str:
    """The health of an application: the worst of its objects, Healthy where none has any."""
    return max((one for one in found if one), key=_ORDER.index, default="Healthy")
