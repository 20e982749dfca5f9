"""The charts that are known here, and where their objects lie.

What is installed is what is there: the controllers know Kyverno, Argo CD and Crossplane by their
Deployments, whoever made them.
"""

from __future__ import annotations

from collections.abc import Callable

from labs.cluster.simulated.charts import argocd, crossplane, kyverno
from labs.cluster.simulated.charts.parts import Object, Release

Render = Callable[[Release], list[Object]]

CHARTS: dict[str, tuple[Render, str, str]] = {
    kyverno.CHART: (kyverno.render, kyverno.VERSION, kyverno.APP),
    argocd.CHART: (argocd.render, argocd.VERSION, argocd.APP),
    crossplane.CHART: (crossplane.render, crossplane.VERSION, crossplane.APP),
}
"""Chart → its objects, its version, its program's version."""

_PLURALS = {"NetworkPolicy": "networkpolicies"}
CLUSTER_WIDE = (
    "Namespace",
    "CustomResourceDefinition",
    "MutatingWebhookConfiguration",
    "ValidatingWebhookConfiguration",
)


def path(value: Object) -> str:
    """The path of an object of a chart."""
    version, kind = value["apiVersion"], value["kind"]
    plural = _PLURALS.get(kind, f"{kind.lower()}s")
    base = f"/api/{version}" if "/" not in version else f"/apis/{version}"
    metadata = value["metadata"]
    if kind in CLUSTER_WIDE:
        return f"{base}/{plural}/{metadata['name']}"
    return f"{base}/namespaces/{metadata['namespace']}/{plural}/{metadata['name']}"
