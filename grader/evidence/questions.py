"""The questions that probes put to a cluster: objects that would be created, and never are."""

from __future__ import annotations

import secrets
import string
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from grader.course import ProbeSpec
from grader.evidence.dig import dig, mapping, mappings, name, text
from grader.evidence.lab import LabFacts
from grader.evidence.model import Json
from grader.kube import Identity, Kube, resource

CROSSPLANE = Identity.service_account("crossplane-system", "crossplane")
"""Who makes the Deployments of providers (Crossplane 1.15, its chart's ServiceAccount)."""

_MIRROR = "kubernetes.io/config.mirror"
_COMPANIONS = ("unrelated-signed", "unrelated")
_SECURITY = {
    "allowPrivilegeEscalation": False,
    "capabilities": {"drop": ["ALL"]},
    "runAsNonRoot": True,
    "runAsUser": 65532,
    "seccompProfile": {"type": "RuntimeDefault"},
}
"""Fits the Pod Security Standard `restricted`, so that a namespace's level is no obstacle."""


@dataclass(frozen=True, slots=True)
class Question:
    """One request: `body` posted to `path`, or, of an ephemeral container, patched onto a running Pod.

    `image` is the reference that the answer is about, `repository` the same without tag or digest.
    """

    image: str
    repository: str
    path: str
    body: Json
    patch: bool = False
    identity: Identity | None = None

    def put(self, kube: Kube, seconds: float) -> Json:
        """The server's object. Raises what `Kube` raises."""
        if self.patch:
            return kube.patch(self.path, self.body, "strategic", dry_run=True, identity=self.identity, seconds=seconds)
        return kube.create(self.path, self.body, dry_run=True, identity=self.identity, seconds=seconds)


class Unaskable(Exception):
    """This question cannot be put here; the text says why."""


def question(spec: ProbeSpec, lab: LabFacts, host: Callable[[str], str | None]) -> Question:
    """What a probe asks. `host` finds the name of a running Pod in a namespace.

    Raises Unaskable: the lab has no such sample, or no Pod runs in the namespace.
    """
    sample = lab.samples.get(spec.sample)
    if sample is None:
        raise Unaskable(f"this lab has no sample image “{spec.sample}”")
    image = sample.reference(spec.reference)
    identity = CROSSPLANE if spec.identity == "crossplane" else None
    if spec.where == "ephemeral":
        found = host(spec.namespace)
        if found is None:
            raise Unaskable(f"no Pod runs in {spec.namespace} that an ephemeral container could be added to")
        path = resource("v1", "pods", spec.namespace, found, "ephemeralcontainers")
        return Question(image, sample.image, path, _ephemeral(spec.namespace, found, image), True, identity)
    pod_spec = _pod_spec(spec.where, image, _companion(lab))
    if spec.kind == "Deployment":
        path = resource("apps/v1", "deployments", spec.namespace)
        return Question(image, sample.image, path, _deployment(spec.namespace, pod_spec), identity=identity)
    path = resource("v1", "pods", spec.namespace)
    return Question(image, sample.image, path, _pod(spec.namespace, pod_spec), identity=identity)


def plain(namespace: str, image: str, repository: str) -> Question:
    """Would a Pod with this one image be let into a namespace?"""
    return Question(
        image, repository, resource("v1", "pods", namespace), _pod(namespace, _pod_spec("container", image, ""))
    )


def _pod(namespace: str, spec: Mapping[str, Any]) -> Json:
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": fresh_name(), "namespace": namespace},
        "spec": dict(spec),
    }


def running_pod(kube: Kube, namespace: str) -> str | None:
    """The name of a running Pod that may be given an ephemeral container, or None.

    Pods without a provider's image come first: a policy looks at all images of the Pod it is
    asked about, and the answer shall be about the added one.
    """
    found = [one for one in kube.list(resource("v1", "pods", namespace)) if _may_host(one)]
    return min(((_runs_provider(one), name(one)) for one in found), default=(False, None))[1]


def fresh_name() -> str:
    """Twelve random letters: valid as a name of any object."""
    return "".join(secrets.choice(string.ascii_lowercase) for _ in range(12))


def _may_host(found: Json) -> bool:
    return (
        text(found, "status", "phase") == "Running"
        and dig(found, "metadata", "deletionTimestamp") is None
        and _MIRROR not in mapping(found, "metadata", "annotations")
        and bool(name(found))
    )


def _runs_provider(found: Json) -> bool:
    return any("/provider-" in text(one, "image") for one in mappings(found, "spec", "containers"))


def _companion(lab: LabFacts) -> str:
    """An image that stands beside the one asked about and that no sensible policy refuses."""
    found = next((lab.samples[key] for key in _COMPANIONS if key in lab.samples), None)
    if found is None:
        raise Unaskable(f"this lab has no sample image “{_COMPANIONS[-1]}”")
    return found.reference("tag")


def _pod_spec(where: str, image: str, companion: str) -> dict[str, Any]:
    common = {"automountServiceAccountToken": False, "enableServiceLinks": False}
    if where == "init":
        return {
            **common,
            "initContainers": [_container("asked", image)],
            "containers": [_container("beside", companion)],
        }
    containers = [_container("beside", companion)] if where == "second" else []
    return {**common, "containers": [*containers, _container("asked", image)]}


def _container(called: str, image: str) -> dict[str, Any]:
    return {"name": called, "image": image, "securityContext": _SECURITY}


def _deployment(namespace: str, spec: Mapping[str, Any]) -> Json:
    called = fresh_name()
    labels = {"app.kubernetes.io/name": called}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": called, "namespace": namespace},
        "spec": {
            "replicas": 1,
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": dict(spec)},
        },
    }


def _ephemeral(namespace: str, host: str, image: str) -> Json:
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": host, "namespace": namespace},
        "spec": {"ephemeralContainers": [_container(fresh_name(), image)]},
    }
