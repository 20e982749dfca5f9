"""What the verbs do to one object, and how they refuse."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from labs.cluster.simulated.api.admission import Review
from labs.cluster.simulated.api.ask import Ask
from labs.cluster.simulated.api.cluster import selected
from labs.cluster.simulated.api.errors import ApiError, denied
from labs.cluster.simulated.api.schema import shipped
from tests.sim_world import World, deployment, pod, policy


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def config(name: str = "c", **data: str) -> Any:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name, "namespace": "default"}, "data": data}


def refused(action: Any, *arguments: Any, **options: Any) -> ApiError:
    with pytest.raises(ApiError) as caught:
        action(*arguments, **options)
    return caught.value


def test_create_gives_identity_time_and_version(world: World) -> None:
    metadata = world.create(config())["metadata"]
    assert len(metadata["uid"]) == 36
    assert metadata["creationTimestamp"] == "2026-01-02T03:04:05Z"
    assert metadata["resourceVersion"] == str(world.cluster.store.version)


def test_a_name_is_taken_once(world: World) -> None:
    world.create(config())
    error = refused(world.create, config())
    assert (error.code, error.message) == (409, 'configmaps "c" already exists')


def test_a_name_can_be_made(world: World) -> None:
    value = config()
    value["metadata"] = {"generateName": "c-", "namespace": "default"}
    name = world.create(value)["metadata"]["name"]
    assert name.startswith("c-")
    assert len(name) == 7


def test_a_name_is_needed(world: World) -> None:
    error = refused(world.create, {**config(), "metadata": {"namespace": "default"}})
    assert (error.code, error.reason) == (422, "Invalid")
    assert "metadata.name: Required value: name or generateName is required" in error.message


@pytest.mark.parametrize("name", ["Big", "a_b", "-a", "a" * 254])
def test_a_name_is_a_subdomain(world: World, name: str) -> None:
    assert refused(world.create, config(name)).code == 422


def test_dry_run_stores_nothing(world: World) -> None:
    version = world.cluster.store.version
    made = world.create(config(), Ask(dry_run=True))
    assert made["metadata"]["uid"]
    assert "resourceVersion" not in made["metadata"]
    assert world.cluster.store.version == version


def test_nothing_new_where_there_is_no_namespace(world: World) -> None:
    error = refused(world.create, {**config(), "metadata": {"name": "c", "namespace": "none"}})
    assert (error.code, error.message) == (404, 'namespaces "none" not found')


def test_the_namespace_of_the_path_counts(world: World) -> None:
    error = refused(world.cluster.create, world.kind("configmaps"), "kube-public", config(), Ask())
    assert error.message == "the namespace of the provided object does not match the namespace sent on the request"


def test_an_old_version_is_a_conflict(world: World) -> None:
    old = world.create(config(a="1"))
    world.change("configmaps", "c", {"data": {"a": "2"}})
    error = refused(world.cluster.update, world.kind("configmaps"), "default", "c", old, Ask())
    assert (error.code, error.message) == (
        409,
        'Operation cannot be fulfilled on configmaps "c": the object has been modified; '
        "please apply your changes to the latest version and try again",
    )


def test_what_did_not_change_is_not_written(world: World) -> None:
    old = world.create(config(a="1"))
    assert world.change("configmaps", "c", {"data": {"a": "1"}}) == old


def test_generation_counts_changes_of_the_spec_only(world: World) -> None:
    world.create(deployment("x"))
    world.settle()
    assert (
        world.change("deployments", "web", {"metadata": {"labels": {"a": "b"}}}, group="apps")["metadata"]["generation"]
        == 1
    )
    assert world.change("deployments", "web", {"spec": {"paused": True}}, group="apps")["metadata"]["generation"] == 2


def test_status_is_written_by_its_own_door(world: World) -> None:
    world.create(shipped("clusterpolicies.kyverno.io"))
    count = {"validate": 9, "generate": 0, "mutate": 0, "verifyimages": 0}
    value = {**policy(), "status": {"rulecount": count}}
    made = world.create(value)
    assert "status" not in made
    resource = world.kind("clusterpolicies", "kyverno.io")
    changed = world.cluster.patch(
        resource, "", "verify", lambda old: {**old, "status": value["status"], "spec": {}}, Ask(), subresource="status"
    )
    assert changed["status"] == {"rulecount": count}
    assert changed["spec"] == made["spec"]
    assert changed["metadata"]["generation"] == 1


def test_delete_tells_what_went(world: World) -> None:
    uid = world.create(config())["metadata"]["uid"]
    status = world.delete("configmaps", "c")
    assert status["status"] == "Success"
    assert status["details"] == {"name": "c", "kind": "configmaps", "uid": uid}
    assert refused(world.delete, "configmaps", "c").message == 'configmaps "c" not found'


def test_delete_with_preconditions(world: World) -> None:
    world.create(config())
    error = refused(world.delete, "configmaps", "c", preconditions={"uid": "another"})
    assert error.code == 409
    assert "does not match the UID in record" in error.message


def test_a_finalizer_holds_and_lets_go(world: World) -> None:
    value = config()
    value["metadata"]["finalizers"] = ["me/hold"]
    world.create(value)
    marked = world.delete("configmaps", "c")
    assert marked["metadata"]["deletionTimestamp"] == "2026-01-02T03:04:05Z"
    assert world.there("configmaps", "c")
    world.change("configmaps", "c", {"metadata": {"finalizers": None}})
    assert not world.there("configmaps", "c")


def test_dry_run_deletes_nothing(world: World) -> None:
    world.create(config())
    world.cluster.delete(world.kind("configmaps"), "default", "c", {}, Ask(dry_run=True))
    assert world.there("configmaps", "c")


@pytest.mark.parametrize("name", ["default", "kube-system"])
def test_some_namespaces_stay(world: World, name: str) -> None:
    error = refused(world.delete, "namespaces", name, "")
    assert error.message == f'namespaces "{name}" is forbidden: this namespace may not be deleted'


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (pod(""), "spec.containers[0].image: Required value"),
        ({**pod("x"), "spec": {"containers": []}}, "spec.containers: Required value"),
        ({**deployment("x"), "spec": {**deployment("x")["spec"], "selector": {"matchLabels": {"a": "b"}}}},
         "`selector` does not match template `labels`"),
        ({**deployment("x"), "spec": {k: v for k, v in deployment("x")["spec"].items() if k != "selector"}},
         "spec.selector: Required value"),
    ],
)  # fmt: skip
def test_rules_of_built_in_kinds(world: World, value: Any, words: str) -> None:
    error = refused(world.create, value)
    assert error.code == 422
    assert words in error.message


def test_a_running_pod_keeps_its_containers(world: World) -> None:
    world.create(pod("x"))
    world.settle()
    error = refused(world.change, "pods", "trial", {"spec": {"hostNetwork": True}})
    assert "spec: Forbidden: pod updates may not change fields other than" in error.message


def test_ephemeral_containers_have_a_door_of_their_own(world: World) -> None:
    world.create(pod("x"))
    world.settle()
    added = {"ephemeralContainers": [{"name": "debug", "image": "busybox"}], "hostNetwork": True}
    made = world.cluster.patch(
        world.kind("pods"), "default", "trial", lambda old: {**old, "spec": {**old["spec"], **added}}, Ask(),
        subresource="ephemeralcontainers",
    )  # fmt: skip
    assert [one["name"] for one in made["spec"]["ephemeralContainers"]] == ["debug"]
    assert "hostNetwork" not in made["spec"]


def test_a_definition_serves_its_kind_and_takes_it_away(world: World) -> None:
    assert world.cluster.kind("kyverno.io", "clusterpolicies") is None
    world.create(shipped("clusterpolicies.kyverno.io"))
    world.settle()
    definition = world.get("customresourcedefinitions", "clusterpolicies.kyverno.io", "", "apiextensions.k8s.io")
    assert {one["type"]: one["status"] for one in definition["status"]["conditions"]} == {
        "NamesAccepted": "True",
        "Established": "True",
    }
    world.create(policy())
    world.delete("customresourcedefinitions", "clusterpolicies.kyverno.io", "", "apiextensions.k8s.io")
    assert world.cluster.kind("kyverno.io", "clusterpolicies") is None
    world.create(shipped("clusterpolicies.kyverno.io"))
    assert not world.there("clusterpolicies", "verify", "", "kyverno.io")


class Door:
    """An admission plugin that labels everything and refuses what is called `bad`."""

    def mutate(self, review: Review) -> None:
        if review.object:
            metadata = {**review.object["metadata"], "labels": {"seen": review.operation.lower()}}
            review.object = {**review.object, "metadata": metadata}

    def validate(self, review: Review) -> None:
        if review.name == "bad":
            raise denied("door", "bad name")


def test_admission_changes_and_refuses(world: World) -> None:
    world.cluster.writing.admission.append(Door())
    assert world.create(config())["metadata"]["labels"] == {"seen": "create"}
    error = refused(world.create, config("bad"))
    assert (error.code, error.reason) == (400, "")
    assert error.message == 'admission webhook "door" denied the request: bad name'
    assert not world.there("configmaps", "bad")


@pytest.mark.parametrize(
    ("label", "field", "names"),
    [
        ("app=a", "", "a"), ("app!=a", "", "bc"), ("app in (a, b)", "", "ab"), ("app notin (a),app", "", "b"),
        ("app", "", "ab"), ("!app", "", "c"), ("app==a,tier", "", ""), ("", "metadata.name=b", "b"),
        ("", "metadata.name!=b,metadata.namespace=default", "ac"), ("app in (a)", "metadata.name=b", ""),
    ],
)  # fmt: skip
def test_selectors(world: World, label: str, field: str, names: str) -> None:
    fits = selected(world.kind("configmaps"), label, field)
    found = []
    for name in "abc":
        value = config(name)
        if name != "c":
            value["metadata"]["labels"] = {"app": name}
        if fits(value):
            found.append(name)
    assert "".join(found) == names


@pytest.mark.parametrize(("label", "field"), [("app in (", ""), ("=a", ""), ("", "name")])
def test_selectors_that_cannot_be_read(world: World, label: str, field: str) -> None:
    assert refused(selected, world.kind("configmaps"), label, field).code == 400


def test_custom_kinds_are_found_by_name_only(world: World) -> None:
    world.create(shipped("clusterpolicies.kyverno.io"))
    error = refused(selected, world.kind("clusterpolicies", "kyverno.io"), "", "spec.background=true")
    assert error.message == "field label not supported: spec.background"
