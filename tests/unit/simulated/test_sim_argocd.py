"""Argo CD in the cluster: what is pushed is applied, what is changed comes back, what is refused is told."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from labs.platform import manifests
from tests.repositories import FOLDER
from tests.sim_argocd import GROUP, Lab, owner, welcome
from tests.sim_world import SUBJECT, TRUST, policy


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    return Lab(tmp_path)


def test_a_commit_is_applied(lab: Lab) -> None:
    lab.follow()
    status = lab.application["status"]
    assert lab.state == ("Synced", "Succeeded")
    assert status["sync"]["revision"] == lab.first
    assert status["health"]["status"] == "Healthy"
    assert (status["sourceType"], status["reconciledAt"]) == ("Directory", "2026-01-02T03:04:05Z")
    assert status["resources"] == [
        {"kind": "ConfigMap", "name": "welcome", "namespace": "default", "version": "v1", "status": "Synced"}
    ]
    assert [(one["id"], one["revision"]) for one in status["history"]] == [(0, lab.first)]
    result = status["operationState"]["syncResult"]["resources"][0]
    assert (result["status"], result["message"]) == ("Synced", "configmap/welcome created")


def test_what_is_applied_carries_the_applications_name(lab: Lab) -> None:
    lab.follow()
    metadata = lab.world.get("configmaps", "welcome")["metadata"]
    assert metadata["annotations"]["argocd.argoproj.io/tracking-id"] == "platform:/ConfigMap:default/welcome"
    last = json.loads(metadata["annotations"]["kubectl.kubernetes.io/last-applied-configuration"])
    assert last["data"] == {"owner": "nobody yet"}
    assert [one["manager"] for one in metadata["managedFields"]] == ["argocd-controller"]


def test_the_next_commit_is_applied_too(lab: Lab) -> None:
    lab.follow()
    lab.write("welcome.yaml", welcome("me"))
    commit = lab.push()
    assert owner(lab) == "me"
    assert lab.application["status"]["sync"]["revision"] == commit
    assert "configmap/welcome configured" in json.dumps(lab.application["status"]["operationState"])


def test_a_commit_that_changes_nothing_is_only_noted(lab: Lab) -> None:
    lab.follow()
    lab.clone.write("README.md", "more")
    commit = lab.push()
    assert lab.application["status"]["sync"]["revision"] == commit
    assert len(lab.application["status"]["history"]) == 1


def test_an_intruder_is_put_back(lab: Lab) -> None:
    lab.follow()
    lab.world.advance(10)
    lab.world.change("configmaps", "welcome", {"data": {"owner": "an intruder"}})
    lab.world.settle()
    assert owner(lab) == "nobody yet"
    assert lab.state == ("Synced", "Succeeded")


def test_a_quarrel_is_fought_slowly(lab: Lab) -> None:
    lab.follow()
    lab.world.change("configmaps", "welcome", {"data": {"owner": "an intruder"}})
    lab.world.settle()
    assert owner(lab) == "an intruder"
    assert lab.state[0] == "OutOfSync"
    lab.world.advance(3)
    assert owner(lab) == "nobody yet"


def test_without_self_heal_the_difference_stays(lab: Lab) -> None:
    lab.follow(syncPolicy={"automated": {"prune": True}})
    lab.world.change("configmaps", "welcome", {"data": {"owner": "an intruder"}})
    lab.world.advance(10)
    assert owner(lab) == "an intruder"
    assert lab.state[0] == "OutOfSync"


def test_without_automation_nothing_is_applied_until_asked(lab: Lab) -> None:
    lab.follow(syncPolicy={})
    assert lab.state == ("OutOfSync", "")
    assert not lab.world.there("configmaps", "welcome")
    lab.world.change("applications", "platform", {"operation": {"sync": {}}}, "argocd", GROUP)
    lab.world.settle()
    assert owner(lab) == "nobody yet"
    assert "operation" not in lab.application


def test_what_is_wanted_no_more_is_pruned(lab: Lab) -> None:
    lab.write("second.yaml", {**welcome("x"), "metadata": {"name": "second"}})
    lab.push()
    lab.follow()
    assert lab.world.there("configmaps", "second")
    (lab.clone.path / FOLDER / "second.yaml").unlink()
    lab.push()
    assert not lab.world.there("configmaps", "second")
    results = lab.application["status"]["operationState"]["syncResult"]["resources"]
    assert [one["status"] for one in results if one["name"] == "second"] == ["Pruned"]


def test_without_prune_it_is_told(lab: Lab) -> None:
    lab.write("second.yaml", {**welcome("x"), "metadata": {"name": "second"}})
    lab.push()
    lab.follow(syncPolicy={"automated": {"selfHeal": True}})
    (lab.clone.path / FOLDER / "second.yaml").unlink()
    lab.push()
    assert lab.world.there("configmaps", "second")
    pruning = [one["name"] for one in lab.application["status"]["resources"] if one.get("requiresPruning")]
    assert pruning == ["second"]


def test_a_refresh_that_was_asked_for_is_done_and_forgotten(lab: Lab) -> None:
    lab.follow()
    lab.world.advance(60)
    change = {"metadata": {"annotations": {"argocd.argoproj.io/refresh": "normal"}}}
    lab.world.change("applications", "platform", change, "argocd", GROUP)
    lab.world.settle()
    assert "argocd.argoproj.io/refresh" not in lab.application["metadata"]["annotations"]
    assert lab.application["status"]["reconciledAt"] == "2026-01-02T03:05:05Z"


def test_a_kind_that_is_not_served_is_tried_until_it_is(lab: Lab) -> None:
    lab.follow()
    lab.world.namespace("crossplane-system")
    lab.write("policy.yaml", policy())
    lab.push()
    assert lab.state == ("OutOfSync", "Running")
    assert 'no matches for kind "ClusterPolicy" in version "kyverno.io/v1"' in lab.said
    assert "Retrying attempt #1 at 3:04AM." in lab.said
    lab.world.install("kyverno", "kyverno", "kyverno", TRUST)
    lab.world.advance(30)
    assert lab.state == ("Synced", "Succeeded")
    found = lab.world.get("clusterpolicies", "verify", "", "kyverno.io")
    identity = found["metadata"]["annotations"]["argocd.argoproj.io/tracking-id"]
    assert identity == "platform:kyverno.io/ClusterPolicy:default/verify"
    assert lab.application["status"]["health"]["status"] == "Healthy"


def test_a_refused_policy_is_tried_again_with_the_reason(lab: Lab) -> None:
    lab.world.namespace("crossplane-system")
    lab.world.install("kyverno", "kyverno", "kyverno", TRUST)
    lab.write("policy.yaml", policy(subject=SUBJECT, issuer="i"))
    lab.push()
    lab.follow()
    assert lab.state == ("OutOfSync", "Running")
    webhook = 'admission webhook "validate-policy.kyverno.svc" denied the request: '
    assert lab.said.startswith(f"one or more objects failed to apply, reason: {webhook}")
    assert "Either Rekor URL or roots are required. Retrying attempt #1" in lab.said
    lab.world.advance(3)
    assert lab.application["status"]["operationState"]["retryCount"] == 2
    lab.write("policy.yaml", policy())
    lab.push()
    lab.world.advance(30)
    assert lab.state == ("Synced", "Succeeded")
    assert lab.said == "successfully synced (all tasks run)"


def test_retries_end_where_there_is_a_limit(lab: Lab) -> None:
    lab.write("policy.yaml", policy())
    lab.push()
    retry = {"limit": 1, "backoff": {"duration": "1s"}}
    lab.follow(syncPolicy={"automated": {}, "retry": retry, "syncOptions": ["SkipDryRunOnMissingResource=true"]})
    lab.world.advance(30)
    assert lab.state == ("OutOfSync", "Failed")
    assert lab.said.endswith("(retried 1 times).")


def test_a_missing_kind_stops_everything_where_that_is_not_allowed(lab: Lab) -> None:
    lab.write("policy.yaml", policy())
    lab.push()
    lab.follow(syncPolicy={"automated": {}, "retry": {"limit": 0}})
    assert lab.state == ("OutOfSync", "Failed")
    assert lab.said == "one or more synchronization tasks are not valid"
    assert not lab.world.there("configmaps", "welcome")


def test_server_side_comparison_refuses_what_the_api_would(lab: Lab) -> None:
    lab.world.namespace("crossplane-system")
    lab.world.install("kyverno", "kyverno", "kyverno", TRUST)
    lab.write("policy.yaml", policy())
    lab.push()
    lab.follow()
    value = policy()
    value["spec"]["rules"][0]["verifyImages"][0]["attestors"][0]["count"] = 0
    lab.write("policy.yaml", value)
    lab.push()
    assert lab.state[0] == "Unknown"
    assert lab.application["status"]["conditions"][0]["message"] == (
        "Failed to compare desired state to live state: failed to calculate diff: error calculating server side diff: "
        "serverSideDiff error: error running server side apply in dryrun mode for resource ClusterPolicy/verify: "
        'ClusterPolicy.kyverno.io "verify" is invalid: spec.rules[0].verifyImages[0].attestors[0].count: '
        "Invalid value: 0: spec.rules[0].verifyImages[0].attestors[0].count in body should be "
        "greater than or equal to 1"
    )


def test_the_plain_comparison_sees_what_was_pruned(lab: Lab) -> None:
    lab.world.namespace("crossplane-system")
    lab.world.install("kyverno", "kyverno", "kyverno", TRUST)
    value = policy()
    rule = value["spec"]["rules"][0]
    rule["attestors"] = rule["verifyImages"][0].pop("attestors")
    lab.write("policy.yaml", value)
    lab.push()
    plain = manifests.application()
    plain["metadata"].pop("annotations")
    lab.world.create(plain)
    lab.world.settle()
    found = lab.world.get("clusterpolicies", "verify", "", "kyverno.io")
    assert "attestors" not in found["spec"]["rules"][0]
    assert lab.state == ("OutOfSync", "Succeeded")


def test_defaults_are_no_difference_to_either_comparison(lab: Lab) -> None:
    lab.world.namespace("crossplane-system")
    lab.world.install("kyverno", "kyverno", "kyverno", TRUST)
    lab.write("policy.yaml", policy())
    lab.push()
    lab.follow()
    assert lab.state == ("Synced", "Succeeded")
    lab.world.change("applications", "platform", {"metadata": {"annotations": None}}, "argocd", GROUP)
    lab.world.settle()
    assert lab.state == ("Synced", "Succeeded")


def test_an_empty_field_is_no_difference_to_either_comparison(lab: Lab) -> None:
    lab.world.namespace("crossplane-system")
    lab.world.install("kyverno", "kyverno", "kyverno", TRUST)
    value = policy()
    value["spec"]["rules"][0] |= {"exclude": None, "preconditions": None}
    lab.write("policy.yaml", value)
    lab.push()
    lab.follow()
    assert lab.state == ("Synced", "Succeeded")
    lab.world.change("applications", "platform", {"metadata": {"annotations": None}}, "argocd", GROUP)
    lab.world.settle()
    assert lab.state == ("Synced", "Succeeded")


def test_a_deleted_application_takes_its_objects_along_if_it_says_so(lab: Lab) -> None:
    lab.follow()
    held = {"metadata": {"finalizers": ["resources-finalizer.argocd.argoproj.io"]}}
    lab.world.change("applications", "platform", held, "argocd", GROUP)
    lab.world.delete("applications", "platform", "argocd", GROUP)
    lab.world.settle()
    assert not lab.world.there("applications", "platform", "argocd", GROUP)
    assert not lab.world.there("configmaps", "welcome")


def test_a_controller_that_does_not_run_syncs_nothing(lab: Lab) -> None:
    lab.world.change("statefulsets", "argocd-application-controller", {"spec": {"replicas": 0}}, "argocd", "apps")
    lab.world.settle()
    lab.follow()
    assert "status" not in lab.application
    lab.world.change("statefulsets", "argocd-application-controller", {"spec": {"replicas": 1}}, "argocd", "apps")
    lab.world.settle()
    assert lab.state == ("Synced", "Succeeded")


def test_a_lab_at_rest_writes_nothing(lab: Lab) -> None:
    lab.follow()
    version = lab.world.cluster.store.version
    lab.world.advance(300)
    assert lab.world.cluster.store.version == version
