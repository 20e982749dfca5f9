"""All controllers of a cluster, on the event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from labs.cluster.simulated.api.ask import ADMINISTRATOR, controller
from labs.cluster.simulated.api.cluster import Cluster
from labs.cluster.simulated.api.store import Change
from labs.cluster.simulated.argocd.source import Sources
from labs.cluster.simulated.controllers.argocd import ArgoCD
from labs.cluster.simulated.controllers.basics import Basics
from labs.cluster.simulated.controllers.client import Client
from labs.cluster.simulated.controllers.crossplane import Crossplane
from labs.cluster.simulated.controllers.deployments import Deployments
from labs.cluster.simulated.controllers.endings import Definitions, Garbage, Namespaces
from labs.cluster.simulated.controllers.kyverno import Kyverno
from labs.cluster.simulated.controllers.pods import Pods
from labs.cluster.simulated.controllers.queue import Queue, Scheduler
from labs.cluster.simulated.controllers.workloads import Sets
from labs.cluster.simulated.images import Images
from labs.cluster.simulated.kyverno.admission import KyvernoAdmission
from labs.cluster.simulated.kyverno.engine import Engine
from labs.cluster.simulated.place import Place
from labs.cluster.simulated.settings import Current

POLL = 0.25
"""Seconds between two looks at the remotes: two calls of stat() each, and no file is opened."""


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
        images = Images(self.settings)
        authority = place.authority.read_text() if place.authority.exists() else ""
        self.basics = Basics(self._client("kube-controller-manager"), authority)
        engine = Engine(cluster)
        self.sources = Sources(self.settings)
        self.argocd = ArgoCD(
            Client(cluster, controller("argocd-application-controller", "argocd"), "argocd-controller"), self.sources
        )
        cluster.writing.admission.append(KyvernoAdmission(engine, images))
        self.queue.controllers += [
            self.basics,
            Definitions(self._client("kube-apiserver")),
            Namespaces(self._client("kube-controller-manager")),
            Garbage(self._client("kube-controller-manager")),
            Deployments(self._account("deployment-controller")),
            Sets(self._account("replicaset-controller")),
            Pods(self._client("kubelet"), images),
            Kyverno(self._client("kyverno"), engine),
            self.argocd,
            Crossplane(self._client("crossplane"), images),
        ]

    def start(self) -> None:
        """Begins to work."""
        self.queue.add(self.basics, "")
        store = self.cluster.store
        for key in list(store.places()):
            value = store.get(key)
            if value:
                self.queue.heard(Change(store.version, "ADDED", key, value, None))
        self._stop = store.subscribe(self.queue.heard)
        self._seen = self.sources.signature()
        self._poll()

    def _poll(self) -> None:
        """Looks whether a remote was pushed to, and does so again a moment later."""
        self.look()
        self._cancel = self.queue.scheduler.later(POLL, self._poll)

    def look(self) -> None:
        """Lets Argo CD refresh where a remote was pushed to since the last look."""
        seen = self.sources.signature()
        if seen != self._seen:
            self._seen = seen
            for key in self.argocd.all():
                self.queue.add(self.argocd, key)

    def stop(self) -> None:
        """Ends all work."""
        self._stop()
        self._cancel()
        self.queue.stop()

    def _client(self, manager: str) -> Client:
        return Client(self.cluster, ADMINISTRATOR, manager)

    def _account(self, name: str) -> Client:
        return Client(self.cluster, controller(name), "kube-controller-manager")
