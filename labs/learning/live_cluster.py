"""The lab's cluster, followed: connected to, watched, and connected to again when it was away."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

from grader.errors import LabsError
from grader.evidence.cluster import server_version
from grader.evidence.following import ANSWERS, Following
from grader.evidence.model import Cluster
from grader.kube import Kube, connect

CONNECTIONS = 40
"""One a watch, and those of the probes."""

PULSE = 15.0
"""Seconds without any loss after which the server is asked whether it still answers: a watch of one that hangs is
silent, as is one of which nothing changes."""

_FIRST_REST, _LONGEST_REST = 0.25, 5.0


class WatchedCluster:
    """Tells `changed` from other threads, from `start` to `stop`.

    `away` says why the cluster does not answer, and what to do. The kubeconfig is read anew at each connection: a
    lab that was made again has another.
    """

    def __init__(self, kubeconfig: Path, changed: Callable[[], None]) -> None:
        self.away: str | None = None
        self.kube: Kube | None = None
        self._kubeconfig = kubeconfig
        self._changed = changed
        self._following: Following | None = None
        self._last: Cluster | None = None
        self._look = threading.Event()
        self._stopped = False
        self._thread = threading.Thread(target=self._run, name="watch cluster", daemon=True)

    def start(self) -> None:
        """Begins to connect."""
        self._thread.start()

    def stop(self) -> None:
        """Has all requests and watches end; `join` waits for it."""
        self._stopped = True
        if self.kube:
            self.kube.interrupt()
        self._look.set()

    def join(self, seconds: float) -> None:
        """Waits for the end, at most so long."""
        if self._thread.is_alive():
            self._thread.join(seconds)

    def again(self) -> None:
        """Has a cluster that is away asked at once."""
        self._look.set()

    @property
    def polled(self) -> str | None:
        """Why a part of the cluster is not watched but read again and again, or None."""
        return self._following.polled if self._following else None

    def snapshot(self) -> Cluster | None:
        """The cluster as last known; None before it was read for the first time."""
        found = self._following.snapshot() if self._following else None
        self._last = found or self._last
        return self._last

    def _run(self) -> None:
        rest = _FIRST_REST
        while not self._stopped:
            try:
                self._follow()
            except LabsError as fault:
                rest = _FIRST_REST if self.away is None else min(rest * 2, _LONGEST_REST)
                self.away = fault.diagnostics()
                self._changed()
            if not self._stopped:
                self._look.wait(rest)
                self._look.clear()

    def _follow(self) -> None:
        """Follows until the server does not answer any more, which is raised, or until `stop`."""
        with connect(self._kubeconfig, connections=CONNECTIONS) as kube:
            self.kube = kube
            if self._stopped:
                return
            following = Following(kube, self._heard)
            try:
                following.start()
                self._following, self.away = following, None
                self._changed()
                while not self._stopped:
                    silent = not self._look.wait(PULSE)
                    self._look.clear()
                    if (silent or following.lost) and not self._stopped:
                        server_version(kube, ANSWERS)
            finally:
                self.snapshot()
                self._following = self.kube = None
                following.stop()

    def _heard(self) -> None:
        following = self._following
        if following and following.lost:
            self._look.set()
        self._changed()
