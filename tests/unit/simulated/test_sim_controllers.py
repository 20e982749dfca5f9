"""What happens by itself: Pods, Deployments, namespaces, owners."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from labs.cluster.simulated.api.admission import Review
from labs.cluster.simulated.api.ask import Ask
from labs.cluster.simulated.api.errors import ApiError, denied
from labs.cluster.simulated.controllers.client import Client, owner
from labs.cluster.simulated.controllers.queue import Queue
from tests.sim_world import GOOD, Hand, World, deployment, pod


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def pods(world: World, namespace: str = "default") -> list[Any]:
    return world.cluster.list(world.kind("pods"), namespace)


def conditions(value: Any) -> dict[str, str]:
    return {one["type"]: one["status"] for one in value["status"]["conditions"]}


def test_every_cluster_has_its_namespaces_and_a_node(world: World) -> None:
    names = [one["metadata"]["name"] for one in world.cluster.list(world.kind("namespaces"))]
    assert names == ["default", "kube-node-lease", "kube-public", "kube-system"]
    assert world.get("nodes", "simulated-control-plane", "")["status"]["nodeInfo"]["kubeletVersion"].endswith(
        "+simulated"
    )


def test_a_namespace_gets_its_account_and_its_authority(world: World) -> None:
    world.namespace("new")
    assert world.there("serviceaccounts", "default", "new")
    world.delete("configmaps", "kube-root-ca.crt", "new")
    world.settle()
    assert world.there("configmaps", "kube-root-ca.crt", "new")


def test_a_pod_runs(world: World) -> None:
    world.create(pod("nginx"))
    world.settle()
    found = world.get("pods", "trial")
    assert found["spec"]["nodeName"] == "simulated-control-plane"
    assert found["status"]["phase"] == "Running"
    assert conditions(found)["Ready"] == "True"
    assert found["status"]["containerStatuses"][0]["state"] == {"running": {"startedAt": "2026-01-02T03:04:05Z"}}


def test_a_pod_whose_image_is_not_there_waits(world: World) -> None:
    world.create(pod("cgr.dev/chainguard/provider-nobody:v1"))
    world.settle()
    found = world.get("pods", "trial")
    assert found["status"]["phase"] == "Pending"
    assert found["status"]["containerStatuses"][0]["state"]["waiting"]["reason"] == "ImagePullBackOff"


def test_a_known_image_has_its_digest(world: World) -> None:
    world.create(pod(GOOD))
    world.settle()
    identity = world.get("pods", "trial")["status"]["containerStatuses"][0]["imageID"]
    assert identity == "cgr.dev/chainguard/provider-good@sha256:" + "a" * 64


def test_a_pod_tells_its_story_in_events(world: World) -> None:
    world.create(pod("nginx"))
    world.settle()
    reasons = {one["reason"] for one in world.cluster.list(world.kind("events"))}
    assert reasons == {"Scheduled", "Pulled", "Started"}


def test_a_deleted_pod_goes(world: World) -> None:
    world.create(pod("nginx"))
    world.settle()
    assert world.delete("pods", "trial")["metadata"]["deletionGracePeriodSeconds"] == 30
    world.settle()
    assert not world.there("pods", "trial")


def test_a_deployment_has_its_pods(world: World) -> None:
    world.create(deployment("nginx", replicas=2))
    world.settle()
    found = world.get("deployments", "web", group="apps")
    assert found["status"]["availableReplicas"] == 2
    assert conditions(found) == {"Available": "True", "Progressing": "True"}
    assert len(pods(world)) == 2


def test_a_deleted_pod_of_a_deployment_comes_back(world: World) -> None:
    world.create(deployment("nginx"))
    world.settle()
    first = pods(world)[0]["metadata"]["name"]
    world.delete("pods", first)
    world.settle()
    assert [one["metadata"]["name"] for one in pods(world)] != [first]
    assert len(pods(world)) == 1


def test_a_new_template_is_rolled_out(world: World) -> None:
    world.create(deployment("nginx:1"))
    world.settle()
    template = deployment("nginx:2")["spec"]["template"]
    world.change("deployments", "web", {"spec": {"template": template}}, group="apps")
    world.settle()
    assert [one["spec"]["containers"][0]["image"] for one in pods(world)] == ["nginx:2"]
    sets = world.cluster.list(world.kind("replicasets", "apps"))
    assert sorted(one["spec"]["replicas"] for one in sets) == [0, 1]
    found = world.get("deployments", "web", group="apps")
    assert found["metadata"]["annotations"]["deployment.kubernetes.io/revision"] == "2"


def test_scaling_to_nothing(world: World) -> None:
    world.create(deployment("nginx", replicas=3))
    world.settle()
    world.change("deployments", "web", {"spec": {"replicas": 0}}, group="apps")
    world.settle()
    assert not pods(world)
    assert world.get("deployments", "web", group="apps")["status"]["availableReplicas"] == 0


class NoPods:
    """Refuses every Pod of the registry."""

    def mutate(self, review: Review) -> None:
        if review.resource.kind == "Pod" and review.operation == "CREATE":
            raise denied("door", "no pods today")

    def validate(self, review: Review) -> None:
        return None


def test_a_refused_pod_is_told_at_its_deployment(world: World) -> None:
    door = NoPods()
    world.cluster.writing.admission.append(door)
    world.create(deployment("nginx"))
    world.settle()
    found = world.get("deployments", "web", group="apps")
    failure = next(one for one in found["status"]["conditions"] if one["type"] == "ReplicaFailure")
    assert failure["message"] == 'admission webhook "door" denied the request: no pods today'
    world.cluster.writing.admission.remove(door)
    world.advance(10)
    assert conditions(world.get("deployments", "web", group="apps")) == {"Available": "True", "Progressing": "True"}


def test_what_is_owned_goes_with_its_owner(world: World) -> None:
    world.create(deployment("nginx"))
    world.settle()
    world.delete("deployments", "web", group="apps")
    world.settle()
    assert not pods(world)
    assert not world.cluster.list(world.kind("replicasets", "apps"))


def test_orphans_stay(world: World) -> None:
    world.create(deployment("nginx"))
    world.settle()
    world.delete("deployments", "web", group="apps", propagationPolicy="Orphan")
    world.settle()
    assert len(pods(world)) == 1


def test_a_namespace_ends_with_all_in_it(world: World) -> None:
    world.namespace("brief")
    world.create(deployment("nginx", namespace="brief"))
    world.settle()
    assert world.delete("namespaces", "brief", "")["status"] == {"phase": "Terminating"}
    with pytest.raises(ApiError, match="because it is being terminated"):
        world.create(pod("x", "brief"))
    world.settle()
    assert not world.there("namespaces", "brief", "")
    assert not [place for place in world.cluster.store.places() if place.namespace == "brief"]


def test_stateful_sets_number_their_pods(world: World) -> None:
    value = deployment("db", name="db", replicas=2)
    world.create({**value, "kind": "StatefulSet"})
    world.settle()
    assert [one["metadata"]["name"] for one in pods(world)] == ["db-0", "db-1"]
    assert world.get("statefulsets", "db", group="apps")["status"]["readyReplicas"] == 2


def test_a_job_completes(world: World) -> None:
    spec = {"template": {"spec": {"restartPolicy": "Never", "containers": [{"name": "a", "image": "b"}]}}}
    world.create(
        {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "j", "namespace": "default"}, "spec": spec}
    )
    world.settle()
    assert world.get("jobs", "j", group="batch")["status"]["conditions"][0]["type"] == "Complete"


def test_a_world_at_rest_writes_nothing(world: World) -> None:
    world.create(deployment("nginx", replicas=2))
    world.settle()
    version = world.cluster.store.version
    world.advance(600)
    assert world.cluster.store.version == version


class Failing:
    """A controller that fails twice and then succeeds."""

    def __init__(self) -> None:
        self.times: list[Any] = []

    def concerns(self, _: Any) -> list[str]:
        return []

    def reconcile(self, _: str) -> None:
        self.times.append(None)
        if len(self.times) < 3:
            raise KeyError("not yet")


def test_failed_work_is_done_again_later() -> None:
    hand, controller = Hand(), Failing()
    queue = Queue(hand)
    queue.add(controller, "k")
    queue.add(controller, "k")
    hand.settle()
    assert len(controller.times) == 1
    hand.advance(0.3)
    assert len(controller.times) == 2
    hand.advance(60)
    assert len(controller.times) == 3


def test_an_owner_is_named_as_controllers_do(world: World) -> None:
    made = world.create(pod("x"))
    assert owner(made)["controller"] is True
    client = Client(world.cluster, Ask().user, "test")
    assert client.get(("none", "things"), "", "x") is None
    assert client.list(("none", "things")) == []
