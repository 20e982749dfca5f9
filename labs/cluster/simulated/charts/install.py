"""Puts a chart's objects into a cluster, takes them out again.

What is installed is what is there: the controllers know Kyverno, Argo CD and Crossplane by their
Deployments, whoever made them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from labs.cluster.simulated.charts import argocd, crossplane, kyverno
from labs.cluster.simulated.charts.parts import Object, Release, Values

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


class Api(Protocol):
    """What is needed of `grader.kube.Kube`."""

    def patch(self, path: str, body: Any, kind: Any = ..., /) -> Any:
        """A patch of an object; `apply` creates it too."""
        ...

    def delete(self, path: str, /) -> Any:
        """The end of an object."""
        ...


def path(value: Object) -> str:
    """The path of an object of a chart."""
    version, kind = value["apiVersion"], value["kind"]
    plural = _PLURALS.get(kind, f"{kind.lower()}s")
    base = f"/api/{version}" if "/" not in version else f"/apis/{version}"
    metadata = value["metadata"]
    if kind in CLUSTER_WIDE:
        return f"{base}/{plural}/{metadata['name']}"
    return f"{base}/namespaces/{metadata['namespace']}/{plural}/{metadata['name']}"


def install(api: Api, chart: str, release: str, namespace: str, values: Values) -> list[Object]:
    """Creates or changes everything of a release, its namespace too. Returns the objects.

    KeyError for an unknown chart; raises what `api` raises.
    """
    place = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}}
    objects = CHARTS[chart][0](Release(release, namespace, values))
    for value in (place, *objects):
        api.patch(path(value), value, "apply")
    return objects


def install_kyverno(api: Api, values: Values, release: str = "kyverno", namespace: str = "kyverno") -> list[Object]:
    """Kyverno as by `helm install kyverno kyverno/kyverno --namespace kyverno --create-namespace`."""
    return install(api, kyverno.CHART, release, namespace, values)
