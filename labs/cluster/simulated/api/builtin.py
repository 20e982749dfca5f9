"""The kinds that are there without any installation."""

from __future__ import annotations

from labs.cluster.simulated.api.resource import Resource
from labs.cluster.simulated.api.schema import definitions

_STATUS = frozenset({"status"})
_SCALED = frozenset({"status", "scale"})
_ALL = ("all",)
_CORE = "io.k8s.api.core.v1"
_ADMISSION = "admissionregistration.k8s.io"
CRDS = ("apiextensions.k8s.io", "customresourcedefinitions")


def _core(plural: str, kind: str, namespaced: bool, short: tuple[str, ...] = (), **more: object) -> Resource:
    return _resource("", plural, kind, f"{_CORE}.{kind}", namespaced, short, **more)


def _resource(
    group: str, plural: str, kind: str, name: str, namespaced: bool, short: tuple[str, ...] = (), **more: object
) -> Resource:
    return Resource(
        group, "v1", plural, kind, namespaced, definitions()[name],
        singular=kind.lower(), short_names=short, storage="v1", **more,  # type: ignore[arg-type]
    )  # fmt: skip


def resources() -> list[Resource]:
    """All built-in kinds, as Kubernetes 1.35 names them."""
    pods = frozenset({"status", "log", "ephemeralcontainers", "attach", "exec", "portforward"})
    return [
        _core("configmaps", "ConfigMap", True, ("cm",)),
        _core("events", "Event", True, ("ev",)),
        _core("namespaces", "Namespace", False, ("ns",), subresources=frozenset({"status", "finalize"})),
        _core("nodes", "Node", False, ("no",), subresources=_STATUS),
        _core("pods", "Pod", True, ("po",), subresources=pods, categories=_ALL),
        _core("secrets", "Secret", True),
        _core("serviceaccounts", "ServiceAccount", True, ("sa",)),
        _core("services", "Service", True, ("svc",), subresources=_STATUS, categories=_ALL),
        *_workloads(),
        *_configuration(),
    ]


_WORKLOADS = (
    ("apps", "DaemonSet", ("ds",), _STATUS),
    ("apps", "Deployment", ("deploy",), _SCALED),
    ("apps", "ReplicaSet", ("rs",), _SCALED),
    ("apps", "StatefulSet", ("sts",), _SCALED),
    ("batch", "CronJob", ("cj",), _STATUS),
    ("batch", "Job", (), _STATUS),
)


def _workloads() -> list[Resource]:
    return [
        _resource(
            group, f"{kind.lower()}s", kind, f"io.k8s.api.{group}.v1.{kind}", True, short,
            subresources=subresources, categories=_ALL,
        )
        for group, kind, short, subresources in _WORKLOADS
    ]  # fmt: skip


def _configuration() -> list[Resource]:
    admission = "io.k8s.api.admissionregistration.v1"
    extensions = "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceDefinition"
    return [
        _resource(_ADMISSION, f"{kind.lower()}s", kind, f"{admission}.{kind}", False)
        for kind in ("MutatingWebhookConfiguration", "ValidatingWebhookConfiguration")
    ] + [
        _resource(
            CRDS[0], CRDS[1], "CustomResourceDefinition", extensions, False, ("crd", "crds"),
            subresources=_STATUS, categories=("api-extensions",),
        )
    ]  # fmt: skip
