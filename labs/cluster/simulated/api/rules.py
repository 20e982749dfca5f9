"""What the API server asks of built-in kinds before it stores them.

Source: k8s.io/kubernetes v1.35 `pkg/apis/core/validation` and `pkg/apis/apps/validation`. Only rules that a person
meets at a terminal.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from labs.cluster.simulated.api.containers import pod_spec
from labs.cluster.simulated.api.errors import Cause, forbidden_value, invalid_value, not_supported, required
from labs.cluster.simulated.api.naming import data_key
from labs.cluster.simulated.api.resource import Resource
from labs.cluster.simulated.api.selectors import matches

Object = dict[str, Any]

_UPDATABLE = (
    "`spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,"
    "`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` "
    "(allow it to be set to 1 if it was previously negative)"
)


def faults(value: Object, old: Object | None, resource: Resource) -> Iterator[Cause]:
    """Faults of an object of a built-in kind; `old` is what it takes the place of."""
    rule = _RULES.get(resource.kind)
    if rule:
        yield from rule(value, old)


def _pod(value: Object, old: Object | None) -> Iterator[Cause]:
    yield from pod_spec(value["spec"], "spec")
    if old and _frozen(value["spec"], old["spec"]) != _frozen(old["spec"], old["spec"]):
        yield forbidden_value("spec", f"pod updates may not change fields other than {_UPDATABLE}\n")


def _frozen(spec: Object, old: Object) -> Object:
    """What may not change in a Pod: all but images, tolerations, deadlines and (by their own door) debuggers.

    A Pod without a node gets one, once.
    """
    free = ["tolerations", "activeDeadlineSeconds", "terminationGracePeriodSeconds", "ephemeralContainers"]
    free += [] if old.get("nodeName") else ["nodeName"]
    kept = {key: item for key, item in spec.items() if key not in free}
    for field in ("containers", "initContainers"):
        if field in kept:
            kept[field] = [{k: v for k, v in c.items() if k != "image"} for c in kept[field]]
    return kept


def _workload(value: Object, old: Object | None) -> Iterator[Cause]:
    spec = value["spec"]
    selector = spec.get("selector")
    if not selector:
        yield required("spec.selector")
    labels = (spec["template"].get("metadata") or {}).get("labels") or {}
    if not matches(selector, labels):
        yield invalid_value("spec.template.metadata.labels", labels, "`selector` does not match template `labels`")
    if old and old["spec"].get("selector") != selector:
        yield invalid_value("spec.selector", selector, "field is immutable")
    if isinstance(spec.get("replicas"), int) and spec["replicas"] < 0:
        yield invalid_value("spec.replicas", spec["replicas"], "must be greater than or equal to 0")
    pod = spec["template"]["spec"]
    yield from pod_spec(pod, "spec.template.spec")
    if pod.get("restartPolicy") != "Always":
        yield not_supported("spec.template.spec.restartPolicy", pod.get("restartPolicy"), ("Always",))


def _job(value: Object, old: Object | None) -> Iterator[Cause]:
    spec = value["spec"]["template"]["spec"]
    if spec.get("restartPolicy") not in ("Never", "OnFailure"):
        allowed = 'supported values: "OnFailure", "Never"'
        yield Cause(
            "FieldValueNotSupported", "spec.template.spec.restartPolicy",
            f'Unsupported value: "{spec.get("restartPolicy")}": {allowed}',
        )  # fmt: skip
    yield from pod_spec(spec, "spec.template.spec")


def _data(value: Object, old: Object | None) -> Iterator[Cause]:
    for field in ("data", "binaryData"):
        for key in value.get(field) or ():
            yield from data_key(f"{field}[{key}]", key)


def _definition(value: Object, old: Object | None) -> Iterator[Cause]:
    spec, name = value["spec"], value["metadata"]["name"]
    for field in ("group", "scope", "versions"):
        if not spec.get(field):
            yield required(f"spec.{field}")
    expected = f"{spec['names'].get('plural')}.{spec.get('group')}"
    if name != expected:
        yield invalid_value("metadata.name", name, 'must be spec.names.plural+"."+spec.group')


_RULES: dict[str, Callable[[Object, Object | None], Iterator[Cause]]] = {
    "Pod": _pod,
    "Deployment": _workload,
    "ReplicaSet": _workload,
    "StatefulSet": _workload,
    "DaemonSet": _workload,
    "Job": _job,
    "ConfigMap": _data,
    "Secret": _data,
    "CustomResourceDefinition": _definition,
}
