"""Crossplane's providers: installed, refused, unknown."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.sim_world import GOOD, TRUST, UNSIGNED, World, policy

SPACE = "crossplane-system"


@pytest.fixture
def world(tmp_path: Path) -> World:
    world = World(tmp_path)
    world.install("crossplane", "crossplane", SPACE)
    return world


def provider(world: World, package: str, name: str = "provider-a") -> None:
    spec = {"package": package}
    world.create({"apiVersion": "pkg.crossplane.io/v1", "kind": "Provider", "metadata": {"name": name}, "spec": spec})
    world.settle()


def conditions(world: World, name: str = "provider-a") -> dict[str, tuple[str, str]]:
    found = world.get("providers", name, "", "pkg.crossplane.io")
    return {one["type"]: (one["status"], one.get("message", "")) for one in found["status"]["conditions"]}


def test_a_provider_is_installed_and_runs(world: World) -> None:
    provider(world, GOOD)
    assert conditions(world) == {"Installed": ("True", ""), "Healthy": ("True", "")}
    name = "provider-a-aaaaaaaaaaaa"
    revision = world.get("providerrevisions", name, "", "pkg.crossplane.io")
    assert revision["spec"]["image"] == GOOD
    assert world.get("deployments", name, SPACE, "apps")["status"]["availableReplicas"] == 1


def test_an_unsigned_provider_is_refused_and_comes_when_the_policy_goes(world: World) -> None:
    world.install("kyverno", "kyverno", "kyverno", TRUST)
    world.create(policy())
    world.settle()
    provider(world, UNSIGNED)
    status, message = conditions(world)["Healthy"]
    assert status == "False"
    assert message.startswith(
        "post establish runtime hook failed for package: cannot apply provider package deployment: "
        'cannot create object: admission webhook "mutate.kyverno.svc-fail" denied the request: '
    )
    assert "autogen-signed" in message
    world.delete("clusterpolicies", "verify", "", "kyverno.io")
    world.advance(10)
    assert conditions(world)["Healthy"] == ("True", "")


def told(world: World, kind: str) -> list[tuple[str, str, str]]:
    """Type, reason and first line of the Events about the objects of one kind, in order of their messages."""
    events = world.cluster.list(world.kind("events"), "default")
    about = [one for one in events if one["involvedObject"]["kind"] == kind]
    assert {one["source"]["component"] for one in about} == {f"packages/{kind.lower()}.pkg.crossplane.io"}
    return sorted((one["type"], one["reason"], one["message"].partition("\n")[0]) for one in about)


def test_events_tell_what_the_conditions_say(world: World) -> None:
    world.install("kyverno", "kyverno", "kyverno", TRUST)
    world.create(policy())
    world.settle()
    provider(world, UNSIGNED)
    assert ("Warning", "InstallPackageRevision", "current package revision is unhealthy") in told(world, "Provider")
    assert told(world, "ProviderRevision")[-1][1] == "SyncPackage"
    assert told(world, "ProviderRevision")[-1][2].endswith('"mutate.kyverno.svc-fail" denied the request: ')
    world.delete("clusterpolicies", "verify", "", "kyverno.io")
    world.advance(10)
    assert ("Normal", "InstallPackageRevision", "Successfully installed package revision") in told(world, "Provider")
    assert ("Normal", "SyncPackage", "Successfully configured package revision") in told(world, "ProviderRevision")


def test_pods_that_are_refused_keep_a_provider_unhealthy(world: World) -> None:
    """Without generated rules the Deployment is let in; the refusal stands at it."""
    world.install("kyverno", "kyverno", "kyverno", TRUST)
    made = policy()
    made["metadata"]["annotations"] = {"pod-policies.kyverno.io/autogen-controllers": "none"}
    world.create(made)
    world.settle()
    provider(world, UNSIGNED)
    status, message = conditions(world)["Healthy"]
    assert (status, message.rpartition(": ")[2]) == ("False", "Deployment does not have minimum availability.")
    found = world.get("deployments", "provider-a-bbbbbbbbbbbb", SPACE, "apps")
    failure = next(one for one in found["status"]["conditions"] if one["type"] == "ReplicaFailure")
    assert 'admission webhook "mutate.kyverno.svc-fail" denied the request: ' in failure["message"]
    assert f"resource Pod/{SPACE}/ was blocked" in failure["message"], "a made-up name is not told"


def test_a_signed_provider_runs_under_the_policy_at_its_digest(world: World) -> None:
    world.install("kyverno", "kyverno", "kyverno", TRUST)
    world.create(policy())
    world.settle()
    provider(world, GOOD)
    assert conditions(world)["Healthy"] == ("True", "")
    found: Any = world.cluster.list(world.kind("pods"), SPACE)
    images = [one["spec"]["containers"][0]["image"] for one in found if "provider-a" in one["metadata"]["name"]]
    assert images == [f"{GOOD}@sha256:" + "a" * 64]


def test_a_package_from_elsewhere_cannot_be_fetched(world: World) -> None:
    provider(world, "xpkg.upbound.io/crossplane-contrib/provider-nop:v0.2.1")
    status, message = conditions(world)["Installed"]
    assert status == "False"
    assert message.startswith("cannot unpack package: failed to fetch package digest from remote: simulated: ")


def test_a_deleted_provider_takes_everything_along(world: World) -> None:
    provider(world, GOOD)
    world.delete("providers", "provider-a", "", "pkg.crossplane.io")
    world.settle()
    assert not world.there("deployments", "provider-a-aaaaaaaaaaaa", SPACE, "apps")
    assert not world.cluster.list(world.kind("providerrevisions", "pkg.crossplane.io"))


def test_without_crossplane_nothing_happens(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.install("crossplane", "crossplane", SPACE, {"replicas": 0})
    provider(world, GOOD)
    assert "status" not in world.get("providers", "provider-a", "", "pkg.crossplane.io")
