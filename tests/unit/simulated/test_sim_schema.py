"""Unknown fields, defaults and faults, in the words that a real API server used."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest

from labs.cluster.simulated.api.ask import Ask
from labs.cluster.simulated.api.decode import decode, parse
from labs.cluster.simulated.api.errors import ApiError
from labs.cluster.simulated.api.schema import definitions, fill, prune, shipped
from labs.cluster.simulated.api.validation import validate
from tests.sim_world import World, pod, policy

_GO = "json: cannot unmarshal"


@pytest.fixture
def world(tmp_path: Path) -> World:
    world = World(tmp_path)
    world.create(shipped("clusterpolicies.kyverno.io"))
    world.create(shipped("applications.argoproj.io"))
    return world


def sample() -> Any:
    """The sample that circulates: attestors beside verifyImages."""
    value = policy()
    rule = value["spec"]["rules"][0]
    rule["attestors"] = rule["verifyImages"][0].pop("attestors")
    return value


def refusal(world: World, value: Any, validation: str = "Strict") -> ApiError:
    with pytest.raises(ApiError) as caught:
        world.create(value, Ask(validation=validation))
    return caught.value


def test_strict_refuses_an_unknown_field_in_the_real_words(world: World) -> None:
    error = refusal(world, sample())
    assert (error.code, error.reason) == (400, "BadRequest")
    assert error.message == (
        'ClusterPolicy in version "v1" cannot be handled as a ClusterPolicy: '
        'strict decoding error: unknown field "spec.rules[0].attestors"'
    )


def test_warn_prunes_and_tells(world: World) -> None:
    ask = Ask(validation="Warn")
    stored = world.create(sample(), ask)
    assert ask.warnings == ['unknown field "spec.rules[0].attestors"']
    assert "attestors" not in stored["spec"]["rules"][0]


def test_ignore_prunes_in_silence(world: World) -> None:
    ask = Ask(validation="Ignore")
    stored = world.create(sample(), ask)
    assert not ask.warnings
    assert "attestors" not in stored["spec"]["rules"][0]


def test_server_side_apply_refuses_an_undeclared_field(world: World) -> None:
    resource = world.kind("clusterpolicies", "kyverno.io")
    with pytest.raises(ApiError) as caught:
        world.cluster.apply(resource, "", "verify", sample(), Ask(manager="me"))
    assert caught.value.code == 500
    assert caught.value.message == (
        "failed to create typed patch object (/verify; kyverno.io/v1, Kind=ClusterPolicy): "
        ".spec.rules[0].attestors: field not declared in schema"
    )


def test_defaults_are_those_of_the_real_definition(world: World) -> None:
    spec = world.create(policy())["spec"]
    item = spec["rules"][0]["verifyImages"][0]
    assert {key: item[key] for key in ("mutateDigest", "required", "useCache", "verifyDigest")} == dict.fromkeys(
        ("mutateDigest", "required", "useCache", "verifyDigest"), True
    )
    assert item["attestors"][0]["entries"][0]["signatureAlgorithm"] == "sha256"
    assert spec["rules"][0]["skipBackgroundRequests"] is True
    assert (spec["validationFailureAction"], spec["background"], spec["emitWarning"]) == ("Audit", True, False)


def test_a_null_is_dropped_or_takes_the_default(world: World) -> None:
    """apiextensions-apiserver v0.35 pkg/apiserver/schema/defaulting/prunenulls.go; what has no schema is kept."""
    value = policy()
    value["spec"]["webhookConfiguration"] = {"failurePolicy": None}
    rule = value["spec"]["rules"][0]
    rule |= {"exclude": None, "preconditions": {"all": None}, "skipBackgroundRequests": None}
    stored = world.create(value)["spec"]
    kept = stored["rules"][0]
    assert stored["webhookConfiguration"] == {}
    assert "exclude" not in kept
    assert kept["preconditions"] == {"all": None}
    assert kept["skipBackgroundRequests"] is True


def test_a_null_in_a_list_is_refused(world: World) -> None:
    value = policy()
    value["spec"]["rules"][0]["match"]["any"][0]["resources"]["namespaces"] = [None]
    assert 'must be of type string: "null"' in refusal(world, value).message


def test_a_word_that_is_not_listed(world: World) -> None:
    value = policy()
    value["spec"]["rules"][0]["verifyImages"][0]["failureAction"] = "enforce"
    error = refusal(world, value)
    assert error.message == (
        'ClusterPolicy.kyverno.io "verify" is invalid: spec.rules[0].verifyImages[0].failureAction: '
        'Unsupported value: "enforce": supported values: "Audit", "Enforce"'
    )
    assert error.status()["details"]["causes"][0]["reason"] == "FieldValueNotSupported"


def test_a_number_below_its_bound(world: World) -> None:
    value = policy()
    value["spec"]["rules"][0]["verifyImages"][0]["attestors"][0]["count"] = 0
    assert refusal(world, value).message.endswith(
        "spec.rules[0].verifyImages[0].attestors[0].count: Invalid value: 0: "
        "spec.rules[0].verifyImages[0].attestors[0].count in body should be greater than or equal to 1"
    )


def test_any_and_all_together(world: World) -> None:
    value = policy()
    match = value["spec"]["rules"][0]["match"]
    match["all"] = match["any"]
    assert '"spec.rules[0].match" must not validate the schema (not)' in refusal(world, value).message


def test_the_other_version_has_its_own_fields(world: World) -> None:
    value = policy()
    value["apiVersion"] = "kyverno.io/v2beta1"
    value["spec"]["rules"][0]["match"] = {"resources": {"kinds": ["Pod"]}}
    assert 'unknown field "spec.rules[0].match.resources"' in refusal(world, value).message


def test_what_one_version_stores_the_other_shows(world: World) -> None:
    value = policy()
    value["apiVersion"] = "kyverno.io/v2beta1"
    world.create(value)
    assert world.get("clusterpolicies", "verify", group="kyverno.io")["apiVersion"] == "kyverno.io/v1"


def test_application_is_pruned_too(world: World) -> None:
    value: Any = {
        "apiVersion": "argoproj.io/v1alpha1", "kind": "Application", "metadata": {"name": "a", "namespace": "default"},
        "spec": {"project": "default", "destination": {}, "sourcePath": "x"},
    }  # fmt: skip
    assert 'unknown field "spec.sourcePath"' in refusal(world, value).message


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"containers": "one"}, f"{_GO} string into Go struct field PodSpec.spec.containers of type []v1.Container"),
        ({"hostNetwork": 1}, f"{_GO} number into Go struct field PodSpec.spec.hostNetwork of type bool"),
        ({"conainers": []}, 'strict decoding error: unknown field "spec.conainers"'),
    ],
)  # fmt: skip
def test_built_in_kinds_are_decoded_as_go_does(world: World, change: Any, words: str) -> None:
    value = pod("x")
    value["spec"].update(change)
    assert refusal(world, value).message == f'Pod in version "v1" cannot be handled as a Pod: {words}'


def test_a_key_given_twice(world: World) -> None:
    body, twice = parse(b'{"kind":"Pod","spec":{"a":1,"a":2}}')
    assert body["spec"] == {"a": 2}
    assert twice == ["spec.a"]
    with pytest.raises(ApiError, match=r'duplicate field "spec\.a"'):
        decode(pod("x"), world.kind("pods"), Ask(validation="Strict"), twice)


def test_the_wrong_kind_or_version(world: World) -> None:
    resource = world.kind("pods")
    with pytest.raises(ApiError, match="does not match the expected API version"):
        decode({**pod("x"), "apiVersion": "v2"}, resource, Ask())
    with pytest.raises(ApiError, match="cannot be handled as a Pod"):
        decode({**pod("x"), "kind": "Secret"}, resource, Ask())


@pytest.mark.parametrize(
    ("schema", "value", "fault"),
    [
        ({"type": "integer"}, "a", 'a in body must be of type integer: "string"'),
        ({"type": "string"}, None, 'a in body must be of type string: "null"'),
        ({"type": "string", "nullable": True}, None, None),
        ({"type": "integer"}, True, 'a in body must be of type integer: "boolean"'),
        ({"type": "integer"}, 3.0, None),
        ({"type": "string", "pattern": "^a+$"}, "b", "a in body should match '^a+$'"),
        ({"type": "string", "minLength": 2}, "b", "at least 2 chars long"),
        ({"type": "array", "maxItems": 1}, [1, 2], "Too many: 2"),
        ({"type": "array", "x-kubernetes-list-type": "set"}, ["x", "x"], 'Duplicate value: "x"'),
        ({"type": "object", "required": ["b"]}, {}, "a.b: Required value"),
        ({"oneOf": [{"required": ["b"]}, {"required": ["c"]}]}, {"b": 1, "c": 1}, "one and only one schema (oneOf)"),
        ({"x-kubernetes-int-or-string": True}, "5", None),
    ],
)
def test_faults_of_single_values(schema: Any, value: Any, fault: str | None) -> None:
    found = [str(cause) for cause in validate(value, schema, "a")]
    assert (fault is None and not found) or any(fault in one for one in found if fault)


def test_pruning_copies_and_keeps_what_is_open() -> None:
    schema = {"type": "object", "properties": {"free": {"x-kubernetes-preserve-unknown-fields": True}}}
    value = {"free": {"any": [1]}, "more": 1}
    unknown: list[str] = []
    kept = prune(value, schema, unknown)
    kept["free"]["any"].append(2)
    assert unknown == ["more"]
    assert value["free"] == {"any": [1]}


def test_defaults_do_not_make_what_holds_them() -> None:
    schema = {"properties": {"a": {"properties": {"b": {"default": 1}}}, "c": {"default": {}}}}
    value: Any = {}
    fill(value, schema)
    assert value == {"c": {}}


def test_shipped_definitions_are_never_altered(world: World) -> None:
    before = copy.deepcopy(shipped("providers.pkg.crossplane.io"))
    world.create(shipped("providers.pkg.crossplane.io"))
    assert shipped("providers.pkg.crossplane.io") == before


def test_every_reference_of_the_built_in_kinds_is_resolved() -> None:
    seen: set[int] = set()

    def walk(node: Any) -> None:
        if id(node) in seen:
            return
        seen.add(id(node))
        if isinstance(node, dict):
            assert not isinstance(node.get("$ref"), str)
            for value in node.values():
                walk(value)
        elif isinstance(node, list):
            for value in node:
                walk(value)

    walk(definitions())
