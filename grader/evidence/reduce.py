"""Objects of a cluster without what no check reads: noise, bulk, and what may be private."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from grader.evidence.dig import dig, mapping, mappings
from grader.evidence.model import Json

_LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
_VARIABLES = frozenset(("INIT_CONFIG", "METRICS_CONFIG", "KYVERNO_NAMESPACE"))
"""Environment variables whose values are kept: they say which ConfigMap configures Kyverno."""

_RESTLESS = frozenset(("resourceVersion", "generation", "managedFields"))
"""Metadata that moves with every write of an object's status, where that is no subresource of its own."""


def reduced(found: Json, kind: str) -> Json:
    """The object with its managed fields told shortly and, by kind, its bulk left out.

    Deployments lose the values of environment variables (they may hold passwords), webhook
    configurations their certificates, CustomResourceDefinitions everything but metadata. Applications lose what changes
    with each look of Argo CD at them, though nothing else does.
    """
    kept = {**found, "metadata": _metadata(mapping(found, "metadata"), keep_applied=kind == "ClusterPolicy")}
    if kind == "CustomResourceDefinition":
        return {key: kept[key] for key in ("apiVersion", "kind", "metadata") if key in kept}
    if kind == "Deployment":
        return _deployment(kept)
    if kind == "Application":
        return _application(kept)
    if kind.endswith("WebhookConfiguration"):
        return {**kept, "webhooks": [_webhook(one) for one in mappings(kept, "webhooks")]}
    return kept


def _metadata(metadata: Mapping[str, Any], *, keep_applied: bool) -> dict[str, Any]:
    kept = dict(metadata)
    if "managedFields" in kept:
        wanted = ("manager", "operation", "time", "subresource")
        kept["managedFields"] = [
            {key: entry[key] for key in wanted if key in entry} for entry in mappings(kept, "managedFields")
        ]
    if not keep_applied and _LAST_APPLIED in mapping(kept, "annotations"):
        kept["annotations"] = {key: one for key, one in kept["annotations"].items() if key != _LAST_APPLIED}
    return kept


def _application(found: dict[str, Any]) -> dict[str, Any]:
    kept = {**found, "metadata": {key: one for key, one in found["metadata"].items() if key not in _RESTLESS}}
    if isinstance(kept.get("status"), Mapping):
        kept["status"] = {key: one for key, one in kept["status"].items() if key != "reconciledAt"}
    return kept


def _deployment(found: dict[str, Any]) -> dict[str, Any]:
    spec, template = mapping(found, "spec"), mapping(found, "spec", "template")
    pod = dict(mapping(template, "spec"))
    for key in ("containers", "initContainers"):
        if key in pod:
            pod[key] = [_container(one) for one in mappings(pod, key)]
    return {**found, "spec": {**spec, "template": {**template, "spec": pod}}}


def _container(container: Mapping[str, Any]) -> dict[str, Any]:
    kept = {key: value for key, value in container.items() if key != "envFrom"}
    if "env" in kept:
        variables = mappings(kept, "env")
        kept["env"] = [one if one.get("name") in _VARIABLES else {"name": one.get("name")} for one in variables]
    return kept


def _webhook(webhook: Mapping[str, Any]) -> dict[str, Any]:
    client = dig(webhook, "clientConfig")
    if not isinstance(client, Mapping):
        return dict(webhook)
    return {**webhook, "clientConfig": {key: value for key, value in client.items() if key != "caBundle"}}
