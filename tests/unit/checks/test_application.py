"""Which Application covers a folder, and what its state says, whatever its shape."""

from __future__ import annotations

from typing import Any

import pytest

from grader.checks.application import Application, covering
from tests.unit.checks.live_contexts import cluster_of, with_objects

FOLDER = "gitops-bootstrap/apps/platform"


def application(name: str, namespace: str = "argocd", **spec: Any) -> Any:
    return {"metadata": {"name": name, "namespace": namespace}, "spec": spec}


def names(*applications: Any) -> list[str]:
    return [one.name for one in covering(cluster_of(with_objects("Application", applications)), FOLDER)]


@pytest.mark.parametrize(
    "source",
    [
        {"path": FOLDER},
        {"path": f"./{FOLDER}/"},
        {"path": "gitops-bootstrap", "directory": {"recurse": True}},
        {"path": ".", "directory": {"recurse": True}},
    ],
)
def test_covered(source: Any) -> None:
    assert names(application("one", source=source)) == ["one"]


@pytest.mark.parametrize(
    "source",
    [
        {"path": "gitops-bootstrap/apps"},
        {"path": f"{FOLDER}/deeper"},
        {"path": "gitops-bootstrap/apps/platform-two"},
        {"chart": "kyverno"},
        {"path": 7},
        None,
    ],
)
def test_not_covered(source: Any) -> None:
    assert names(application("one", source=source)) == []


def test_the_nearest_comes_first() -> None:
    above = application("above", source={"path": "gitops-bootstrap", "directory": {"recurse": True}})
    assert names(above, application("at", source={"path": FOLDER})) == ["at", "above"]


def test_the_revision_of_one_source_among_several() -> None:
    value = application("one", sources=[{"chart": "x"}, {"path": FOLDER}])
    value["status"] = {"sync": {"revisions": ["1.0.0", "a" * 40]}}
    [found] = covering(cluster_of(with_objects("Application", [value])), FOLDER)
    assert found.revision == "a" * 40


@pytest.mark.parametrize("status", [None, [], {"sync": []}, {"sync": {"revisions": "x"}, "resources": 3}])
def test_a_state_that_is_nonsense_reads_as_none(status: Any) -> None:
    found = Application({**application("one", sources=[{"path": FOLDER}]), "status": status}, 0)
    assert (found.revision, found.status, found.phase, found.resources, found.complaints) == ("", "", "", [], [])


@pytest.mark.parametrize(
    ("tracking", "ours"),
    [
        ("one:kyverno.io/ClusterPolicy:default/x", True),
        ("team_one:kyverno.io/ClusterPolicy:/x", True),
        ("other:kyverno.io/ClusterPolicy:default/x", False),
        ("one-more:kyverno.io/ClusterPolicy:default/x", False),
        ("", False),
    ],
)
def test_tracking_names_the_application(tracking: str, ours: bool) -> None:
    live = {"metadata": {"annotations": {"argocd.argoproj.io/tracking-id": tracking}}}
    assert Application(application("one", "team")).tracks(live) is ours


def test_the_messages_of_single_objects_come_before_the_operations_own() -> None:
    resources = [{"status": "Synced", "message": "fine"}, {"status": "SyncFailed", "message": "refused\x1b[31m"}]
    state = {"message": "one or more failed", "syncResult": {"resources": resources}}
    assert Application({"status": {"operationState": state}}).operation_says == "refused"
