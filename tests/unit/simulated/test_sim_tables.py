"""What `kubectl get` prints."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from labs.cluster.simulated.api.schema import shipped
from labs.cluster.simulated.server import jsonpath, words
from labs.cluster.simulated.server.pods import reason
from labs.cluster.simulated.server.table import table
from tests.sim_world import World, deployment, pod, policy

NOW = datetime(2026, 1, 2, 3, 5, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-5, "<invalid>"), (-1, "0s"), (0, "0s"), (119, "119s"), (120, "2m"), (599, "9m59s"), (600, "10m"),
        (10_799, "179m"),
        (10_800, "3h"), (11_100, "3h5m"), (28_800, "8h"), (172_799, "47h"), (172_800, "2d"), (176_400, "2d1h"),
        (691_200, "8d"), (63_072_000, "2y"), (64_800_000, "2y20d"), (252_288_000, "8y"),
    ],
)  # fmt: skip
def test_durations(seconds: int, text: str) -> None:
    assert words.duration(seconds) == text


@pytest.mark.parametrize(
    ("path", "found"),
    [
        (".spec.rules[0].name", "a"), (".spec.rules[*].name", "a"), (".spec.rules[5].name", None),
        ('.status.conditions[?(@.type == "Ready")].status', "True"),
        (".status.conditions[?(@.type=='Ready')].status", "True"),
        (".metadata.labels['a.b/c']", "x"), (".metadata.labels.a\\.b/c", "x"), (".nothing.here", None), ("spec", None),
    ],
)  # fmt: skip
def test_paths_of_columns(path: str, found: Any) -> None:
    value = {
        "metadata": {"labels": {"a.b/c": "x"}}, "spec": {"rules": [{"name": "a"}, {"name": "b"}]},
        "status": {"conditions": [{"type": "Other", "status": "False"}, {"type": "Ready", "status": "True"}]},
    }  # fmt: skip
    assert jsonpath.first(value, path) == found


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def rows(world: World, plural: str, group: str = "", namespace: str = "") -> list[list[Any]]:
    resource = world.kind(plural, group)
    made = table(world.cluster.list(resource, namespace), resource, NOW, include="None", metadata={})
    names = [column["name"] for column in made["columnDefinitions"]]
    assert all(len(row["cells"]) == len(names) for row in made["rows"])
    return [names, *(row["cells"] for row in made["rows"])]


def test_pods(world: World) -> None:
    world.create(pod("nginx"))
    world.settle()
    names, row = rows(world, "pods")
    assert names[:5] == ["Name", "Ready", "Status", "Restarts", "Age"]
    assert row[:5] == ["trial", "1/1", "Running", "0", "60s"]


def test_deployments(world: World) -> None:
    world.create(deployment("nginx", replicas=2))
    world.settle()
    _, row = rows(world, "deployments", "apps")
    assert row == ["web", "2/2", 2, 2, "60s", "main", "nginx", "app=web"]


@pytest.mark.parametrize(
    ("times", "word"),
    [
        ({"startTime": "2026-01-02T03:04:05Z", "completionTime": "2026-01-02T03:04:12Z"}, "7s"),
        ({"startTime": "2026-01-02T03:04:05Z"}, "60s"),
        ({}, ""),
        ({"startTime": "2026-01-02T03:04:05Z", "completionTime": "yesterday"}, "<unknown>"),
    ],
    ids=["complete", "running", "not begun", "no time"],
)
def test_how_long_a_job_took(world: World, times: Any, word: str) -> None:
    resource = world.kind("jobs", "batch")
    value = {"metadata": {"name": "j"}, "spec": {"template": {"spec": {}}}, "status": times}
    cells = table([value], resource, NOW, include="None", metadata={})["rows"][0]["cells"]
    assert cells[3] == word


def test_policies_have_the_columns_of_their_definition(world: World) -> None:
    world.create(shipped("clusterpolicies.kyverno.io"))
    world.create(policy())
    names, row = rows(world, "clusterpolicies", "kyverno.io")
    shown = dict(zip(names, row, strict=True))
    assert (shown["ADMISSION"], shown["BACKGROUND"], shown["READY"], shown["AGE"]) == (True, True, None, "60s")


def test_applications_have_the_columns_of_their_definition(world: World) -> None:
    world.create(shipped("applications.argoproj.io"))
    assert rows(world, "applications", "argoproj.io")[0] == [
        "Name",
        "Sync Status",
        "Health Status",
        "Revision",
        "Project",
    ]


@pytest.mark.parametrize("plural", ["namespaces", "nodes", "configmaps", "serviceaccounts", "events"])
def test_every_row_fits_its_columns(world: World, plural: str) -> None:
    world.create(pod("nginx"))
    world.settle()
    assert len(rows(world, plural)) > 1


@pytest.mark.parametrize(
    ("status", "deleted", "word"),
    [
        ({"phase": "Pending"}, False, "Pending"),
        ({"phase": "Running"}, True, "Terminating"),
        ({"phase": "Failed", "reason": "Evicted"}, False, "Evicted"),
        ({"phase": "Pending", "containerStatuses": [{"state": {"waiting": {"reason": "ErrImagePull"}}}]}, False,
         "ErrImagePull"),
        ({"phase": "Succeeded", "containerStatuses": [{"state": {"terminated": {"reason": "Completed"}}}]}, False,
         "Completed"),
        ({"phase": "Pending", "initContainerStatuses": [{"state": {"waiting": {"reason": "ImagePullBackOff"}}}]}, False,
         "Init:ImagePullBackOff"),
        ({"phase": "Pending", "initContainerStatuses": [{"state": {"running": {}}}]}, False, "Init:0/1"),
    ],
)  # fmt: skip
def test_the_word_for_a_pod(status: Any, deleted: bool, word: str) -> None:
    metadata = {"name": "a", **({"deletionTimestamp": "x"} if deleted else {})}
    assert reason({"metadata": metadata, "spec": {"initContainers": [{}]}, "status": status}) == word


def test_an_object_comes_along_as_asked(world: World) -> None:
    world.create(pod("nginx"))
    resource = world.kind("pods")
    found = world.cluster.list(resource)
    whole = table(found, resource, NOW, include="Object", metadata={})["rows"][0]["object"]
    part = table(found, resource, NOW, include="Metadata", metadata={})["rows"][0]["object"]
    assert whole["kind"] == "Pod"
    assert part.keys() == {"kind", "apiVersion", "metadata"}
