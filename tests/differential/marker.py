"""A policy over ConfigMaps whose rule carries a growing number: an obeyed one tells that Kyverno knows what was before.

One watch feeds Kyverno's policy cache, in the order of writing (1.19.1, pkg/controllers/policycache). ConfigMaps are
of no interest to the generated policies, so that the two cannot meet.
"""

from __future__ import annotations

import itertools
import time
from typing import Any

from grader.kube import Kube, Refusal, resource

NAMESPACE = NAME = "differential-marker"
_POLICY = resource("kyverno.io/v1", "clusterpolicies", None, NAME)
_PATIENCE = 60.0


def make(kube: Kube) -> None:
    """The marker's namespace, once that of an earlier run is gone. Raises TimeoutError."""
    end = time.monotonic() + _PATIENCE
    while not _made(kube):
        if time.monotonic() > end:
            raise TimeoutError(f"the namespace {NAMESPACE} does not go away")
        time.sleep(0.3)


def _made(kube: Kube) -> bool:
    try:
        kube.create(resource("v1", "namespaces"), {"metadata": {"name": NAMESPACE}})
    except Refusal as refusal:
        if refusal.reason != "AlreadyExists":
            raise
        return not _leaving(kube)
    return True


def _leaving(kube: Kube) -> bool:
    try:
        return "deletionTimestamp" in kube.get(resource("v1", "namespaces", None, NAMESPACE))["metadata"]
    except Refusal:
        return True


def unmake(kube: Kube) -> None:
    """Deletes the marker and its namespace."""
    for path in (_POLICY, resource("v1", "namespaces", None, NAMESPACE)):
        try:
            kube.delete(path)
        except Refusal as refusal:
            if refusal.status != 404:
                raise


class Marker:
    """Writes the marker anew, and waits until it is obeyed."""

    def __init__(self, kube: Kube) -> None:
        self.kube = kube
        self.numbers = itertools.count(int(time.time() * 1000))

    def wait(self) -> None:
        """Returns once Kyverno knows all that was written before the call. Raises TimeoutError."""
        rule = f"marker-{next(self.numbers)}"
        self.kube.patch(_POLICY, _policy(rule), "apply")
        end = time.monotonic() + _PATIENCE
        while not self._obeyed(rule):
            if time.monotonic() > end:
                raise TimeoutError(f"Kyverno does not obey {NAME} under its rule {rule}")
            time.sleep(0.1)

    def _obeyed(self, rule: str) -> bool:
        body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "asked"}}
        try:
            self.kube.create(resource("v1", "configmaps", NAMESPACE), body, dry_run=True)
        except Refusal as refusal:
            return f"{rule}:" in refusal.words
        return False


def _policy(rule: str) -> dict[str, Any]:
    resources = {"kinds": ["ConfigMap"], "namespaces": [NAMESPACE]}
    checks = {"failureAction": "Enforce", "message": "known", "pattern": {"metadata": {"labels": {"never": "?*"}}}}
    body = {"name": rule, "match": {"any": [{"resources": resources}]}, "validate": checks}
    return {
        "apiVersion": "kyverno.io/v1",
        "kind": "ClusterPolicy",
        "metadata": {"name": NAME},
        "spec": {"background": False, "rules": [body]},
    }
