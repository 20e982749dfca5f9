"""managedFields: who owns what, and what server-side apply makes of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from labs.cluster.simulated.api.ask import Ask
from labs.cluster.simulated.api.errors import ApiError
from tests.sim_world import World, deployment, pod


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def apply(world: World, value: Any, manager: str, force: bool = False) -> Any:
    resource = world.cluster.catalogue.of_kind(value["apiVersion"], value["kind"])
    assert resource is not None
    return world.cluster.apply(resource, "default", value["metadata"]["name"], value, Ask(manager=manager), force=force)


def settings(**data: str) -> Any:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c"}, "data": data}


def owners(value: Any) -> dict[tuple[str, str], Any]:
    return {(one["manager"], one["operation"]): one["fieldsV1"] for one in value["metadata"]["managedFields"]}


def test_apply_creates_and_owns(world: World) -> None:
    made = apply(world, settings(a="1"), "one")
    assert made["data"] == {"a": "1"}
    assert owners(made) == {("one", "Apply"): {"f:data": {"f:a": {}}}}


def test_two_managers_own_their_own_fields(world: World) -> None:
    apply(world, settings(a="1"), "one")
    made = apply(world, settings(b="2"), "two")
    assert made["data"] == {"a": "1", "b": "2"}
    assert owners(made)["two", "Apply"] == {"f:data": {"f:b": {}}}


def test_what_a_manager_gives_up_is_removed(world: World) -> None:
    apply(world, settings(a="1", b="2"), "one")
    assert apply(world, settings(a="1"), "one")["data"] == {"a": "1"}


def test_what_another_owns_too_stays(world: World) -> None:
    apply(world, settings(a="1", b="2"), "one")
    apply(world, settings(b="2"), "two")
    assert apply(world, settings(a="1"), "one")["data"] == {"a": "1", "b": "2"}


def test_a_conflict_names_manager_and_field(world: World) -> None:
    apply(world, settings(a="1"), "one")
    with pytest.raises(ApiError) as caught:
        apply(world, settings(a="2"), "two")
    assert caught.value.code == 409
    assert caught.value.message == 'Apply failed with 1 conflict: conflict with "one": .data.a'


def test_a_conflict_with_an_update_tells_when(world: World) -> None:
    world.create({**settings(a="1"), "metadata": {"name": "c", "namespace": "default"}})
    with pytest.raises(ApiError) as caught:
        apply(world, settings(a="2", b="3"), "two")
    assert caught.value.message == (
        'Apply failed with 1 conflict: conflict with "test" using v1 at 2026-01-02T03:04:05Z: .data.a'
    )


def test_force_takes_the_field(world: World) -> None:
    apply(world, settings(a="1"), "one")
    made = apply(world, settings(a="2"), "two", force=True)
    assert made["data"] == {"a": "2"}
    assert ("one", "Apply") not in owners(made)


def test_an_update_takes_what_it_changes(world: World) -> None:
    apply(world, settings(a="1", b="2"), "one")
    made = world.change("configmaps", "c", {"data": {"a": "9"}})
    assert owners(made)["kubectl-edit", "Update"] == {"f:data": {"f:a": {}}}
    assert owners(made)["one", "Apply"] == {"f:data": {"f:b": {}}}


def test_keyed_lists_are_merged(world: World) -> None:
    first = deployment("a")
    apply(world, first, "one")
    second = deployment("a")
    second["spec"]["template"]["spec"]["containers"] = [{"name": "beside", "image": "b"}]
    del second["spec"]["replicas"]
    made = apply(world, second, "two")
    names = [one["name"] for one in made["spec"]["template"]["spec"]["containers"]]
    assert names == ["main", "beside"]
    again = apply(world, {**second, "spec": {**second["spec"], "template": first["spec"]["template"]}}, "two")
    assert [one["name"] for one in again["spec"]["template"]["spec"]["containers"]] == ["main"]


def test_an_unchanged_apply_writes_nothing(world: World) -> None:
    version = apply(world, settings(a="1"), "one")["metadata"]["resourceVersion"]
    assert apply(world, settings(a="1"), "one")["metadata"]["resourceVersion"] == version


def test_a_pod_can_be_applied_anew(world: World) -> None:
    apply(world, pod("x"), "one")
    world.settle()
    assert apply(world, pod("x"), "one")["status"]["phase"] == "Running"
