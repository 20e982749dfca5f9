"""Kyverno is found however it was installed, and told apart from what only looks installed."""

from __future__ import annotations

from typing import Any

import pytest

from grader.errors import EnvironmentFault
from grader.evidence.model import Evidence
from grader.outcome import Status
from tests.unit.checks.live_contexts import GOOD, changed, verdict, with_objects


def deployment(name: str, namespace: str, image: str, **labels: str) -> Any:
    return {
        "metadata": {"name": name, "namespace": namespace, "labels": labels},
        "spec": {"template": {"spec": {"containers": [{"image": image}]}}},
        "status": {"availableReplicas": 1},
    }


def installed(*deployments: Any, not_served: tuple[str, ...] = ()) -> Evidence:
    return with_objects("Deployment", deployments, not_served=not_served)


COMPONENT = {"app.kubernetes.io/component": "admission-controller"}
CHART = {**COMPONENT, "app.kubernetes.io/part-of": "kyverno-prod"}


@pytest.mark.parametrize(
    "found",
    [
        deployment("kyverno-admission-controller", "kyverno", "reg.kyverno.io/kyverno/kyverno:v1.19.1"),
        deployment("door", "security", "cgr.dev/chainguard/kyverno@sha256:" + "a" * 64),
        deployment("door", "security", "registry.example:5000/mirror/kyverno"),
        deployment("prod-admission-controller", "policies", "registry.example/own-build:1", **CHART),
    ],
    ids=["chart", "chainguard", "mirror", "own-image"],
)
def test_any_way_of_installing_counts(found: Any) -> None:
    assert verdict(installed(found), "kyverno.installed").status is Status.PASSED


@pytest.mark.parametrize(
    "found",
    [
        deployment("kyverno-background-controller", "kyverno", "reg.kyverno.io/kyverno/background-controller:v1.19.1"),
        deployment("policy-reporter", "kyverno", "ghcr.io/kyverno/policy-reporter:3"),
        deployment("gatekeeper", "x", "example/gatekeeper:1", **COMPONENT),
        {"metadata": {"name": "x"}, "spec": {"template": {"spec": {"containers": "no list"}}}},
    ],
    ids=["background", "reporter", "another-product", "nonsense"],
)
def test_other_programs_are_not_its_admission_controller(found: Any) -> None:
    told = verdict(installed(found), "kyverno.installed")
    assert (told.status, "only its custom resource definitions" in told.seen) == (Status.FAILED, True)


def test_nothing_installed_names_the_texts_own_command() -> None:
    told = verdict(installed(not_served=("ClusterPolicy",)), "kyverno.installed")
    assert told.status is Status.FAILED
    assert told.next.startswith("helm install kyverno kyverno/kyverno")


def test_a_kyverno_without_cluster_policy_is_told_so() -> None:
    found = deployment("kyverno-admission-controller", "kyverno", "reg.kyverno.io/kyverno/kyverno:v1.20.0")
    told = verdict(installed(found, not_served=("ClusterPolicy",)), "kyverno.installed")
    assert (told.status, "does not serve ClusterPolicy" in told.seen) == (Status.FAILED, True)
    assert told.next.startswith("helm upgrade --install kyverno kyverno/kyverno --namespace kyverno ")
    assert "--version 3.9.1" in told.next


def test_the_fixing_command_is_for_the_release_that_is_there() -> None:
    found = deployment("prod-admission-controller", "policies", "reg.kyverno.io/kyverno/kyverno:v1.20.0")
    helm = {"meta.helm.sh/release-name": "prod", "meta.helm.sh/release-namespace": "policies; true"}
    found["metadata"]["annotations"] = helm
    told = verdict(installed(found, not_served=("ClusterPolicy",)), "kyverno.installed")
    assert told.next.startswith("helm upgrade --install prod kyverno/kyverno --namespace 'policies; true' ")


def test_what_could_not_be_read_is_nobodys_fault() -> None:
    with pytest.raises(EnvironmentFault, match="could not be read"):
        verdict(with_objects("Deployment", [], unreadable={"Deployment": "forbidden"}), "kyverno.installed")


def test_ready_waits_for_an_installation() -> None:
    assert verdict(installed(), "kyverno.ready").needs == ("kyverno.installed",)


def test_a_controller_scaled_to_nothing_is_named_with_the_command_that_wakes_it() -> None:
    def asleep(found: Any) -> None:
        found["spec"]["replicas"] = 0
        found["status"] = {}

    told = verdict(changed("Deployment", asleep), "kyverno.ready")
    assert (told.status, "scaled to 0" in told.seen) == (Status.FAILED, True)
    assert told.next == "kubectl scale -n kyverno deployment/kyverno-admission-controller --replicas=1"


def test_a_controller_that_does_not_start_is_told_in_kubernetes_words() -> None:
    def waiting(found: Any) -> None:
        found["status"] = {"conditions": [{"type": "Available", "status": "False", "message": "no minimum"}]}

    told = verdict(changed("Deployment", waiting), "kyverno.ready")
    assert (told.status, "no minimum" in told.seen) == (Status.FAILED, True)


@pytest.mark.parametrize("kind", ["MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"])
def test_missing_webhooks_are_named(kind: str) -> None:
    told = verdict(with_objects(kind, []), "kyverno.ready")
    assert (told.status, f"{kind}/kyverno-" in told.seen) == (Status.FAILED, True)


def test_a_ready_kyverno_passes() -> None:
    assert verdict(GOOD, "kyverno.ready").status is Status.PASSED
