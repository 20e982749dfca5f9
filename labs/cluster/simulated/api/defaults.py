"""What the API server writes into built-in kinds where the client says nothing.

Values: k8s.io/kubernetes v1.35 `pkg/apis/{core,apps,batch}/v1/defaults.go`. Only what a client of
these kinds looks at; a Pod gets no token volume, for no container runs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

Object = dict[str, Any]

CONTAINERS = ("initContainers", "containers", "ephemeralContainers")


def apply(value: Object, kind: str) -> None:
    """Fills an object of a built-in kind, in place."""
    filler = _FILLERS.get(kind)
    if filler:
        filler(value)


def containers(spec: Object) -> Iterator[Object]:
    """All containers of a Pod's spec: init, ordinary, ephemeral."""
    for field in CONTAINERS:
        yield from (c for c in spec.get(field) or () if isinstance(c, dict))


def _set(target: Object, **values: Any) -> None:
    for name, value in values.items():
        if target.get(name) is None:
            target[name] = value


def _pod(value: Object) -> None:
    spec = value.setdefault("spec", {})
    _pod_spec(spec)
    _set(spec, serviceAccountName="default", enableServiceLinks=True, priority=0,
         preemptionPolicy="PreemptLowerPriority", tolerations=_tolerations())  # fmt: skip
    spec["serviceAccount"] = spec["serviceAccountName"]
    value.setdefault("status", {})
    _set(value["status"], phase="Pending", qosClass="BestEffort")


def _tolerations() -> list[Object]:
    return [
        {"key": f"node.kubernetes.io/{name}", "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 300}
        for name in ("not-ready", "unreachable")
    ]


def _pod_spec(spec: Object) -> None:
    _set(spec, restartPolicy="Always", dnsPolicy="ClusterFirst", terminationGracePeriodSeconds=30,
         schedulerName="default-scheduler", securityContext={})  # fmt: skip
    for container in containers(spec):
        image = container.get("image") or ""
        floating = "@" not in image and (":" not in image.rpartition("/")[2] or image.endswith(":latest"))
        _set(container, imagePullPolicy="Always" if floating else "IfNotPresent", resources={},
             terminationMessagePath="/dev/termination-log", terminationMessagePolicy="File")  # fmt: skip
        for port in container.get("ports") or ():
            _set(port, protocol="TCP")


def _template(value: Object) -> Object:
    spec: Object = value.setdefault("spec", {})
    template = spec.setdefault("template", {})
    template.setdefault("metadata", {})
    _pod_spec(template.setdefault("spec", {}))
    return spec


def _deployment(value: Object) -> None:
    spec = _template(value)
    _set(spec, replicas=1, revisionHistoryLimit=10, progressDeadlineSeconds=600)
    strategy = spec.setdefault("strategy", {})
    _set(strategy, type="RollingUpdate")
    if strategy["type"] == "RollingUpdate":
        _set(strategy.setdefault("rollingUpdate", {}), maxUnavailable="25%", maxSurge="25%")


def _stateful_set(value: Object) -> None:
    spec = _template(value)
    _set(spec, replicas=1, revisionHistoryLimit=10, podManagementPolicy="OrderedReady", serviceName="",
         updateStrategy={"type": "RollingUpdate", "rollingUpdate": {"partition": 0}},
         persistentVolumeClaimRetentionPolicy={"whenDeleted": "Retain", "whenScaled": "Retain"})  # fmt: skip


def _daemon_set(value: Object) -> None:
    update = {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 1, "maxSurge": 0}}
    _set(_template(value), revisionHistoryLimit=10, updateStrategy=update)


def _job(value: Object) -> None:
    _set(_template(value), parallelism=1, completions=1, backoffLimit=6, completionMode="NonIndexed", suspend=False,
         manualSelector=False, podReplacementPolicy="TerminatingOrFailed")  # fmt: skip


def _cron_job(value: Object) -> None:
    spec = value.setdefault("spec", {})
    _set(spec, concurrencyPolicy="Allow", suspend=False, successfulJobsHistoryLimit=3, failedJobsHistoryLimit=1)
    _template(spec.setdefault("jobTemplate", {}))


def _service(value: Object) -> None:
    spec = value.setdefault("spec", {})
    _set(spec, type="ClusterIP", sessionAffinity="None", ipFamilyPolicy="SingleStack", ipFamilies=["IPv4"],
         internalTrafficPolicy="Cluster")  # fmt: skip
    for port in spec.get("ports") or ():
        _set(port, protocol="TCP", targetPort=port.get("port"))


def _secret(value: Object) -> None:
    import base64

    _set(value, type="Opaque")
    text = value.pop("stringData", None)
    if isinstance(text, dict):
        encoded = {key: base64.b64encode(str(item).encode()).decode() for key, item in text.items()}
        value["data"] = {**(value.get("data") or {}), **encoded}


def _namespace(value: Object) -> None:
    labels = value["metadata"].setdefault("labels", {})
    labels["kubernetes.io/metadata.name"] = value["metadata"].get("name", "")
    _set(value.setdefault("spec", {}), finalizers=["kubernetes"])
    _set(value.setdefault("status", {}), phase="Active")


def _webhooks(value: Object) -> None:
    mutating = value.get("kind") == "MutatingWebhookConfiguration"
    for hook in value.get("webhooks") or ():
        _set(
            hook,
            failurePolicy="Fail",
            matchPolicy="Equivalent",
            namespaceSelector={},
            objectSelector={},
            timeoutSeconds=10,
        )
        if mutating:
            _set(hook, reinvocationPolicy="Never")
        for rule in hook.get("rules") or ():
            _set(rule, scope="*")
        service = (hook.get("clientConfig") or {}).get("service")
        if service:
            _set(service, port=443)


def _definition(value: Object) -> None:
    names = value.setdefault("spec", {}).setdefault("names", {})
    kind = str(names.get("kind", ""))
    _set(names, singular=kind.lower(), listKind=f"{kind}List")
    _set(value["spec"], conversion={"strategy": "None"})


_FILLERS: dict[str, Callable[[Object], None]] = {
    "Pod": _pod,
    "Deployment": _deployment,
    "ReplicaSet": lambda value: _set(_template(value), replicas=1),
    "StatefulSet": _stateful_set,
    "DaemonSet": _daemon_set,
    "Job": _job,
    "CronJob": _cron_job,
    "Service": _service,
    "Secret": _secret,
    "Namespace": _namespace,
    "MutatingWebhookConfiguration": _webhooks,
    "ValidatingWebhookConfiguration": _webhooks,
    "CustomResourceDefinition": _definition,
}
