"""The columns of built-in kinds in `kubectl get`.

Source: k8s.io/kubernetes v1.35 `pkg/printers/internalversion/printers.go`.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from labs.cluster.simulated.api.resource import Column
from labs.cluster.simulated.server.pods import pod_cells
from labs.cluster.simulated.server.words import age, containers, selector, took

Object = dict[str, Any]
Row = Callable[[Object, datetime], list[Any]]

_NAME = Column("Name", format="name")
_AGE = Column("Age")


def _wide(*names: str) -> tuple[Column, ...]:
    return tuple(Column(name, priority=1) for name in names)


def _plain(*names: str, kind: str = "string") -> tuple[Column, ...]:
    return tuple(Column(name, kind) for name in names)


_TEMPLATE = _wide("Containers", "Images", "Selector")


def _named(value: Object) -> str:
    return str(value["metadata"]["name"])


def _aged(value: Object, now: datetime) -> str:
    return age(value["metadata"].get("creationTimestamp"), now)


def _template(value: Object) -> list[Any]:
    spec = value["spec"]
    return [*containers(spec.get("template") or {}), selector(spec.get("selector"))]


def _count(value: Object, name: str) -> int:
    return int((value.get("status") or {}).get(name) or 0)


def _deployment(value: Object, now: datetime) -> list[Any]:
    ready = f"{_count(value, 'readyReplicas')}/{value['spec'].get('replicas', 0)}"
    counts = [_count(value, "updatedReplicas"), _count(value, "availableReplicas")]
    return [_named(value), ready, *counts, _aged(value, now), *_template(value)]


def _replica_set(value: Object, now: datetime) -> list[Any]:
    counts = [value["spec"].get("replicas", 0), _count(value, "replicas"), _count(value, "readyReplicas")]
    return [_named(value), *counts, _aged(value, now), *_template(value)]


def _stateful_set(value: Object, now: datetime) -> list[Any]:
    ready = f"{_count(value, 'readyReplicas')}/{value['spec'].get('replicas', 0)}"
    return [_named(value), ready, _aged(value, now), *_template(value)[:2]]


def _daemon_set(value: Object, now: datetime) -> list[Any]:
    names = (
        "desiredNumberScheduled",
        "currentNumberScheduled",
        "numberReady",
        "updatedNumberScheduled",
        "numberAvailable",
    )
    nodes = selector((value["spec"].get("template") or {}).get("spec", {}).get("nodeSelector"))
    return [_named(value), *(_count(value, name) for name in names), nodes, _aged(value, now), *_template(value)]


def _job(value: Object, now: datetime) -> list[Any]:
    done = f"{_count(value, 'succeeded')}/{value['spec'].get('completions', 1)}"
    conditions = (value.get("status") or {}).get("conditions") or []
    state = next((c["type"] for c in conditions if c.get("status") == "True"), "Running")
    start, end = ((value.get("status") or {}).get(name) for name in ("startTime", "completionTime"))
    return [_named(value), state, done, took(start, end, now), _aged(value, now), *_template(value)]


def _cron_job(value: Object, now: datetime) -> list[Any]:
    spec = value["spec"]
    last = (value.get("status") or {}).get("lastScheduleTime")
    head = [_named(value), spec.get("schedule"), spec.get("timeZone") or "<none>", bool(spec.get("suspend")), 0]
    template = spec.get("jobTemplate", {}).get("spec", {}).get("template") or {}
    return [*head, age(last, now) if last else "<none>", _aged(value, now), *containers(template), "<none>"]


def _namespace(value: Object, now: datetime) -> list[Any]:
    return [_named(value), (value.get("status") or {}).get("phase", ""), _aged(value, now)]


def _node(value: Object, now: datetime) -> list[Any]:
    info = (value.get("status") or {}).get("nodeInfo") or {}
    prefix = "node-role.kubernetes.io/"
    roles = [label.removeprefix(prefix) for label in value["metadata"].get("labels") or {} if label.startswith(prefix)]
    addresses = {a["type"]: a["address"] for a in (value.get("status") or {}).get("addresses") or ()}
    wide = [addresses.get("InternalIP", "<none>"), addresses.get("ExternalIP", "<none>")]
    wide += [info.get(name, "<unknown>") for name in ("osImage", "kernelVersion", "containerRuntimeVersion")]
    return [
        _named(value),
        "Ready",
        ",".join(sorted(roles)) or "<none>",
        _aged(value, now),
        info.get("kubeletVersion"),
        *wide,
    ]


def _service(value: Object, now: datetime) -> list[Any]:
    spec = value["spec"]
    ports = [_port(port) for port in spec.get("ports") or ()]
    address = spec.get("clusterIP") or "<none>"
    return [_named(value), spec.get("type"), address, "<none>", ",".join(ports) or "<none>", _aged(value, now),
            selector(spec.get("selector"))]  # fmt: skip


def _port(port: Object) -> str:
    node = f":{port['nodePort']}" if port.get("nodePort") else ""
    return f"{port.get('port')}{node}/{port.get('protocol', 'TCP')}"


def _event(value: Object, now: datetime) -> list[Any]:
    about, source = value.get("involvedObject") or {}, value.get("source") or {}
    seen = age(value.get("lastTimestamp") or value["metadata"].get("creationTimestamp"), now)
    first = age(value.get("firstTimestamp") or value["metadata"].get("creationTimestamp"), now)
    thing = f"{str(about.get('kind', '')).lower()}/{about.get('name', '')}"
    by = ", ".join(text for text in (source.get("component"), source.get("host")) if text)
    return [seen, value.get("type"), value.get("reason"), thing, about.get("fieldPath", ""), by,
            str(value.get("message", "")).strip(), first, str(value.get("count", 1)), _named(value)]  # fmt: skip


def _webhooks(value: Object, now: datetime) -> list[Any]:
    return [_named(value), len(value.get("webhooks") or ()), _aged(value, now)]


_HOOKS = ((_NAME, Column("Webhooks", "integer"), _AGE), _webhooks)
_DATA = Column("Data")

BUILTIN: dict[str, tuple[tuple[Column, ...], Row]] = {
    "Pod": (
        (_NAME, *_plain("Ready", "Status", "Restarts"), _AGE,
         *_wide("IP", "Node", "Nominated Node", "Readiness Gates")),
        pod_cells,
    ),
    "Deployment": ((_NAME, Column("Ready"), Column("Up-to-date"), Column("Available"), _AGE, *_TEMPLATE), _deployment),
    "ReplicaSet": ((_NAME, *_plain("Desired", "Current", "Ready", kind="integer"), _AGE, *_TEMPLATE), _replica_set),
    "StatefulSet": ((_NAME, Column("Ready"), _AGE, *_TEMPLATE[:2]), _stateful_set),
    "DaemonSet": (
        (_NAME, *_plain("Desired", "Current", "Ready", "Up-to-date", "Available", kind="integer"),
         Column("Node Selector"), _AGE, *_TEMPLATE),
        _daemon_set,
    ),
    "Job": ((_NAME, *_plain("Status", "Completions", "Duration"), _AGE, *_TEMPLATE), _job),
    "CronJob": (
        (_NAME, *_plain("Schedule", "Timezone", "Suspend", "Active", "Last Schedule"), _AGE, *_TEMPLATE),
        _cron_job,
    ),
    "Namespace": ((_NAME, Column("Status"), _AGE), _namespace),
    "Node": (
        (_NAME, *_plain("Status", "Roles"), _AGE, Column("Version"),
         *_wide("Internal-IP", "External-IP", "OS-Image", "Kernel-Version", "Container-Runtime")),
        _node,
    ),
    "Service": (
        (_NAME, *_plain("Type", "Cluster-IP", "External-IP", "Port(s)"), _AGE, *_wide("Selector")),
        _service,
    ),
    "Secret": (
        (_NAME, Column("Type"), _DATA, _AGE),
        lambda v, now: [_named(v), v.get("type"), len(v.get("data") or ()), _aged(v, now)],
    ),
    "ConfigMap": (
        (_NAME, _DATA, _AGE),
        lambda v, now: [_named(v), len(v.get("data") or ()) + len(v.get("binaryData") or ()), _aged(v, now)],
    ),
    "ServiceAccount": ((_NAME, _AGE), lambda v, now: [_named(v), _aged(v, now)]),
    "Event": (
        (*_plain("Last Seen", "Type", "Reason", "Object"), *_wide("Subobject", "Source"), Column("Message"),
         *_wide("First Seen", "Count"), Column("Name", format="name", priority=1)),
        _event,
    ),
    "MutatingWebhookConfiguration": _HOOKS,
    "ValidatingWebhookConfiguration": _HOOKS,
    "CustomResourceDefinition": (
        (_NAME, Column("Created At", "date")),
        lambda v, now: [_named(v), v["metadata"].get("creationTimestamp")],
    ),
}  # fmt: skip
