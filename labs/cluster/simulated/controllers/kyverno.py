"""Kyverno at work: while it runs it keeps its webhooks, and says of each policy that it is ready."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from labs.cluster.simulated.api.clock import stamp
from labs.cluster.simulated.api.store import Change
from labs.cluster.simulated.controllers.client import CONFIG_MAP, DEPLOYMENT, Client
from labs.cluster.simulated.kyverno import webhooks
from labs.cluster.simulated.kyverno.engine import POLICIES, Engine
from labs.cluster.simulated.kyverno.status import status

Object = dict[str, Any]

CONFIGURATIONS = {
    webhooks.MUTATING: ("admissionregistration.k8s.io", "mutatingwebhookconfigurations"),
    webhooks.VALIDATING: ("admissionregistration.k8s.io", "validatingwebhookconfigurations"),
}
_ALL = "webhooks"


class Kyverno:
    """The admission controller's own loops. The key is `webhooks`, or `plural/namespace/name` of a policy."""

    def __init__(self, client: Client, engine: Engine) -> None:
        self.client = client
        self.engine = engine

    def concerns(self, change: Change) -> Iterable[str]:
        kind = change.key.kind
        if kind in POLICIES:
            yield f"{kind[1]}/{change.key.namespace}/{change.key.name}"
            yield _ALL
        elif kind in (DEPLOYMENT, CONFIG_MAP) or (
            kind in CONFIGURATIONS.values() and change.key.name.startswith("kyverno-")
        ):
            yield _ALL

    def reconcile(self, key: str) -> None:
        if not self.engine.answers():
            return
        if key == _ALL:
            self._webhooks()
            for one in self.engine.objects():
                self._policy(one)
            return
        plural, namespace, name = key.split("/")
        found = self.client.get(("kyverno.io", plural), namespace, name)
        if found:
            self._policy(found)

    def _policy(self, value: Object) -> None:
        review = self.engine.review(value)
        if not review.accepted:
            return  # it came in while Kyverno did not look; it never becomes Ready
        kind = POLICIES[0] if value["kind"] == "ClusterPolicy" else POLICIES[1]
        self.client.status(kind, value, status(review, value.get("status") or {}, stamp(self.client.cluster.clock)))

    def _webhooks(self) -> None:
        service, namespace = self.engine.variable("KYVERNO_SVC", "kyverno-svc"), self.engine.namespace()
        live = [one.policy for one in map(self.engine.review, self.engine.objects()) if one.accepted and one.policy]
        resources = self.client.cluster.catalogue.all()
        selector = self.engine.namespace_selector()
        wanted = webhooks.fixed(service, namespace)
        wanted += webhooks.of_policies(live, resources, service, namespace, selector)
        for value in wanted:
            kind = CONFIGURATIONS[value["kind"]]
            if self.client.get(kind, "", value["metadata"]["name"]) is None:
                self.client.create(kind, value)
            else:
                self.client.merge(kind, value, {"webhooks": value["webhooks"]})
