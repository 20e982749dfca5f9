"""What a step made is still there if its objects are, and its workloads run or come back soon."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from labs.steps import cluster, present
from labs.steps import images as image_steps
from labs.steps.context import Context
from tests.unit.labs.fakes import FakeEngine, node
from tests.unit.labs.working import context, runner_of

NAMES = ("deployment/one", "statefulset/two", "service/three")


def workload(kind: str, ready: int, replicas: int = 1) -> dict[str, Any]:
    return {"kind": kind, "spec": {"replicas": replicas}, "status": {"readyReplicas": ready} if ready else {}}


def listed(*items: dict[str, Any]) -> str:
    return json.dumps({"kind": "List", "items": items})


def answering(made: Context, *answers: str) -> Context:
    """Each look of kubectl gets the next answer."""
    looks: Iterator[str] = iter(answers)
    runner_of(made).answers["kubectl"] = lambda _: next(looks)
    return made


SERVICE = {"kind": "Service", "spec": {}}
WELL = listed(workload("Deployment", 1), workload("StatefulSet", 2, 2), SERVICE)


def test_all_there_and_running(tmp_path: Path) -> None:
    made = answering(context(tmp_path), WELL)
    assert present.running(made, "step", "argocd", *NAMES)
    assert runner_of(made).paused == 0


def test_what_needs_a_moment_after_a_start_is_waited_for(tmp_path: Path) -> None:
    starting = listed(workload("Deployment", 0), workload("StatefulSet", 1, 2), SERVICE)
    made = answering(context(tmp_path), starting, starting, WELL)
    assert present.running(made, "step", "argocd", *NAMES)
    assert runner_of(made).paused == 2


@pytest.mark.parametrize("answer", ["", listed(workload("Deployment", 1), SERVICE)])
def test_what_is_gone_is_not_waited_for(tmp_path: Path, answer: str) -> None:
    made = answering(context(tmp_path), answer)
    assert not present.running(made, "step", "argocd", *NAMES)
    assert runner_of(made).paused == 0


def test_what_never_runs_does_not_hold(tmp_path: Path) -> None:
    made = context(tmp_path, kubectl=json.dumps(workload("Deployment", 0)))
    assert not present.running(made, "step", "argocd", "deployment/one")


def test_a_workload_that_was_scaled_to_nothing_runs_as_declared(tmp_path: Path) -> None:
    made = context(tmp_path, kubectl=json.dumps(workload("Deployment", 0, 0)))
    assert present.running(made, "step", "argocd", "deployment/one")


def test_a_node_that_sees_another_folder_is_made_anew(tmp_path: Path) -> None:
    """A folder that was removed and made again is another one; the node still sees the first."""
    engine = FakeEngine(node("platform-labs-mine-control-plane", "/srv/mark"))
    made = context(tmp_path, engine, cat="an older authority")

    def create(_: list[str]) -> str:
        made.folder.kubeconfig.write_text("of the new cluster")
        return ""

    runner_of(made).answers["kind create"] = create
    made.folder.kubeconfig.write_text("a kubeconfig")
    made.folder.trusted_hosts.mkdir(parents=True)
    (made.folder.trusted_hosts / "ca.crt").write_text("this lab's authority")
    assert not cluster.held(made)
    assert cluster.make(made) == made.cluster.image
    assert engine.removed == ["platform-labs-mine-control-plane"]
    assert runner_of(made).ran("kind create cluster")


@pytest.mark.parametrize(
    ("image", "version"),
    [
        ("kindest/node:v1.35.4", "1.35.4"),
        ("kindest/node:v1.35.4@sha256:0123", "1.35.4"),
        ("registry:5000/node:v1.34.0-mine", "1.34.0"),
        ("mine/node:latest", "1.35.0"),
        ("registry:v2/node", "1.35.0"),
    ],
)
def test_charts_are_rendered_for_the_nodes_kubernetes(image: str, version: str) -> None:
    assert image_steps.kubernetes_version(image) == version
