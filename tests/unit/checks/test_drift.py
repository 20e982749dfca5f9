"""A live policy is the written one where the API server only put its defaults in."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from grader.checks.drift import difference, lacking
from grader.manifest import Document, load
from tests.unit.checks.live_contexts import GOOD, cluster_of
from tests.worlds import MODULE

FILE = MODULE.solutions[0] / "gitops-bootstrap/apps/platform/verify-providers.yaml"
[WRITTEN] = load(FILE.read_bytes(), "policy.yaml")
[LIVE] = cluster_of(GOOD).all("ClusterPolicy")


def live(*path: Any, value: Any) -> Any:
    """The live policy with another value at a path of its spec."""
    changed: Any = copy.deepcopy(LIVE)
    here = changed["spec"]
    for step in path[:-1]:
        here = here[step]
    here[path[-1]] = value
    return changed


def test_defaults_are_no_difference() -> None:
    assert LIVE["spec"] != WRITTEN.value["spec"]
    assert difference(WRITTEN, LIVE) is None


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("rules", 0, "match", "any", 0, "resources", "namespaces"), ["crossplane-system", "default"]),
        (("rules", 0, "verifyImages", 0, "failureAction"), "Audit"),
        (("rules", 0, "verifyImages", 0, "imageReferences"), ["cgr.dev/chainguard/provider-*", "more"]),
        (("rules", 0, "name"), "another"),
    ],
)
def test_a_changed_value_is_found_at_its_place(path: Any, value: Any) -> None:
    assert difference(WRITTEN, live(*path, value=value)) == ("spec", *path)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("rules", 0, "exclude"), {"any": [{"resources": {"kinds": ["Pod"]}}]}),
        (("rules", 0, "verifyImages", 0, "skipImageReferences"), ["cgr.dev/chainguard/provider-*"]),
        (("rules", 0, "match", "any", 0, "resources", "selector"), {"matchLabels": {"a": "b"}}),
        (("rules", 0, "verifyImages", 0, "required"), False),
        (("admission",), False),
    ],
)
def test_what_was_added_by_hand_is_found(path: Any, value: Any) -> None:
    place = difference(WRITTEN, live(*path, value=value))
    assert place is not None
    assert place == ("spec", *path)[: len(place)]


def test_a_further_rule_is_found() -> None:
    assert difference(WRITTEN, live("rules", value=[LIVE["spec"]["rules"][0]] * 2)) == ("spec", "rules")


def test_a_lost_annotation_is_found() -> None:
    written = Document({**WRITTEN.value, "metadata": {**WRITTEN.value["metadata"], "annotations": {"a": "b"}}})
    assert difference(written, LIVE) == ("metadata", "annotations", "a")


def test_annotations_of_the_cluster_are_its_own_matter() -> None:
    assert LIVE["metadata"]["annotations"]
    assert difference(WRITTEN, LIVE) is None


@pytest.mark.parametrize("other", [None, [], "text", {"spec": None}, {"spec": {"rules": "x"}}])
def test_nonsense_is_a_difference(other: Any) -> None:
    assert difference(WRITTEN, other) is not None


@pytest.mark.parametrize(
    ("wanted", "found", "place"),
    [
        (None, {"a": 1}, None),
        ({"a": {}}, {}, None),
        ({"a": []}, {"a": None}, None),
        ({"a": 1}, {"a": 1.0}, None),
        ({"a": True}, {"a": 1}, ("a",)),
        ({"a": "1"}, {"a": 1}, ("a",)),
        ({"a": [1, 2]}, {"a": [1]}, ("a",)),
        ({"a": [{"b": 1}]}, {"a": [{"b": 2}]}, ("a", 0, "b")),
        ({"a": 1}, {}, ("a",)),
    ],
)
def test_lacking(wanted: Any, found: Any, place: Any) -> None:
    assert lacking(wanted, found) == place
