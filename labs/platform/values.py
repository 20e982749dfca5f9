"""Helm values that the lab adds to those which the course's text quotes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from labs.platform import manifests
from labs.platform.images import Choice, split

RECONCILIATION = "5s"
"""How often Argo CD asks the remote, and how long it believes the last answer."""

POLICY_HEALTH = """\
-- A ClusterPolicy's Ready condition as Argo CD's health: none yet is Progressing, False is Degraded.
local answer = {status = "Progressing", message = "Kyverno has not answered yet"}
for _, condition in ipairs((obj.status or {}).conditions or {}) do
  if condition.type == "Ready" then
    answer.status = condition.status == "True" and "Healthy" or "Degraded"
    answer.message = condition.message or condition.reason or ""
  end
end
return answer
"""

Values = dict[str, Any]


def argocd(choice: Choice) -> Values:
    """Argo CD for a lab of one learner: chosen images, plain HTTP on loopback, quick to see a push.

    Dex, notifications and application sets have no use in this course.
    """
    repository, tag = split(choice.images["argocd"])
    server_repository, server_tag = split(choice.images["repo-server"])
    return {
        "global": {"image": {"repository": repository, "tag": tag, "imagePullPolicy": "IfNotPresent"}},
        "repoServer": {"image": {"repository": server_repository, "tag": server_tag}},
        "dex": {"enabled": False},
        "notifications": {"enabled": False},
        "applicationSet": {"enabled": False, "replicas": 0},
        "configs": {
            "cm": {
                "timeout.reconciliation": RECONCILIATION,
                "timeout.reconciliation.jitter": "0s",
                "resource.customizations.health.kyverno.io_ClusterPolicy": POLICY_HEALTH,
            },
            "params": {
                "server.insecure": "true",
                "controller.self.heal.timeout.seconds": "2",
                "controller.self.heal.backoff.cap.seconds": "10",
            },
        },
    }


def crossplane(choice: Choice) -> Values:
    """Crossplane with the chosen image, trusting the lab's registry."""
    repository, tag = split(choice.images["crossplane"])
    return {
        "image": {"repository": repository, "tag": tag, "pullPolicy": "IfNotPresent"},
        "registryCaBundleConfig": {"name": manifests.CA_CONFIG_MAP, "key": manifests.CA_KEY},
    }


def merged(*layers: Mapping[str, Any]) -> Values:
    """Values laid over each other as Helm does: mappings are merged, all else is replaced."""
    result: Values = {}
    for layer in layers:
        for key, value in layer.items():
            below = result.get(key)
            both = isinstance(below, dict) and isinstance(value, Mapping)
            result[key] = merged(below or {}, value) if both else value
    return result
