"""A server-side comparison that is refused: what Argo CD says of it at once, and a moment later."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.sim_argocd import GROUP, Lab
from tests.sim_world import TRUST, policy


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    lab = Lab(tmp_path)
    lab.world.namespace("crossplane-system")
    lab.world.install("kyverno", "kyverno", "kyverno", TRUST)
    return lab


def misplaced() -> Any:
    value = policy()
    rule = value["spec"]["rules"][0]
    rule["attestors"] = rule["verifyImages"][0].pop("attestors")
    return value


def test_a_comparison_that_failed_is_not_made_again_of_the_same_object(lab: Lab) -> None:
    """Argo CD keeps an empty difference of it: an unknown field is told for a moment, and then all is green."""
    lab.write("policy.yaml", misplaced())
    commit = lab.push()
    lab.follow()
    assert lab.state == ("Unknown", "Succeeded")
    status = lab.application["status"]
    assert status["health"]["status"] == "Healthy"
    assert status["conditions"][0]["message"].endswith(".spec.rules[0].attestors: field not declared in schema")
    lab.world.advance(5)
    status = lab.application["status"]
    assert lab.state == ("Synced", "Succeeded")
    assert status["sync"]["revision"] == commit
    assert "conditions" not in status
    assert {one["status"] for one in status["resources"]} == {"Synced"}


def test_a_refresh_asks_anew(lab: Lab) -> None:
    lab.write("policy.yaml", misplaced())
    lab.push()
    lab.follow()
    lab.world.advance(5)
    annotations = {"argocd.argoproj.io/refresh": "hard"}
    lab.world.change("applications", "platform", {"metadata": {"annotations": annotations}}, "argocd", GROUP)
    lab.world.settle()
    assert lab.state == ("Unknown", "Succeeded")
    lab.world.advance(5)
    assert lab.state == ("Synced", "Succeeded")


def test_a_changed_object_is_compared_again_after_a_failure(lab: Lab) -> None:
    lab.write("policy.yaml", misplaced())
    lab.push()
    lab.follow()
    lab.world.advance(5)
    lab.world.change("clusterpolicies", "verify", {"metadata": {"labels": {"a": "b"}}}, "", "kyverno.io")
    lab.world.settle()
    message = lab.application["status"]["conditions"][0]["message"]
    assert "failed to calculate diff from cache: error calculating server side diff" in message
