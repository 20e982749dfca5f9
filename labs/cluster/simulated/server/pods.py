"""A Pod's line in `kubectl get` (k8s.io/kubernetes v1.35 printers.go, printPod)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from labs.cluster.simulated.server.words import age

Object = dict[str, Any]


def pod_cells(value: Object, now: datetime) -> list[Any]:
    """Name, ready, status, restarts, age; address, node, nominated node, gates."""
    spec, status = value["spec"], value.get("status") or {}
    ready = sum(bool(c.get("ready")) for c in status.get("containerStatuses") or ())
    addresses = status.get("podIPs") or [{}]
    restarts = sum(int(c.get("restartCount") or 0) for c in status.get("containerStatuses") or ())
    return [
        value["metadata"]["name"], f"{ready}/{len(spec.get('containers') or ())}", reason(value), str(restarts),
        age(value["metadata"].get("creationTimestamp"), now),
        addresses[0].get("ip") or "<none>", spec.get("nodeName") or "<none>", "<none>", "<none>",
    ]  # fmt: skip


def reason(value: Object) -> str:
    """The word in the column Status."""
    status = value.get("status") or {}
    if value["metadata"].get("deletionTimestamp"):
        return "Terminating"
    word = str(status.get("reason") or status.get("phase") or "")
    waiting = _initialising(value, status)
    if waiting:
        return waiting
    for container in reversed(status.get("containerStatuses") or ()):
        state = container.get("state") or {}
        if (state.get("waiting") or {}).get("reason"):
            word = state["waiting"]["reason"]
        elif "terminated" in state:
            ended = state["terminated"]
            word = ended.get("reason") or f"ExitCode:{ended.get('exitCode')}"
    return word


def _initialising(value: Object, status: Object) -> str:
    done = status.get("initContainerStatuses") or ()
    for index, container in enumerate(done):
        state = container.get("state") or {}
        if (state.get("terminated") or {}).get("exitCode") == 0:
            continue
        waiting = (state.get("waiting") or {}).get("reason")
        if waiting and waiting != "PodInitializing":
            return f"Init:{waiting}"
        return f"Init:{index}/{len(value['spec'].get('initContainers') or ())}"
    return ""
