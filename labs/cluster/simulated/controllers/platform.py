"""What a platform adds to a cluster: Kyverno, Argo CD, Crossplane. All three act only where they are installed."""

from __future__ import annotations

import logging

from grader.errors import InputError
from labs.cluster.simulated.api.ask import ADMINISTRATOR, controller
from labs.cluster.simulated.api.cluster import Cluster
from labs.cluster.simulated.argocd.source import Sources
from labs.cluster.simulated.controllers.argocd import ArgoCD
from labs.cluster.simulated.controllers.client import Client
from labs.cluster.simulated.controllers.crossplane import Crossplane
from labs.cluster.simulated.controllers.kyverno import Kyverno
from labs.cluster.simulated.controllers.queue import Queue
from labs.cluster.simulated.images import Images
from labs.cluster.simulated.kyverno.admission import KyvernoAdmission
from labs.cluster.simulated.kyverno.engine import Engine
from labs.cluster.simulated.settings import Current

POLL = 0.25
"""Seconds between two looks at the remotes: a few calls of stat() each, and no file is opened."""

_log = logging.getLogger(__name__)


class Platform:
    """Adds its controllers to the queue, its admission to the cluster, and looks at the remotes."""

    def __init__(self, cluster: Cluster, settings: Current, images: Images, queue: Queue) -> None:
        engine = Engine(cluster)
        cluster.writing.admission.append(KyvernoAdmission(engine, images))
        self.sources = Sources(settings)
        self.queue = queue
        account = controller("argocd-application-controller", "argocd")
        self.argocd = ArgoCD(Client(cluster, account, "argocd-controller"), self.sources)
        queue.controllers += [
            Kyverno(Client(cluster, ADMINISTRATOR, "kyverno"), engine),
            self.argocd,
            Crossplane(Client(cluster, ADMINISTRATOR, "crossplane"), images),
        ]
        self._seen: object = None
        self._poll()

    def _poll(self) -> None:
        """Looks whether a remote was pushed to, and does so again a moment later."""
        self.look()
        self._cancel = self.queue.scheduler.later(POLL, self._poll)

    def look(self) -> None:
        """Lets Argo CD refresh where a remote was pushed to since the last look."""
        try:
            seen = self.sources.signature()
        except InputError as error:
            _log.warning("%s", error)
            return
        if seen != self._seen:
            self._seen = seen
            for key in self.argocd.all():
                self.queue.add(self.argocd, key)

    def stop(self) -> None:
        """Looks no more."""
        self._cancel()
