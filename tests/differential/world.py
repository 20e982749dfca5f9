"""The part of a cluster that generated policies are put to: namespaces, people, objects that stand there.

Cases run side by side, each in a slot of its own, so that they cannot meet.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from grader.kyverno.request import ADMINISTRATOR, Identity

SLOTS = 10
MAKER = "differential-maker"
HOST = "host"
PART = {"app.kubernetes.io/part-of": "differential"}

_EVERYBODY = ("system:basic-user", "system:discovery", "system:public-info-viewer")
_RULES = [
    {"apiGroups": [""], "resources": ["pods", "pods/ephemeralcontainers"], "verbs": ["create", "get", "patch"]},
    {"apiGroups": ["apps"], "resources": ["deployments"], "verbs": ["create", "get", "patch"]},
]


@dataclass(frozen=True, slots=True)
class Slot:
    """Three namespaces that one case has for itself; the second's name begins like the first's."""

    number: int

    @property
    def home(self) -> str:
        return f"slot{self.number}-home"

    @property
    def longer(self) -> str:
        return f"slot{self.number}-homes"

    @property
    def away(self) -> str:
        return f"slot{self.number}-away"

    @property
    def namespaces(self) -> tuple[str, str, str]:
        """All three."""
        return self.home, self.longer, self.away

    def labels(self, namespace: str) -> dict[str, str]:
        """The labels of a namespace, without those that Kubernetes gives it."""
        team, tier = {self.home: ("providers", "gold"), self.longer: ("providers", "silver")}.get(
            namespace, ("web", "silver")
        )
        return {"slot": f"s{self.number}", "team": team, "example.com/tier": tier, **PART}

    @property
    def people(self) -> dict[str, Identity]:
        """Who may ask in these namespaces, with the roles that the cluster's bindings give them."""
        builder = f"system:serviceaccount:{self.home}:builder"
        groups = ("system:serviceaccounts", f"system:serviceaccounts:{self.home}", "system:authenticated")
        roles = tuple(sorted(f"{namespace}:maker" for namespace in self.namespaces))
        return {
            "administrator": ADMINISTRATOR,
            "alice": Identity("alice", ("team:web", "system:authenticated"), (), (MAKER, *_EVERYBODY)),
            "bob": Identity("bob", ("team:data", "system:authenticated"), (), (MAKER, *_EVERYBODY)),
            "builder": Identity(builder, groups, roles, (*_EVERYBODY, "system:service-account-issuer-discovery")),
        }


def slots() -> list[Slot]:
    """All slots."""
    return [Slot(number) for number in range(SLOTS)]


def objects(image: str) -> Iterator[tuple[str, str | None, dict[str, Any]]]:
    """(version and plural, namespace, object) of all that stands; `image` is what the standing Pods name."""
    yield "rbac.authorization.k8s.io/v1 clusterroles", None, {"metadata": _meta(MAKER), "rules": _RULES}
    yield _cluster_binding()
    for slot in slots():
        for namespace in slot.namespaces:
            yield "v1 namespaces", None, {"metadata": {"name": namespace, "labels": slot.labels(namespace)}}
            yield "rbac.authorization.k8s.io/v1 roles", namespace, {"metadata": _meta("maker"), "rules": _RULES}
            builder = {"kind": "ServiceAccount", "name": "builder", "namespace": slot.home}
            yield _binding(namespace, "builders", ("Role", "maker"), builder)
            bob = {"kind": "User", "apiGroup": "rbac.authorization.k8s.io", "name": "bob"}
            yield _binding(namespace, "bobs", ("ClusterRole", MAKER), bob)
            yield "v1 pods", namespace, standing_pod(namespace, image)
            yield "apps/v1 deployments", namespace, standing_deployment(namespace, image)


def _meta(name: str) -> dict[str, Any]:
    return {"name": name, "labels": PART}


def _cluster_binding() -> tuple[str, None, dict[str, Any]]:
    subject = {"kind": "Group", "apiGroup": "rbac.authorization.k8s.io", "name": "team:web"}
    body = {"metadata": _meta(MAKER), "roleRef": _ref("ClusterRole", MAKER), "subjects": [subject]}
    return "rbac.authorization.k8s.io/v1 clusterrolebindings", None, body


def _binding(
    namespace: str, name: str, role: tuple[str, str], subject: dict[str, str]
) -> tuple[str, str, dict[str, Any]]:
    body = {"metadata": _meta(name), "roleRef": _ref(*role), "subjects": [subject]}
    return "rbac.authorization.k8s.io/v1 rolebindings", namespace, body


def _ref(kind: str, name: str) -> dict[str, str]:
    return {"apiGroup": "rbac.authorization.k8s.io", "kind": kind, "name": name}


def standing_pod(namespace: str, image: str) -> dict[str, Any]:
    """A Pod that never runs: nobody schedules it."""
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": HOST, "namespace": namespace, "labels": {"app": HOST}},
        "spec": {
            "schedulerName": "nobody",
            "serviceAccountName": "default",
            "containers": [{"name": HOST, "image": image}],
        },
    }


def standing_deployment(namespace: str, image: str) -> dict[str, Any]:
    """A Deployment without Pods."""
    labels = {"app": HOST}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": HOST, "namespace": namespace, "labels": labels},
        "spec": {
            "replicas": 0,
            "selector": {"matchLabels": labels},
            "template": {
                "metadata": {"labels": labels},
                "spec": {"containers": [{"name": HOST, "image": image}]},
            },
        },
    }
