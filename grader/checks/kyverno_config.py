"""What Kyverno's own configuration leaves out: namespaces, kinds and users that it never looks at.

Source: Kyverno 1.19.1 pkg/config (`resourceFilters`, `webhooks`, `exclude…` of its ConfigMap) and the
`namespaceSelector` of its webhook configurations.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from grader.checks.objects import dig, items, mapping, name, namespace, text
from grader.checks.versions import admission_controllers
from grader.evidence.model import Cluster
from grader.kyverno.wildcard import match
from grader.text import quoted

WEBHOOKS = (
    ("MutatingWebhookConfiguration", "kyverno-resource-mutating-webhook-cfg"),
    ("ValidatingWebhookConfiguration", "kyverno-resource-validating-webhook-cfg"),
    ("ValidatingWebhookConfiguration", "kyverno-policy-validating-webhook-cfg"),
)
"""The webhook configurations without which no policy is checked or enforced (pkg/config/config.go)."""
_VERSION = re.compile(r"v\d((alpha|beta)\d)?")
_FILTER = re.compile(r"\[([^\[\]]{1,400})\]")


def missing_webhooks(cluster: Cluster) -> list[str]:
    """`Kind/name` of Kyverno's webhook configurations that are not there."""
    return [f"{kind}/{found}" for kind, found in WEBHOOKS if cluster.get(kind, found) is None]


def exclusions(cluster: Cluster, wanted: str) -> Iterator[tuple[str, str]]:
    """Why Kyverno would not look at Pods of a namespace: (place, reason) for each cause."""
    labels = _labels(cluster, wanted)
    for config in _configurations(cluster):
        place = f"ConfigMap/{namespace(config)}/{name(config)}"
        for found in _FILTER.findall(text(config, "data", "resourceFilters")):
            if _filters_pods(found, wanted):
                yield place, f"resourceFilters has {quoted(f'[{found}]')}"
        for selector in _selectors(text(config, "data", "webhooks")):
            if not selects(selector, labels):
                yield place, f"the namespaceSelector under webhooks leaves {wanted} out"
        for key, pattern in _users(mapping(config, "data"), wanted):
            yield place, f"{key} has {quoted(pattern)}"
    for kind, found in WEBHOOKS[:2]:
        hooks = items(cluster.get(kind, found), "webhooks")
        if hooks and not any(selects(mapping(hook, "namespaceSelector"), labels) for hook in hooks):
            yield f"{kind}/{found}", f"every namespaceSelector leaves {wanted} out"


def selects(selector: Mapping[str, Any], labels: Mapping[str, Any]) -> bool:
    """Whether a Kubernetes label selector selects these labels; an empty one selects all."""
    if any(labels.get(key) != value for key, value in mapping(selector, "matchLabels").items()):
        return False
    return all(_holds(one, labels) for one in items(selector, "matchExpressions"))


def _holds(expression: Any, labels: Mapping[str, Any]) -> bool:
    key, operator, values = text(expression, "key"), text(expression, "operator"), items(expression, "values")
    held = {
        "In": labels.get(key) in values,
        "NotIn": labels.get(key) not in values,
        "Exists": key in labels,
        "DoesNotExist": key not in labels,
    }
    return held.get(operator, True)


def _labels(cluster: Cluster, wanted: str) -> Mapping[str, Any]:
    found = mapping(cluster.get("Namespace", wanted), "metadata", "labels")
    return {"kubernetes.io/metadata.name": wanted, **found}


def _configurations(cluster: Cluster) -> list[Any]:
    """The ConfigMaps that the admission controllers name in INIT_CONFIG, `kyverno` by default."""
    found = []
    for controller in admission_controllers(cluster):
        wanted = next(_environment(controller, "INIT_CONFIG"), "kyverno")
        found.append(cluster.get("ConfigMap", wanted, namespace(controller)))
    return [config for config in found if config is not None]


def _environment(deployment: Any, variable: str) -> Iterator[str]:
    for container in items(deployment, "spec", "template", "spec", "containers"):
        for entry in items(container, "env"):
            if text(entry, "name") == variable and text(entry, "value"):
                yield text(entry, "value")


def _filters_pods(written: str, wanted: str) -> bool:
    """Whether `kind,namespace,name` filters every Pod of a namespace (pkg/config/types.go parseKinds)."""
    kind, where, found = [*written.split(","), "", ""][:3]
    return _covers_pods(kind) and match(where, wanted) and found in ("*", "?*")


def _covers_pods(kind: str) -> bool:
    """Whether a kind selector takes Pods themselves (pkg/utils/kube/kind.go ParseKindSelector)."""
    parts = kind.split("/")
    if len(parts) == 1 or kind == "*/*":
        return match(parts[-1], "Pod")
    version = parts[-2] == "*" or _VERSION.fullmatch(parts[-2])
    return bool(version) and match(parts[-1], "Pod")


def _selectors(written: str) -> list[Mapping[str, Any]]:
    try:
        value = json.loads(written) if written else None
    except (ValueError, RecursionError):
        return []
    found = value if isinstance(value, list) else [value]
    return [mapping(one, "namespaceSelector") for one in found if dig(one, "namespaceSelector")]


def _users(data: Mapping[str, Any], wanted: str) -> Iterator[tuple[str, str]]:
    """Exclusions that leave out administrators, or the service accounts of the namespace."""
    asked = {
        "excludeGroups": (
            "system:masters",
            "system:authenticated",
            "system:serviceaccounts",
            f"system:serviceaccounts:{wanted}",
        ),
        "excludeUsernames": ("kubernetes-admin", f"system:serviceaccount:{wanted}:crossplane"),
        "excludeClusterRoles": ("cluster-admin",),
    }  # fmt: skip
    for key, values in asked.items():
        for pattern in text(data, key).split(","):
            bare = pattern.strip()
            if bare and not bare.startswith("!") and any(match(bare, value) for value in values):
                yield key, bare
