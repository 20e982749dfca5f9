"""A cluster's evidence by watches is the same as read anew, through all that happens to the kinds."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from grader.evidence import cluster
from grader.evidence.following import Following
from grader.evidence.model import Cluster
from grader.kube import Kube, Unreachable, connect
from tests.fake_api import FakeApi
from tests.sim_lab import Lab, sim_lab

CRDS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"


class Watched:
    """What is followed, and how a test waits for it."""

    def __init__(self, kube: Kube) -> None:
        self._news = threading.Condition()
        self.following = Following(kube, self._changed)

    def _changed(self) -> None:
        with self._news:
            self._news.notify_all()

    def until(self, fits: Callable[[Cluster], bool]) -> Cluster:
        """The first snapshot that fits."""
        found: list[Cluster] = []

        def look() -> bool:
            snapshot = self.following.snapshot()
            found[:] = [snapshot] if snapshot is not None and fits(snapshot) else []
            return bool(found)

        with self._news:
            assert self._news.wait_for(look, 20)
        return found[0]


@contextmanager
def watched(kubeconfig: Path) -> Iterator[Watched]:
    """Follows a cluster for as long as the block runs."""
    found = Watched(connect(kubeconfig, connections=32))
    found.following.start()
    try:
        yield found
    finally:
        found.following.stop()


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    with sim_lab(tmp_path_factory.mktemp("lab")) as found:
        yield found


def watches() -> list[threading.Thread]:
    """The threads that follow something."""
    return [one for one in threading.enumerate() if one.name.startswith("watch ")]


def quiet(lab: Lab) -> Cluster:
    """The cluster read anew."""
    with connect(lab.server.kubeconfig) as kube:
        return cluster.collect(kube)


def test_it_is_what_reading_gives_and_stays_so(lab: Lab) -> None:
    with watched(lab.server.kubeconfig) as found:
        before = found.until(lambda _: True)
        assert "ClusterPolicy" in before.not_served
        lab.kyverno()
        found.until(lambda now: "ClusterPolicy" not in now.not_served)
        found.until(lambda now: now.get("ConfigMap", "kyverno", "kyverno") is not None)
        found.until(lambda now: cluster.admission_replicas(now) == 1)
        assert found.until(lambda now: now == quiet(lab)).simulated
        with connect(lab.server.kubeconfig) as kube:
            kube.delete(f"{CRDS}/clusterpolicies.kyverno.io")
        assert found.until(lambda now: "ClusterPolicy" in now.not_served).all("ClusterPolicy") == ()
        assert not found.following.lost
        assert found.following.polled is None


def test_its_end_leaves_no_thread(lab: Lab) -> None:
    with watched(lab.server.kubeconfig) as found:
        found.until(lambda _: True)
        assert watches()
    for thread in watches():
        thread.join(20)
    assert not watches()


def test_a_server_that_is_none_is_told_at_once(api: FakeApi) -> None:
    found = Following(api.connect(cluster={"server": "https://127.0.0.1:9"}), lambda: None)
    with pytest.raises(Unreachable):
        found.start()
    found.stop()


def test_a_version_that_was_forgotten_means_another_list(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    """The store forgets its history, as etcd does after five minutes."""
    with watched(lab.server.kubeconfig) as found:
        found.until(lambda _: True)
        lab.server.call(lambda there: monkeypatch.setattr(there.store, "since", lambda version: None))
        for follower in found.following._all():
            follower.wake()
        lab.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "late"}})
        found.until(lambda now: now.get("Namespace", "late") is not None)
        monkeypatch.undo()
