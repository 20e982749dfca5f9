"""JSON patch, merge patch and strategic merge patch."""

from __future__ import annotations

from typing import Any

import pytest

from labs.cluster.simulated.api import patches, strategic
from labs.cluster.simulated.api.errors import ApiError
from labs.cluster.simulated.api.schema import definitions

POD_SPEC = {"properties": {"spec": definitions()["io.k8s.api.core.v1.PodSpec"]}}


@pytest.mark.parametrize(
    ("target", "operations", "result"),
    [
        ({"a": 1}, [{"op": "add", "path": "/b", "value": 2}], {"a": 1, "b": 2}),
        ({"a": [1, 3]}, [{"op": "add", "path": "/a/1", "value": 2}], {"a": [1, 2, 3]}),
        ({"a": [1]}, [{"op": "add", "path": "/a/-", "value": 2}], {"a": [1, 2]}),
        ({"a": {"x/y": 1}}, [{"op": "remove", "path": "/a/x~1y"}], {"a": {}}),
        ({"a": [1, 2]}, [{"op": "replace", "path": "/a/0", "value": 5}], {"a": [5, 2]}),
        ({"a": 1}, [{"op": "move", "from": "/a", "path": "/b"}], {"b": 1}),
        ({"a": [1]}, [{"op": "copy", "from": "/a", "path": "/b"}], {"a": [1], "b": [1]}),
        ({"a": 1}, [{"op": "test", "path": "/a", "value": 1}, {"op": "remove", "path": "/a"}], {}),
        ({"a": 1}, [{"op": "replace", "path": "", "value": {"z": 0}}], {"z": 0}),
    ],
)
def test_json_patch(target: Any, operations: Any, result: Any) -> None:
    before = repr(target)
    assert patches.apply(target, operations) == result
    assert repr(target) == before


@pytest.mark.parametrize(
    "operations",
    [
        [{"op": "remove", "path": "/none"}],
        [{"op": "test", "path": "/a", "value": 2}],
        [{"op": "add", "path": "/a/0/b", "value": 2}],
        [{"op": "add", "path": "a", "value": 2}],
        [{"op": "replace", "path": "/list/9", "value": 2}],
        [{"op": "remove", "path": "/list/01"}],
        [{"op": "explode", "path": "/a"}],
        [{"path": "/a"}],
    ],
)
def test_json_patch_that_does_not_fit(operations: Any) -> None:
    with pytest.raises(ApiError) as caught:
        patches.apply({"a": 1, "list": [1]}, operations)
    assert caught.value.code == 422


def test_json_patch_has_a_bound() -> None:
    with pytest.raises(ApiError) as caught:
        patches.apply({}, [{"op": "add", "path": "/a", "value": 1}] * 10_001)
    assert caught.value.code == 413


def test_a_patch_that_is_none() -> None:
    with pytest.raises(ApiError) as caught:
        patches.apply({}, {"op": "add"})
    assert caught.value.code == 400


@pytest.mark.parametrize(
    ("target", "patch", "result"),
    [
        ({"a": {"b": 1, "c": 2}}, {"a": {"b": None}}, {"a": {"c": 2}}),
        ({"a": [1, 2]}, {"a": [3]}, {"a": [3]}),
        ({}, {"a": {"b": None, "c": 1}}, {"a": {"c": 1}}),
        ({"a": 1}, {"a": {"b": 1}}, {"a": {"b": 1}}),
    ],
)
def test_merge_patch(target: Any, patch: Any, result: Any) -> None:
    assert patches.merge(target, patch) == result


def containers(*names: str) -> Any:
    return {"spec": {"containers": [{"name": name, "image": "old"} for name in names]}}


def merged(original: Any, spec: Any) -> Any:
    return strategic.merge(original, {"spec": spec}, POD_SPEC)["spec"]


def test_a_keyed_list_is_merged_by_its_key() -> None:
    found = merged(containers("a", "b"), {"containers": [{"name": "b", "image": "new"}, {"name": "c", "image": "x"}]})
    assert [(one["name"], one["image"]) for one in found["containers"]] == [("a", "old"), ("b", "new"), ("c", "x")]


def test_an_item_is_deleted_by_its_directive() -> None:
    found = merged(containers("a", "b"), {"containers": [{"name": "a", "$patch": "delete"}]})
    assert [one["name"] for one in found["containers"]] == ["b"]


def test_a_list_is_replaced_by_its_directive() -> None:
    found = merged(containers("a"), {"containers": [{"$patch": "replace"}, {"name": "z", "image": "q"}]})
    assert found["containers"] == [{"name": "z", "image": "q"}]


def test_an_order_is_kept() -> None:
    patch = {"$setElementOrder/containers": [{"name": "b"}, {"name": "a"}], "containers": [{"name": "a", "image": "n"}]}
    assert [one["name"] for one in merged(containers("a", "b"), patch)["containers"]] == ["b", "a"]


def test_a_plain_list_loses_what_the_directive_names() -> None:
    schema = {"properties": {"finalizers": {"x-kubernetes-patch-strategy": "merge", "type": "array"}}}
    found = strategic.merge({"finalizers": ["a", "b"]}, {"$deleteFromPrimitiveList/finalizers": ["a"]}, schema)
    assert found == {"finalizers": ["b"]}
    assert strategic.merge(found, {"finalizers": ["c"]}, schema) == {"finalizers": ["b", "c"]}


def test_null_and_an_atomic_list() -> None:
    found = merged({"spec": {"nodeName": "n", "tolerations": [1]}}, {"nodeName": None, "tolerations": [2]})
    assert found == {"tolerations": [2]}


def test_an_item_without_its_key_is_refused() -> None:
    with pytest.raises(ApiError) as caught:
        merged(containers("a"), {"containers": [{"image": "x"}]})
    assert "does not contain declared merge key: name" in caught.value.message


def test_the_original_is_not_altered() -> None:
    original = containers("a")
    merged(original, {"containers": [{"name": "a", "image": "new"}]})
    assert original == containers("a")
