"""Kyverno in the cluster: its policies judged, its webhooks, and what it says to Pods."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from labs.cluster.simulated.api.ask import Ask
from labs.cluster.simulated.api.errors import ApiError
from labs.cluster.simulated.kyverno.admission import SIMULATED
from tests.sim_world import (
    GOOD,
    OTHER,
    SUBJECT,
    TRUST,
    UNRELATED,
    UNSIGNED,
    WORKFLOW,
    World,
    deployment,
    pod,
    policy,
)

SPACE = "crossplane-system"
ADMISSION = "admissionregistration.k8s.io"


@pytest.fixture
def world(tmp_path: Path) -> World:
    world = World(tmp_path)
    world.namespace(SPACE)
    world.install("kyverno", "kyverno", "kyverno", TRUST)
    return world


def enforce(world: World, value: Any = None) -> None:
    world.create(value or policy())
    world.settle()


def asked(world: World, value: Any) -> Any:
    return world.create(value, Ask(dry_run=True))


def denial(world: World, value: Any) -> str:
    with pytest.raises(ApiError) as caught:
        asked(world, value)
    assert (caught.value.code, caught.value.reason) == (400, "")
    return caught.value.message


def hooks(world: World, name: str, plural: str) -> Any:
    return world.get(plural, name, "", ADMISSION)["webhooks"]


def test_an_unsigned_image_is_denied_in_the_real_words(world: World) -> None:
    enforce(world)
    assert denial(world, pod(UNSIGNED, SPACE)) == (
        'admission webhook "mutate.kyverno.svc-fail" denied the request: \n\n'
        "resource Pod/crossplane-system/trial was blocked due to the following policies \n\n"
        "verify:\n"
        f"  signed: 'failed to verify image {UNSIGNED}: .attestors[0].entries[0].keyless: no signatures found'\n"
    )


def test_another_workflow_is_denied_with_both_names(world: World) -> None:
    enforce(world)
    assert f"subject mismatch: expected {SUBJECT}, received {OTHER}'\n" in denial(world, pod(WORKFLOW, SPACE))


def test_a_deployment_is_denied_by_the_generated_rule(world: World) -> None:
    enforce(world)
    said = denial(world, deployment(UNSIGNED, SPACE))
    assert "resource Deployment/crossplane-system/web was blocked" in said
    assert "\n  autogen-signed: 'failed to verify" in said


def test_a_good_image_gets_its_digest_and_the_annotations(world: World) -> None:
    enforce(world)
    made = asked(world, pod(GOOD, SPACE))
    digest = "sha256:" + "a" * 64
    assert made["spec"]["containers"][0]["image"] == f"{GOOD}@{digest}"
    image = f"cgr.dev/chainguard/provider-good@{digest}"
    annotations = made["metadata"]["annotations"]
    assert json.loads(annotations["kyverno.io/verify-images"]) == {image: "pass"}
    assert json.loads(annotations["kyverno.io/verify-images-scoped"]) == {
        "version": 1,
        "policies": {"/verify": {"signed": {image: "pass"}}},
    }


def test_other_namespaces_and_other_images_are_left_alone(world: World) -> None:
    enforce(world)
    for value in (pod(UNSIGNED), pod(UNRELATED, SPACE)):
        made = asked(world, value)
        assert "annotations" not in made["metadata"]
        assert made["spec"]["containers"][0]["image"] == value["spec"]["containers"][0]["image"]


def test_init_and_second_containers_count(world: World) -> None:
    enforce(world)
    for field in ("containers", "initContainers"):
        value = pod(UNRELATED, SPACE)
        value["spec"].setdefault(field, []).append({"name": "more", "image": UNSIGNED})
        assert "no signatures found" in denial(world, value)


def test_an_ephemeral_container_counts(world: World) -> None:
    world.create(pod(UNRELATED, SPACE))
    world.settle()
    enforce(world)
    change = {"ephemeralContainers": [{"name": "debug", "image": UNSIGNED}]}
    with pytest.raises(ApiError, match="no signatures found"):
        world.cluster.patch(
            world.kind("pods"), SPACE, "trial", lambda old: {**old, "spec": {**old["spec"], **change}},
            Ask(dry_run=True), subresource="ephemeralcontainers",
        )  # fmt: skip


def test_an_image_by_its_digest(world: World) -> None:
    enforce(world)
    asked(world, pod("cgr.dev/chainguard/provider-good@sha256:" + "a" * 64, SPACE))
    assert "no signatures found" in denial(world, pod("cgr.dev/chainguard/provider-unsigned@sha256:" + "b" * 64, SPACE))


def test_a_running_pod_can_be_changed_without_another_look(world: World) -> None:
    enforce(world)
    world.create(pod(GOOD, SPACE))
    world.settle()
    assert world.change("pods", "trial", {"metadata": {"labels": {"a": "b"}}}, SPACE)["metadata"]["labels"] == {
        "a": "b"
    }


def test_without_the_labs_trust_no_signature_counts(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.namespace(SPACE)
    world.install("kyverno", "kyverno", "kyverno")
    enforce(world)
    assert "failed to verify image" in denial(world, pod(GOOD, SPACE))


def test_a_policy_is_refused_for_kyvernos_reason(world: World) -> None:
    with pytest.raises(ApiError) as caught:
        world.create(policy(subject=SUBJECT, issuer="i"), Ask(validation="Strict"))
    said = caught.value.message
    assert said.startswith('admission webhook "validate-policy.kyverno.svc" denied the request: spec.rules[0]')
    assert said.endswith("Either Rekor URL or roots are required")


def test_a_policy_becomes_ready(world: World) -> None:
    enforce(world)
    status = world.get("clusterpolicies", "verify", "", "kyverno.io")["status"]
    assert status["conditions"] == [
        {"type": "Ready", "status": "True", "reason": "Succeeded", "message": "Ready",
         "lastTransitionTime": "2026-01-02T03:04:05Z"}
    ]  # fmt: skip
    assert status["rulecount"] == {"generate": 0, "mutate": 0, "validate": 0, "verifyimages": 1}
    assert [one["name"] for one in status["autogen"]["rules"]] == ["autogen-signed", "autogen-cronjob-signed"]
    assert status["autogen"]["rules"][0]["match"]["resources"] == {}


def test_a_policy_that_is_not_ready_is_not_asked(world: World) -> None:
    world.create(policy())
    asked(world, pod(UNSIGNED, SPACE))


def test_the_webhooks_name_what_the_policies_look_at(world: World) -> None:
    assert hooks(world, "kyverno-resource-mutating-webhook-cfg", "mutatingwebhookconfigurations") == []
    enforce(world)
    (mutate,) = hooks(world, "kyverno-resource-mutating-webhook-cfg", "mutatingwebhookconfigurations")
    assert mutate["name"] == "mutate.kyverno.svc-fail"
    assert [rule["resources"] for rule in mutate["rules"]] == [
        ["pods", "pods/ephemeralcontainers", "replicationcontrollers"],
        ["daemonsets", "deployments", "replicasets", "statefulsets"],
        ["cronjobs", "jobs"],
    ]
    assert [rule["operations"] for rule in mutate["rules"]] == [["CREATE", "UPDATE"]] * 3
    assert mutate["namespaceSelector"]["matchExpressions"][1]["values"] == ["kyverno"]
    (validate,) = hooks(world, "kyverno-resource-validating-webhook-cfg", "validatingwebhookconfigurations")
    assert validate["rules"][0]["operations"] == ["CONNECT", "CREATE", "DELETE", "UPDATE"]


def test_a_policy_that_fails_open_has_a_webhook_of_its_own(world: World) -> None:
    value = policy()
    value["spec"]["failurePolicy"] = "Ignore"
    value["spec"]["webhookConfiguration"] = {"timeoutSeconds": 15}
    enforce(world, value)
    (mutate,) = hooks(world, "kyverno-resource-mutating-webhook-cfg", "mutatingwebhookconfigurations")
    found = (mutate["name"], mutate["failurePolicy"], mutate["timeoutSeconds"])
    assert found == ("mutate.kyverno.svc-ignore", "Ignore", 15)


def test_a_deleted_webhook_comes_back(world: World) -> None:
    world.delete("mutatingwebhookconfigurations", "kyverno-resource-mutating-webhook-cfg", "", ADMISSION)
    world.settle()
    assert world.there("mutatingwebhookconfigurations", "kyverno-resource-mutating-webhook-cfg", "", ADMISSION)


def test_a_kyverno_that_does_not_answer_closes_the_door(world: World) -> None:
    enforce(world)
    world.change("deployments", "kyverno-admission-controller", {"spec": {"replicas": 0}}, "kyverno", "apps")
    world.settle()
    with pytest.raises(ApiError) as caught:
        asked(world, pod(UNRELATED, SPACE))
    assert (caught.value.code, caught.value.reason) == (500, "InternalError")
    assert caught.value.message == (
        'Internal error occurred: failed calling webhook "mutate.kyverno.svc-fail": failed to call webhook: '
        'Post "https://kyverno-svc.kyverno.svc:443/mutate/fail?timeout=10s": '
        'no endpoints available for service "kyverno-svc"'
    )
    world.change("deployments", "kyverno-admission-controller", {"spec": {"replicas": 1}}, "kyverno", "apps")
    world.settle()
    asked(world, pod(UNRELATED, SPACE))


def test_without_any_webhook_nothing_is_asked(tmp_path: Path) -> None:
    world = World(tmp_path)
    asked(world, pod(UNSIGNED))


def configured(world: World, **data: str) -> None:
    world.change("configmaps", "kyverno", {"data": data}, "kyverno")
    world.settle()


def test_a_namespace_can_be_taken_out_of_the_webhooks(world: World) -> None:
    enforce(world)
    selector = {"matchExpressions": [{"key": "kubernetes.io/metadata.name", "operator": "NotIn", "values": [SPACE]}]}
    configured(world, webhooks=json.dumps({"namespaceSelector": selector}))
    asked(world, pod(UNSIGNED, SPACE))


def test_a_kind_can_be_filtered_out(world: World) -> None:
    enforce(world)
    configured(world, resourceFilters=f"[Pod,{SPACE},*]")
    asked(world, pod(UNSIGNED, SPACE))
    assert "blocked" in denial(world, deployment(UNSIGNED, SPACE))


def test_another_name_and_namespace_is_kyverno_too(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.namespace(SPACE)
    world.install("kyverno", "guard", "security", TRUST)
    enforce(world)
    assert "blocked" in denial(world, pod(UNSIGNED, SPACE))
    (mutate,) = hooks(world, "kyverno-resource-mutating-webhook-cfg", "mutatingwebhookconfigurations")
    assert mutate["clientConfig"]["service"] == {
        "name": "guard-kyverno-svc", "namespace": "security", "path": "/mutate/fail", "port": 443,
    }  # fmt: skip


def test_what_is_not_known_is_no_admission(world: World) -> None:
    value = policy()
    value["spec"]["rules"][0]["context"] = [{"name": "x", "configMap": {"name": "y", "namespace": "z"}}]
    enforce(world, value)
    with pytest.raises(ApiError) as caught:
        asked(world, pod(GOOD, SPACE))
    assert caught.value.code == 500
    assert SIMULATED in caught.value.message


def test_a_rule_about_packages(world: World) -> None:
    world.install("crossplane", "crossplane", SPACE)
    rule = {
        "name": "only-from-chainguard", "match": {"any": [{"resources": {"kinds": ["pkg.crossplane.io/v1/Provider"]}}]},
        "validate": {
            "failureAction": "Enforce", "message": "Only from Chainguard.",
            "pattern": {"spec": {"package": "cgr.dev/chainguard/*"}},
        },
    }  # fmt: skip
    enforce(world, {**policy("packages"), "spec": {"rules": [rule]}})
    provider = {"apiVersion": "pkg.crossplane.io/v1", "kind": "Provider", "metadata": {"name": "nop"}}
    asked(world, {**provider, "spec": {"package": GOOD}})
    said = denial(world, {**provider, "spec": {"package": "xpkg.upbound.io/nop:v1"}})
    assert 'webhook "validate.kyverno.svc-fail"' in said
    assert "resource Provider//nop was blocked" in said
    assert "Only from Chainguard." in said
