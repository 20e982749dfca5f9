"""`kubectl apply` on the client's side: three-way, by the annotation that holds what was applied last.

Source: k8s.io/kubectl v0.34 pkg/cmd/apply/patcher.go; what it prints is Argo CD's result message.
"""

from __future__ import annotations

import json
from typing import Any

from labs.cluster.simulated.api import strategic
from labs.cluster.simulated.api.ask import Ask
from labs.cluster.simulated.api.cluster import Cluster
from labs.cluster.simulated.api.patches import merge
from labs.cluster.simulated.api.resource import Resource

Object = dict[str, Any]

LAST = "kubectl.kubernetes.io/last-applied-configuration"


def apply(cluster: Cluster, resource: Resource, target: Object, ask: Ask) -> str:
    """Creates or changes an object as wanted. Returns kubectl's words; raises ApiError."""
    metadata = target["metadata"]
    namespace, name = metadata.get("namespace", ""), metadata["name"]
    shown = f"{resource.singular}{'.' + resource.group if resource.group else ''}/{name}"
    if not resource.group:
        shown = f"{resource.singular}/{name}"
    wanted = with_record(target)
    live = cluster.find(resource, namespace, name)
    if live is None:
        cluster.create(resource, namespace, wanted, ask)
        return f"{shown} created"
    patch = changes(live, wanted)
    if not patch:
        return f"{shown} unchanged"
    cluster.patch(resource, namespace, name, lambda old: _patched(old, patch, resource), ask)
    return f"{shown} configured"


def _patched(old: Object, patch: Object, resource: Resource) -> Object:
    new: Object = merge(old, patch) if resource.custom else strategic.merge(old, patch, resource.schema)
    return new


def with_record(target: Object) -> Object:
    """The object with itself in its annotation."""
    metadata = target["metadata"]
    annotations = {key: text for key, text in (metadata.get("annotations") or {}).items() if key != LAST}
    bare = {**target, "metadata": {**metadata, "annotations": annotations}}
    text = json.dumps(bare, sort_keys=True, separators=(",", ":"), ensure_ascii=False) + "\n"
    return {**bare, "metadata": {**bare["metadata"], "annotations": {**annotations, LAST: text}}}


def changes(live: Object, wanted: Object) -> Object:
    """The patch: what is wanted otherwise, and null for what was applied last and is wanted no more."""
    try:
        last = json.loads((live["metadata"].get("annotations") or {}).get(LAST, "{}"))
    except ValueError:
        last = {}
    bare = {key: item for key, item in wanted.items() if key not in ("status",)}
    patch: Object = _difference(live, bare, last if isinstance(last, dict) else {})
    return patch


def _difference(live: Any, wanted: Object, last: Any) -> Object:
    patch: Object = {}
    for key, item in wanted.items():
        found = live.get(key) if isinstance(live, dict) else None
        if isinstance(item, dict) and isinstance(found, dict):
            below = _difference(found, item, last.get(key) if isinstance(last, dict) else None)
            if below:
                patch[key] = below
        elif found != item:
            patch[key] = item
    for key in last if isinstance(last, dict) else ():
        if key not in wanted and isinstance(live, dict) and key in live:
            patch[key] = None
    return patch
