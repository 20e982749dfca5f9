"""What Kyverno warns of when a policy is written."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from labs.cluster.simulated.api.ask import Ask
from tests.sim_world import TRUST, World, policy

OLD = "Validation failure actions enforce/audit are deprecated, use Enforce/Audit instead."


@pytest.fixture
def world(tmp_path: Path) -> World:
    world = World(tmp_path)
    world.install("kyverno", "kyverno", "kyverno", TRUST)
    return world


def warned(world: World, value: Any) -> list[str]:
    ask = Ask(dry_run=True)
    world.create(value, ask)
    return ask.warnings


@pytest.mark.parametrize("action", ["enforce", "audit"])
def test_small_letters_are_warned_of(world: World, action: str) -> None:
    value = policy()
    value["spec"]["validationFailureAction"] = action
    value["spec"]["validationFailureActionOverrides"] = [{"action": action, "namespaces": ["default"]}]
    assert warned(world, value) == [
        f"spec.validationFailureAction: {OLD}", f"spec.validationFailureActionOverrides[0].action: {OLD}",
    ]  # fmt: skip


def test_an_override_of_a_rule_is_named_by_its_place(world: World) -> None:
    value = policy()
    value["spec"]["rules"][0] = {
        "name": "labelled", "match": {"any": [{"resources": {"kinds": ["Pod"]}}]},
        "validate": {
            "failureActionOverrides": [{"action": "audit", "namespaces": ["a"]}],
            "message": "no", "pattern": {"metadata": {"name": "?*"}},
        },
    }  # fmt: skip
    assert warned(world, value) == [f"spec.rules[0].validate.failureActionOverrides[0].action: {OLD}"]


def test_capitals_are_right(world: World) -> None:
    value = policy()
    value["spec"]["validationFailureAction"] = "Enforce"
    assert warned(world, value) == []


def test_a_kind_that_is_not_there_is_warned_of(world: World) -> None:
    value = policy()
    value["spec"]["rules"][0]["match"]["any"][0]["resources"]["kinds"] = ["Pods"]
    assert warned(world, value) == [
        "the kind defined in the all match resource is invalid: "
        "unable to convert GVK to GVR for kinds Pods, err: resource not found"
    ]
