"""All controllers of a cluster, on the event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

from labs.cluster.simulated.api.ask import ADMINISTRATOR, controller
from labs.cluster.simulated.api.cluster import Cluster
from labs.cluster.simulated.api.store import Change
from labs.cluster.simulated.controllers.basics import Basics
from labs.cluster.simulated.controllers.client import CRD, Client
from labs.cluster.simulated.controllers.deployments import Deployments
from labs.cluster.simulated.controllers.endings import Definitions, Garbage, Namespaces
from labs.cluster.simulated.controllers.pods import Pods
from labs.cluster.simulated.controllers.queue import Queue, Scheduler
from labs.cluster.simulated.controllers.workloads import Sets
from labs.cluster.simulated.images import Images
from labs.cluster.simulated.place import Place
from labs.cluster.simulated.settings import Current

if TYPE_CHECKING:
    from labs.cluster.simulated.controllers.platform import Platform

GROUPS = ("kyverno.io", "policies.kyverno.io", "argoproj.io", "pkg.crossplane.io")
"""Where one of these is defined, there is a platform to run. Until then its code is not even read."""


class LoopScheduler:
    """Runs work on the running event loop."""

    def soon(self, action: Callable[[], None]) -> None:
        asyncio.get_running_loop().call_soon(action)

    def later(self, seconds: float, action: Callable[[], None]) -> Callable[[], None]:
        return asyncio.get_running_loop().call_later(seconds, action).cancel


class Manager:
    """The controllers and their queue. `start` looks at everything once, then follows the store."""

    def __init__(self, cluster: Cluster, place: Place, scheduler: Scheduler | None = None) -> None:
        self.cluster = cluster
        self.queue = Queue(scheduler or LoopScheduler())
        self.settings = Current(place.settings)
        self.images = Images(self.settings)
        self.platform: Platform | None = None
        authority = place.authority.read_text() if place.authority.exists() else ""
        self.basics = Basics(self._client("kube-controller-manager"), authority)
        self.queue.controllers += [
            self.basics,
            Definitions(self._client("kube-apiserver")),
            Namespaces(self._client("kube-controller-manager")),
            Garbage(self._client("kube-controller-manager")),
            Deployments(self._account("deployment-controller")),
            Sets(self._account("replicaset-controller")),
            Pods(self._client("kubelet"), self.images),
        ]

    def start(self) -> None:
        """Begins to work."""
        self.queue.add(self.basics, "")
        store = self.cluster.store
        for key in sorted(store.places(), key=lambda key: key.kind != CRD):
            value = store.get(key)
            if value:
                self._heard(Change(store.version, "ADDED", key, value, None))
        self._stop = store.subscribe(self._heard)

    def _heard(self, change: Change) -> None:
        if self.platform is None and change.key.kind == CRD and change.object["spec"]["group"] in GROUPS:
            from labs.cluster.simulated.controllers.platform import Platform

            self.platform = Platform(self.cluster, self.settings, self.images, self.queue)
        self.queue.heard(change)

    def stop(self) -> None:
        """Ends all work."""
        self._stop()
        if self.platform:
            self.platform.stop()
        self.queue.stop()

    def _client(self, manager: str) -> Client:
        return Client(self.cluster, ADMINISTRATOR, manager)

    def _account(self, name: str) -> Client:
        return Client(self.cluster, controller(name), "kube-controller-manager")
