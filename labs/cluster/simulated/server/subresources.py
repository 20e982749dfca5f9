"""What is served below an object: scale, logs, and no connections into a container."""

from __future__ import annotations

from typing import Any

from labs.cluster.simulated.api.cluster import Cluster
from labs.cluster.simulated.api.errors import ApiError, bad_request, method_not_allowed
from labs.cluster.simulated.server import verbs
from labs.cluster.simulated.server.request import Request
from labs.cluster.simulated.server.wire import PATCHES, decoded
from labs.cluster.simulated.server.words import selector

Object = dict[str, Any]

STREAMS = ("attach", "exec", "portforward")
"""Connections that a client would upgrade."""


def scale(cluster: Cluster, request: Request) -> Object:
    """Reads or writes `spec.replicas` as a Scale (autoscaling/v1)."""
    route = request.route
    old = cluster.get(request.resource, route.namespace, route.name)
    if request.verb == "get":
        return _scale(old)
    body, _ = decoded(request.body, request.content_type)
    wanted = body if request.verb == "update" else _patched(_scale(old), body, request)
    replicas = (wanted.get("spec") or {}).get("replicas") if isinstance(wanted, dict) else None
    if not isinstance(replicas, int) or replicas < 0:
        raise bad_request("Scale needs spec.replicas, a whole number")
    new = cluster.patch(
        request.resource, route.namespace, route.name,
        lambda value: {**value, "spec": {**value["spec"], "replicas": replicas}}, request.ask,
    )  # fmt: skip
    return _scale(new)


def _patched(old: Object, body: Any, request: Request) -> Any:
    from labs.cluster.simulated.api import patches

    media = request.content_type.partition(";")[0].strip()
    return patches.apply(old, body) if media == PATCHES[0] else patches.merge(old, body)


def _scale(value: Object) -> Object:
    metadata = {
        key: value["metadata"].get(key) for key in ("name", "namespace", "uid", "resourceVersion", "creationTimestamp")
    }
    status = value.get("status") or {}
    return {
        "kind": "Scale", "apiVersion": "autoscaling/v1", "metadata": metadata,
        "spec": {"replicas": value["spec"].get("replicas", 0)},
        "status": {"replicas": status.get("replicas", 0), "selector": selector(value["spec"].get("selector"))},
    }  # fmt: skip


def log(cluster: Cluster, request: Request) -> str:
    """The log of a Pod's container: one line that says that nothing runs."""
    value = verbs.get(cluster, request)
    names = [c["name"] for c in value["spec"].get("containers") or ()]
    wanted = request.query.get("container") or names[0]
    known = names + [c["name"] for c in value["spec"].get("initContainers") or ()]
    if wanted not in known:
        raise bad_request(f"container {wanted} is not valid for pod {request.route.name}")
    return f"simulated: no program runs in the container {wanted}, so it writes no log\n"


def connect(cluster: Cluster, request: Request) -> ApiError:
    """Why there is no connection into a container. Raises ApiError where the Pod is not there."""
    if request.verb not in ("get", "create"):
        return method_not_allowed()
    cluster.get(request.resource, request.route.namespace, request.route.name)
    why = "simulated: nothing runs in this container (labs up --cluster kind makes a lab in which it does)"
    return ApiError(501, "NotImplemented", why)
