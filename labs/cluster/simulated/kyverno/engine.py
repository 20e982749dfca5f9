"""What runs of Kyverno, which policies are live, and whom it trusts."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from grader.kyverno import oracle
from grader.kyverno.review import PolicyReview
from grader.manifest import Document
from labs.cluster.simulated.api.cluster import Cluster

Object = dict[str, Any]

DEPLOYMENTS = ("apps", "deployments")
POLICIES = (("kyverno.io", "clusterpolicies"), ("kyverno.io", "policies"))
UNMODELLED = ("policies.kyverno.io", "imagevalidatingpolicies")
_ADMISSION = re.compile(r"(?:^|/)kyverno(?:[:@]|$)")  # the image of the admission controller, whoever built it


class Engine:
    """Kyverno as the objects of the cluster describe it. Nothing is remembered but reviews of policies."""

    def __init__(self, cluster: Cluster) -> None:
        self.cluster = cluster
        self._reviews: dict[str, PolicyReview] = {}

    def controller(self) -> Object | None:
        """The Deployment of the admission controller; one that answers before one that does not."""
        found = [one for one in self.cluster.store.all(DEPLOYMENTS) if _container(one)]
        return next((one for one in found if _available(one)), found[0] if found else None)

    def answers(self) -> bool:
        """Whether a replica of the admission controller is available."""
        found = self.controller()
        return found is not None and _available(found) > 0

    def trusts_lab(self) -> bool:
        """Whether its arguments name a trust root of its own (`features.tuf` of the chart): the lab's."""
        found = self.controller()
        arguments = (_container(found) or {}).get("args") or [] if found else []
        return "--enableTuf=true" in arguments and any(a.startswith(("--tufRoot=", "--tufRootRaw=")) for a in arguments)

    def namespace(self) -> str:
        """The namespace that Kyverno runs in."""
        found = self.controller()
        return str(found["metadata"]["namespace"]) if found else "kyverno"

    def variable(self, name: str, default: str) -> str:
        """A plain environment variable of the admission controller."""
        found = self.controller()
        variables = (_container(found) or {}).get("env") or [] if found else []
        return next((str(one["value"]) for one in variables if one.get("name") == name and "value" in one), default)

    def configuration(self) -> dict[str, str]:
        """The data of Kyverno's ConfigMap."""
        resource = self.cluster.kind("", "configmaps")
        name = self.variable("INIT_CONFIG", "kyverno")
        found = self.cluster.find(resource, self.namespace(), name) if resource else None
        return dict((found or {}).get("data") or {})

    def namespace_selector(self) -> Object:
        """The namespaceSelector that its webhooks get."""
        try:
            webhooks = json.loads(self.configuration().get("webhooks", "{}"))
        except ValueError:
            return {}
        first = webhooks[0] if isinstance(webhooks, list) and webhooks else webhooks
        selector = first.get("namespaceSelector") if isinstance(first, dict) else None
        return {k: v for k, v in selector.items() if v} if isinstance(selector, dict) else {}

    def objects(self) -> Iterator[Object]:
        """Every ClusterPolicy and Policy."""
        for kind in POLICIES:
            yield from self.cluster.store.all(kind)

    def review(self, policy: Object) -> PolicyReview:
        """What Kyverno makes of a policy object."""
        version = f"{policy['metadata'].get('uid')}@{policy['metadata'].get('resourceVersion')}"
        found = self._reviews.get(version)
        if found is None:
            found = review(policy)
            if "resourceVersion" in policy["metadata"]:
                if len(self._reviews) > 500:
                    self._reviews.clear()
                self._reviews[version] = found
        return found

    def live(self) -> list[PolicyReview]:
        """The policies that requests are put to: those that are Ready."""
        return [self.review(one) for one in self.objects() if is_ready(one)]

    def strangers(self) -> list[Object]:
        """The policies that the oracle knows nothing about: every ImageValidatingPolicy."""
        return list(self.cluster.store.all(UNMODELLED))


def review(policy: Object) -> PolicyReview:
    """The oracle's review of one policy object."""
    document = Document(policy, f"{policy['kind']}/{policy['metadata'].get('name', '')}")
    return oracle.review([document])[0]


def is_ready(policy: Object) -> bool:
    """Whether its condition Ready is true."""
    conditions = (policy.get("status") or {}).get("conditions") or ()
    return any(one.get("type") == "Ready" and one.get("status") == "True" for one in conditions)


def _container(deployment: Object) -> Object | None:
    containers = deployment["spec"]["template"]["spec"].get("containers") or ()
    return next((one for one in containers if _ADMISSION.search(one.get("image", ""))), None)


def _available(deployment: Object) -> int:
    return int((deployment.get("status") or {}).get("availableReplicas") or 0)
