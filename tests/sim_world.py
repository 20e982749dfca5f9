"""A simulated cluster without a network and without a clock of its own: time moves when a test says so."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

from labs.cluster.simulated.api.ask import ADMINISTRATOR, Ask
from labs.cluster.simulated.api.cluster import Cluster
from labs.cluster.simulated.api.patches import merge
from labs.cluster.simulated.api.resource import Resource
from labs.cluster.simulated.api.schema import copied
from labs.cluster.simulated.api.store import Store
from labs.cluster.simulated.charts.install import CHARTS
from labs.cluster.simulated.charts.parts import Release
from labs.cluster.simulated.controllers.manager import Manager
from labs.cluster.simulated.place import Place
from labs.cluster.simulated.settings import Settings, save

Object = dict[str, Any]

ISSUER = "https://token.actions.githubusercontent.com"
SUBJECT = "https://github.com/chainguard-images/images/.github/workflows/release.yaml@refs/heads/main"
OTHER = SUBJECT.replace("release.yaml", "build.yaml")
GOOD, UNSIGNED, WORKFLOW, UNRELATED = (
    f"cgr.dev/chainguard/{name}:v1" for name in ("provider-good", "provider-unsigned", "provider-flow", "image-other")
)
TRUST = {"features": {"tuf": {"enabled": True, "rootRaw": "e30="}}}
REMOTE = "git://git.test/platform.git"


def images() -> dict[str, Mapping[str, Any]]:
    """A registry's table: one image properly signed, one not, one by another workflow, one that is no provider."""
    signed = {"subject": SUBJECT, "issuer": ISSUER}
    return {
        GOOD: {"digest": "sha256:" + "a" * 64, "signatures": [signed]},
        UNSIGNED: {"digest": "sha256:" + "b" * 64, "signatures": []},
        WORKFLOW: {"digest": "sha256:" + "c" * 64, "signatures": [{**signed, "subject": OTHER}]},
        UNRELATED: {"digest": "sha256:" + "d" * 64, "signatures": []},
    }


class Hand:
    """A clock and a scheduler, both moved by hand."""

    def __init__(self) -> None:
        self.time = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
        self._soon: list[Callable[[], None]] = []
        self._later: list[tuple[datetime, int, Callable[[], None]]] = []
        self._gone: set[int] = set()
        self._numbers = count()

    def now(self) -> datetime:
        return self.time

    def soon(self, action: Callable[[], None]) -> None:
        self._soon.append(action)

    def later(self, seconds: float, action: Callable[[], None]) -> Callable[[], None]:
        number = next(self._numbers)
        heapq.heappush(self._later, (self.time + timedelta(seconds=seconds), number, action))
        return lambda: self._gone.add(number)

    def settle(self) -> None:
        """Does all that is due now."""
        while self._soon:
            self._soon.pop(0)()

    def advance(self, seconds: float) -> None:
        """Lets time pass, and does in its order all that becomes due."""
        until = self.time + timedelta(seconds=seconds)
        self.settle()
        while self._later and self._later[0][0] <= until:
            due, number, action = heapq.heappop(self._later)
            self.time = max(self.time, due)
            if number not in self._gone:
                action()
                self.settle()
        self.time = until


class World:
    """A cluster with all its controllers; `settle` lets them finish."""

    def __init__(self, folder: Path, remotes: Mapping[str, str] | None = None) -> None:
        self.hand = Hand()
        place = Place(folder)
        save(place.settings, Settings(images=images(), remotes=remotes or {}))
        self.cluster = Cluster(Store(), self.hand)
        self.manager = Manager(self.cluster, place, self.hand)
        self.manager.start()
        self.settle()

    def settle(self) -> None:
        """Lets the controllers do what is due."""
        if self.manager.platform:
            self.manager.platform.look()
        self.hand.settle()

    def advance(self, seconds: float) -> None:
        """Lets time pass."""
        self.hand.advance(seconds)

    def kind(self, plural: str, group: str = "") -> Resource:
        """A kind that must be served."""
        found = self.cluster.kind(group, plural)
        assert found is not None, plural
        return found

    def create(self, value: Object, ask: Ask | None = None) -> Object:
        """Creates an object, found by its apiVersion and kind."""
        resource = self.cluster.catalogue.of_kind(value["apiVersion"], value["kind"])
        assert resource is not None, value["kind"]
        namespace = value["metadata"].get("namespace", "default")
        return self.cluster.create(resource, namespace, copied(value), ask or Ask(ADMINISTRATOR, "test"))

    def get(self, plural: str, name: str, namespace: str = "default", group: str = "") -> Object:
        """One object; AssertionError where it is not there."""
        found = self.cluster.find(self.kind(plural, group), namespace, name)
        assert found is not None, f"{plural}/{name}"
        return found

    def there(self, plural: str, name: str, namespace: str = "default", group: str = "") -> bool:
        """Whether the kind is served and the object is there."""
        resource = self.cluster.kind(group, plural)
        return resource is not None and self.cluster.find(resource, namespace, name) is not None

    def change(self, plural: str, name: str, patch: Object, namespace: str = "default", group: str = "") -> Object:
        """A merge patch by a person."""
        return self.cluster.patch(
            self.kind(plural, group), namespace, name, lambda old: merge(old, patch), Ask(ADMINISTRATOR, "kubectl-edit")
        )

    def delete(self, plural: str, name: str, namespace: str = "default", group: str = "", **options: Any) -> Object:
        """A deletion by a person."""
        return self.cluster.delete(self.kind(plural, group), namespace, name, options, Ask())

    def install(self, chart: str, release: str, namespace: str, values: Object | None = None) -> None:
        """Everything that a chart makes, and the time that it needs."""
        if not self.there("namespaces", namespace, ""):
            self.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}})
        for value in CHARTS[chart][0](Release(release, namespace, values or {})):
            self.create(value)
        self.settle()

    def namespace(self, name: str) -> None:
        """A new namespace."""
        self.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})
        self.settle()


def pod(image: str, namespace: str = "default", name: str = "trial") -> Object:
    """A Pod of one container."""
    container = {"name": "main", "image": image}
    return {
        "apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "namespace": namespace},
        "spec": {"containers": [container]},
    }  # fmt: skip


def deployment(image: str, namespace: str = "default", name: str = "web", replicas: int = 1) -> Object:
    """A Deployment of one container."""
    labels = {"app": name}
    template = {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "main", "image": image}]}}
    return {
        "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name, "namespace": namespace},
        "spec": {"replicas": replicas, "selector": {"matchLabels": labels}, "template": template},
    }  # fmt: skip


def policy(name: str = "verify", namespace: str = "crossplane-system", **keyless: Any) -> Object:
    """A right policy over providers; `keyless` replaces its attestor's identity."""
    identity = keyless or {"subject": SUBJECT, "issuer": ISSUER, "rekor": {"url": "https://rekor.sigstore.dev"}}
    verify = {
        "imageReferences": ["cgr.dev/chainguard/provider-*"], "failureAction": "Enforce",
        "attestors": [{"entries": [{"keyless": identity}]}],
    }  # fmt: skip
    match = {"any": [{"resources": {"kinds": ["Pod"], "namespaces": [namespace]}}]}
    rule = {"name": "signed", "match": match, "verifyImages": [verify]}
    return {
        "apiVersion": "kyverno.io/v1",
        "kind": "ClusterPolicy",
        "metadata": {"name": name},
        "spec": {"rules": [rule]},
    }
