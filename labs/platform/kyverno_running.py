"""Waiting until an installed or changed Kyverno is the one that answers."""

from __future__ import annotations

import json
from collections.abc import Callable

from labs.cluster.kubectl import Kubectl
from labs.errors import CommandFailed

_SETTLES = 60
"""Seconds, at most, for each thing that follows a rollout."""
_ASKED = {"any": [{"resources": {"kinds": ["ConfigMap"]}}]}
_RULE = {"name": "named", "match": _ASKED, "validate": {"message": "a name", "pattern": {"metadata": {"name": "?*"}}}}
_QUESTION = {
    "apiVersion": "kyverno.io/v1",
    "kind": "ClusterPolicy",
    "metadata": {"name": "platform-labs-question"},
    "spec": {"rules": [_RULE]},
}


def wait(kubectl: Kubectl, namespace: str) -> None:
    """Returns once Kyverno runs as declared in `namespace`, and it alone answers. Raises CommandFailed.

    `rollout status` counts no Pod that is going, and the API server keeps its connections to one as long as it answers.
    """
    found = kubectl.get("deployments", namespace=namespace) or {"items": []}
    names = [one["metadata"]["name"] for one in found["items"] if _is_kyvernos(one)]
    kubectl.rolled_out(namespace, *(f"deployment/{name}" for name in names))
    _until(kubectl, lambda: not _going(kubectl, namespace))
    _until(kubectl, lambda: _answers(kubectl))


def _until(kubectl: Kubectl, true: Callable[[], bool]) -> None:
    for _ in range(_SETTLES):
        if true():
            return
        kubectl.runner.pause(1)


def _going(kubectl: Kubectl, namespace: str) -> bool:
    """Whether a Pod of an earlier Kyverno is still there."""
    pods = (kubectl.get("pods", namespace=namespace) or {"items": []})["items"]
    return any(_is_kyvernos(one) and "deletionTimestamp" in one["metadata"] for one in pods)


def _answers(kubectl: Kubectl) -> bool:
    """Whether the API server reaches Kyverno, which reviews every policy."""
    try:
        kubectl.run("create", "--dry-run=server", "-f", "-", given=json.dumps(_QUESTION))
    except CommandFailed as failed:
        return "failed calling webhook" not in failed.output
    return True


def _is_kyvernos(found: dict[str, dict[str, object]]) -> bool:
    """Whether a Deployment or Pod is Kyverno's, by its labels."""
    return "kyverno" in json.dumps(found["metadata"].get("labels"))
