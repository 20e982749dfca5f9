"""The events that Kyverno and Argo CD leave at their objects."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from labs.cluster.simulated.api.ask import Ask
from labs.cluster.simulated.api.errors import ApiError
from tests.sim_argocd import Lab, welcome
from tests.sim_world import GOOD, TRUST, UNSIGNED, World, deployment, pod, policy

SPACE = "crossplane-system"


@pytest.fixture
def world(tmp_path: Path) -> World:
    world = World(tmp_path)
    world.namespace(SPACE)
    world.install("kyverno", "kyverno", "kyverno", TRUST)
    world.create(policy())
    world.settle()
    return world


def told(world: World, kind: str) -> list[tuple[str, str, str]]:
    found = [one for one in world.cluster.list(world.kind("events")) if one["involvedObject"]["kind"] == kind]
    return [(one["type"], one["reason"], one["message"]) for one in found]


def refused(world: World, value: Any, **more: Any) -> None:
    with pytest.raises(ApiError):
        world.create(value, Ask(**more))


@pytest.mark.parametrize("dry_run", [False, True])
def test_a_refusal_stands_at_the_policy(world: World, dry_run: bool) -> None:
    refused(world, pod(UNSIGNED, SPACE), dry_run=dry_run)
    why = f"failed to verify image {UNSIGNED}: .attestors[0].entries[0].keyless: no signatures found"
    assert told(world, "ClusterPolicy") == [
        ("Warning", "PolicyViolation", f"Pod {SPACE}/trial: [signed] fail (blocked); {why}")
    ]
    (event,) = [one for one in world.cluster.list(world.kind("events")) if one["reason"] == "PolicyViolation"]
    assert (event["metadata"]["namespace"], event["source"]) == ("default", {"component": "kyverno-admission"})
    assert event["involvedObject"]["name"] == "verify"
    assert "namespace" not in event["involvedObject"]


def test_the_same_refusal_counts_up(world: World) -> None:
    for _ in range(3):
        refused(world, pod(UNSIGNED, SPACE))
    counts = [one["count"] for one in world.cluster.list(world.kind("events")) if one["reason"] == "PolicyViolation"]
    assert counts == [3]


def test_the_generated_rule_is_named(world: World) -> None:
    refused(world, deployment(UNSIGNED, SPACE))
    (event,) = told(world, "ClusterPolicy")
    assert event[2].startswith(f"Deployment {SPACE}/web: [autogen-signed] fail (blocked); ")


def test_what_is_let_in_or_has_no_name_leaves_none(world: World) -> None:
    world.create(pod(GOOD, SPACE))
    value = pod(UNSIGNED, SPACE)
    value["metadata"]["generateName"] = value["metadata"].pop("name")
    refused(world, value)
    assert told(world, "ClusterPolicy") == []


def test_a_sync_is_told_at_the_application(tmp_path: Path) -> None:
    lab = Lab(tmp_path)
    lab.follow()
    assert told(lab.world, "Application") == [
        ("Normal", "ResourceUpdated", "Updated sync status:  -> OutOfSync"),
        ("Normal", "ResourceUpdated", "Updated health status:  -> Missing"),
        ("Normal", "OperationStarted", f"Initiated automated sync to '{lab.first}'"),
        ("Normal", "OperationCompleted", f"Sync operation to {lab.first} succeeded"),
        ("Normal", "ResourceUpdated", "Updated sync status: OutOfSync -> Synced"),
        ("Normal", "ResourceUpdated", "Updated health status: Missing -> Healthy"),
    ]
    before = len(told(lab.world, "Application"))
    lab.world.advance(60)
    assert len(told(lab.world, "Application")) == before


def test_a_sync_that_failed_says_why(tmp_path: Path) -> None:
    lab = Lab(tmp_path)
    lab.write("welcome.yaml", {**welcome("x"), "metadata": {"name": "Not A Name"}})
    lab.push()
    value_retry = {"automated": {"prune": True, "selfHeal": True}, "retry": {"limit": 1}}
    lab.follow(syncPolicy=value_retry)
    assert "OperationCompleted" not in [reason for _, reason, _ in told(lab.world, "Application")]
    lab.world.advance(30)
    (failed,) = [one for one in told(lab.world, "Application") if one[1] == "OperationCompleted"]
    assert failed[0] == "Warning"
    assert "failed: one or more objects failed to apply" in failed[2]
