"""What a lab says of itself is read strictly."""

from __future__ import annotations

import json
from typing import Any

import pytest

from grader.errors import EnvironmentFault
from grader.evidence.lab import read
from grader.evidence.model import Cluster
from tests.lab_records import FACTS

SAMPLE = FACTS["samples"]["signed"]


def cluster(text: Any) -> Cluster:
    metadata = {"name": "platform-labs", "namespace": "platform-labs"}
    return Cluster("s", "v", "u", objects={"ConfigMap": ({"metadata": metadata, "data": {"lab.json": text}},)})


def test_a_labs_facts() -> None:
    facts = read(cluster(json.dumps(FACTS)))
    assert facts is not None
    assert (facts.backend, facts.application, facts.canary_namespace) == (
        "kind",
        ("argocd", "platform"),
        "platform-labs-canary",
    )
    sample = facts.samples["signed"]
    assert sample.reference("tag") == "cgr.dev/chainguard/provider-d7f2:v1.2.3"
    assert sample.reference("digest") == "cgr.dev/chainguard/provider-d7f2@sha256:" + "a" * 64


def test_another_cluster_is_no_lab() -> None:
    assert read(Cluster("s", "v", "u")) is None


@pytest.mark.parametrize(
    "change",
    [
        {"schema": "platform-labs/lab/v2"},
        {"backend": "kind; rm -rf"},
        {"application": {"namespace": "a/../b", "name": "x"}},
        {"application": []},
        {"canary": {}},
        {"samples": {"signed": {**SAMPLE, "image": "cgr.dev/chainguard/prоvider"}}},
        {"samples": {"signed": {**SAMPLE, "image": "cgr.dev/a b"}}},
        {"samples": {"signed": {**SAMPLE, "tag": "a\nb"}}},
        {"samples": {"signed": {**SAMPLE, "digest": "sha256:abc"}}},
        {"samples": {"signed": {**SAMPLE, "signature": "\x1b[2J"}}},
        {"samples": {"Signed!": SAMPLE}},
        {"samples": {f"a{n}": SAMPLE for n in range(200)}},
        {"remote": "x" * 2000},
        {"name": 7},
    ],
)
def test_a_value_that_cannot_be_is_a_fault_of_the_lab(change: dict[str, Any]) -> None:
    with pytest.raises(EnvironmentFault) as caught:
        read(cluster(json.dumps({**FACTS, **change})))
    assert caught.value.where == "ConfigMap/platform-labs/platform-labs"
    assert "\x1b" not in caught.value.diagnostics()


@pytest.mark.parametrize(
    "text",
    [None, 3, "", "{", "[]", "[" * 100_000, '{"a": ' + "9" * 5000 + "}", " " * (1 << 19)],
    ids=lambda text: repr(text)[:20],
)
def test_what_is_no_json_object_is_a_fault_of_the_lab(text: Any) -> None:
    with pytest.raises(EnvironmentFault, match="what the lab says"):
        read(cluster(text))
