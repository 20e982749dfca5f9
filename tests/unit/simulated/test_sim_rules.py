"""What is asked of keys, and of the values in built-in kinds."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from labs.cluster.simulated.api.ask import Ask
from labs.cluster.simulated.api.errors import ApiError
from tests.sim_world import GOOD, World, deployment, pod

NAME = (
    "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric "
    "character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is "
    "'([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"
)


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def config_map(**changes: Any) -> Any:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a", **changes}}


def refused(world: World, value: Any) -> str:
    with pytest.raises(ApiError) as caught:
        world.create(value, Ask(dry_run=True))
    assert (caught.value.code, caught.value.reason) == (422, "Invalid")
    return caught.value.message


@pytest.mark.parametrize("field", ["labels", "annotations"])
@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("bad key", NAME),
        ("", "name part must be non-empty"),
        ("a" * 64, "name part must be no more than 63 bytes"),
        ("a/b/c", "with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')"),
        ("/a", "prefix part must be non-empty"),
        ("a_b/c", "prefix part a lowercase RFC 1123 subdomain must consist of"),
    ],
)
def test_a_key_is_a_qualified_name(world: World, field: str, key: str, words: str) -> None:
    value = config_map(**{field: {key: "x"}})
    said = refused(world, value)
    assert f'metadata.{field}: Invalid value: "{key}": ' in said
    assert words in said
    world.create(config_map())
    with pytest.raises(ApiError) as caught:
        world.change("configmaps", "a", {"metadata": {field: {key: "x"}}})
    assert words in caught.value.message


@pytest.mark.parametrize("key", ["a", "A.b_c-1", "example.com/MyName", "a" * 63])
def test_a_good_key_is_taken(world: World, key: str) -> None:
    world.create(config_map(labels={key: "x"}, annotations={key: "any text"}))
    assert world.get("configmaps", "a")["metadata"]["labels"] == {key: "x"}


def test_case_is_no_matter_in_annotations_alone(world: World) -> None:
    assert "prefix part" in refused(world, config_map(labels={"Example.com/a": "x"}))
    world.create(config_map(annotations={"Example.com/a": "x"}))


def test_a_value_of_a_label_is_looked_at_when_it_changes(world: World) -> None:
    world.create(config_map(labels={"a": "x"}))
    with pytest.raises(ApiError) as caught:
        world.change("configmaps", "a", {"metadata": {"labels": {"a": "b c"}}})
    assert 'metadata.labels: Invalid value: "b c": a valid label must be' in caught.value.message


@pytest.mark.parametrize(("key", "words"), [
    ("a b", "a valid config key must consist of alphanumeric characters"), ("..a", "must not start with '..'"),
    (".", "must not be '.'"),
])  # fmt: skip
def test_a_key_of_a_config_map(world: World, key: str, words: str) -> None:
    said = refused(world, {**config_map(), "data": {key: "x"}})
    assert f'ConfigMap "a" is invalid: data[{key}]: Invalid value: "{key}": {words}' in said


SPEC = "spec.containers[0]"
WRONG: list[tuple[Any, str]] = [
    (
        {"imagePullPolicy": "Foo"},
        f'{SPEC}.imagePullPolicy: Unsupported value: "Foo": supported values: "Always", "IfNotPresent", "Never"',
    ),
    ({"volumeMounts": [{"name": "v", "mountPath": "/v"}]}, f'{SPEC}.volumeMounts[0].name: Not found: "v"'),
    ({"ports": [{"containerPort": 99999}]}, f"{SPEC}.ports[0].containerPort: Invalid value: 99999: must be between 1"),
    ({"ports": [{"containerPort": 0}]}, f"{SPEC}.ports[0].containerPort: Required value"),
    ({"ports": [{"containerPort": 80, "protocol": "http"}]}, f'{SPEC}.ports[0].protocol: Unsupported value: "http"'),
    ({"env": [{"name": "", "value": "x"}]}, f"{SPEC}.env[0].name: Required value"),
    ({"env": [{"name": "a=b"}]}, f'{SPEC}.env[0].name: Invalid value: "a=b"'),
]


@pytest.mark.parametrize(("change", "words"), WRONG)
def test_a_wrong_value_in_a_container(world: World, change: Any, words: str) -> None:
    single, many = pod(GOOD), deployment(GOOD)
    single["spec"]["containers"][0].update(change)
    many["spec"]["template"]["spec"]["containers"][0].update(change)
    assert words in refused(world, single)
    assert f"spec.template.{words}" in refused(world, many)


def test_a_right_container_is_taken(world: World) -> None:
    value = pod(GOOD)
    value["spec"]["volumes"] = [{"name": "v", "emptyDir": {}}]
    value["spec"]["restartPolicy"] = "Never"
    value["spec"]["containers"][0].update({
        "imagePullPolicy": "Never", "volumeMounts": [{"name": "v", "mountPath": "/v"}],
        "ports": [{"containerPort": 80}], "env": [{"name": "my.name", "value": "x"}],
    })  # fmt: skip
    world.create(value)


def test_a_restart_policy(world: World) -> None:
    value = pod(GOOD)
    value["spec"]["restartPolicy"] = "Foo"
    said = 'Unsupported value: "Foo": supported values: "Always", "OnFailure", "Never"'
    assert f"spec.restartPolicy: {said}" in refused(world, value)
    many = deployment(GOOD)
    many["spec"]["template"]["spec"]["restartPolicy"] = "Never"
    assert 'restartPolicy: Unsupported value: "Never": supported values: "Always"' in refused(world, many)


def test_a_pod_stays_on_its_node(world: World) -> None:
    world.create(pod(GOOD))
    world.settle()
    assert world.get("pods", "trial")["spec"]["nodeName"]
    with pytest.raises(ApiError, match="pod updates may not change fields other than"):
        world.change("pods", "trial", {"spec": {"nodeName": "x"}})
