"""What the API server asks of names and of built-in kinds before it stores them.

Source: k8s.io/kubernetes v1.35 `pkg/apis/core/validation` and `pkg/apis/apps/validation`,
k8s.io/apimachinery v0.35 `pkg/util/validation`. Only rules that a person meets at a terminal.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from labs.cluster.simulated.api.errors import Cause, forbidden_value, invalid_value, required
from labs.cluster.simulated.api.resource import Resource
from labs.cluster.simulated.api.selectors import matches

Object = dict[str, Any]

_LABEL = r"[a-z0-9]([-a-z0-9]*[a-z0-9])?"
_SUBDOMAIN = rf"{_LABEL}(\.{_LABEL})*"
_LABEL_WORDS = (
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with "
    f"an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '{_LABEL}')"
)
_SUBDOMAIN_WORDS = (
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and "
    f"end with an alphanumeric character (e.g. 'example.com', regex used for validation is '{_SUBDOMAIN}')"
)
_LABELLED = ("namespaces", "services")  # kinds whose names are labels
_LABEL_VALUE = re.compile(r"(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?\Z")
_LABEL_VALUE_WORDS = (
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and "
    "end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is "
    "'(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')"
)
_UPDATABLE = (
    "`spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,"
    "`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` "
    "(allow it to be set to 1 if it was previously negative)"
)


def metadata(value: Object, resource: Resource) -> Iterator[Cause]:
    """Faults of the name and the labels."""
    name = value["metadata"].get("name", "")
    label = resource.plural in _LABELLED and not resource.group
    pattern, words, most = (_LABEL, _LABEL_WORDS, 63) if label else (_SUBDOMAIN, _SUBDOMAIN_WORDS, 253)
    if len(name) > most:
        yield invalid_value("metadata.name", name, f"must be no more than {most} bytes")
    elif not re.fullmatch(pattern, name):
        yield invalid_value("metadata.name", name, words)
    for text in (value["metadata"].get("labels") or {}).values():
        if not _LABEL_VALUE.match(str(text)):
            yield invalid_value("metadata.labels", text, _LABEL_VALUE_WORDS)


def faults(value: Object, old: Object | None, resource: Resource) -> Iterator[Cause]:
    """Faults of an object of a built-in kind; `old` is what it takes the place of."""
    rule = _RULES.get(resource.kind)
    if rule:
        yield from rule(value, old)


def _pod(value: Object, old: Object | None) -> Iterator[Cause]:
    yield from _pod_spec(value["spec"], "spec")
    if old and _frozen(value["spec"]) != _frozen(old["spec"]):
        yield forbidden_value("spec", f"pod updates may not change fields other than {_UPDATABLE}\n")


def _frozen(spec: Object) -> Object:
    """What may not change in a Pod: all but images, tolerations, deadlines and (by their own door) debuggers."""
    free = ("tolerations", "activeDeadlineSeconds", "terminationGracePeriodSeconds", "ephemeralContainers", "nodeName")
    kept = {key: item for key, item in spec.items() if key not in free}
    for field in ("containers", "initContainers"):
        if field in kept:
            kept[field] = [{k: v for k, v in c.items() if k != "image"} for c in kept[field]]
    return kept


def _pod_spec(spec: Object, path: str) -> Iterator[Cause]:
    if not spec.get("containers"):
        yield required(f"{path}.containers")
    names: set[str] = set()
    for field in ("initContainers", "containers", "ephemeralContainers"):
        for index, container in enumerate(spec.get(field) or ()):
            here = f"{path}.{field}[{index}]"
            yield from _container(container, names, here, templated=path != "spec")


def _container(container: Object, names: set[str], here: str, templated: bool) -> Iterator[Cause]:
    name, image = container.get("name", ""), container.get("image", "")
    if not name:
        yield required(f"{here}.name")
    elif not re.fullmatch(_LABEL, name) or len(name) > 63:
        yield invalid_value(f"{here}.name", name, _LABEL_WORDS)
    elif name in names:
        yield Cause("FieldValueDuplicate", f"{here}.name", f'Duplicate value: "{name}"')
    names.add(name)
    if not image:
        yield required(f"{here}.image")
    elif image != image.strip() and not templated:
        yield invalid_value(f"{here}.image", image, "must not have leading or trailing whitespace")


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
    yield from _pod_spec(spec["template"]["spec"], "spec.template.spec")


def _job(value: Object, old: Object | None) -> Iterator[Cause]:
    spec = value["spec"]["template"]["spec"]
    if spec.get("restartPolicy") not in ("Never", "OnFailure"):
        allowed = 'supported values: "OnFailure", "Never"'
        yield Cause(
            "FieldValueNotSupported", "spec.template.spec.restartPolicy",
            f'Unsupported value: "{spec.get("restartPolicy")}": {allowed}',
        )  # fmt: skip
    yield from _pod_spec(spec, "spec.template.spec")


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
    "CustomResourceDefinition": _definition,
}
