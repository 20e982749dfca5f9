"""Whose fault it is that Argo CD has not brought the policy in."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from grader.errors import EnvironmentFault
from grader.evidence.model import Evidence, Remote
from grader.outcome import Status
from tests.unit.checks.live_contexts import GOOD, changed, cluster_of, verdict, with_objects
from tests.worlds import BEFORE, COMMIT

CHECK = "argocd.synced"


def with_status(evidence: Evidence = GOOD, **status: Any) -> Evidence:
    return changed("Application", lambda found: found["status"].update(status), evidence)


def failed_operation(message: str, revision: str = COMMIT) -> dict[str, Any]:
    return {"phase": "Failed", "message": message, "syncResult": {"revision": revision}}


def with_remote(**parts: Any) -> Evidence:
    assert GOOD.repository is not None
    assert GOOD.repository.remote is not None
    return replace(GOOD, repository=replace(GOOD.repository, remote=replace(GOOD.repository.remote, **parts)))


def test_a_newer_head_with_the_same_files_needs_no_sync() -> None:
    assert verdict(with_remote(head="c" * 40), CHECK).status is Status.PASSED


def test_a_newer_head_with_other_files_is_waited_for() -> None:
    assert GOOD.repository is not None
    remote = GOOD.repository.remote
    assert remote is not None
    files = tuple(replace(one, blob="d" * 40) for one in remote.files)
    told = verdict(with_remote(head="c" * 40, files=files), CHECK)
    assert (told.status, told.seen) == (Status.FAILED, "Argo CD is at aaaaaaaaaa, the remote is at cccccccccc.")


def test_without_a_head_the_push_comes_first() -> None:
    assert verdict(with_remote(head=None), CHECK).needs == ("repository.pushed",)


def test_a_kind_that_is_not_served_is_task_ones_matter() -> None:
    evidence = with_status(operationState=failed_operation("no matches for kind ClusterPolicy"))
    evidence = replace(evidence, cluster=replace(cluster_of(evidence), not_served=("ClusterPolicy",)))
    told = verdict(evidence, CHECK)
    assert (told.status, told.needs) == (Status.BLOCKED, ("kyverno.installed",))


WEBHOOK_DOWN = 'failed calling webhook "validate-policy.kyverno.svc": connection refused'


def test_a_webhook_that_is_down_with_kyverno_waits_for_it() -> None:
    asleep = with_objects("MutatingWebhookConfiguration", [])
    evidence = with_status(asleep, operationState=failed_operation(WEBHOOK_DOWN))
    assert verdict(evidence, CHECK).needs == ("kyverno.ready",)


def test_a_webhook_that_is_down_though_kyverno_is_ready_is_nobodys_fault() -> None:
    with pytest.raises(EnvironmentFault, match="did not answer Argo CD"):
        verdict(with_status(operationState=failed_operation(WEBHOOK_DOWN)), CHECK)


def test_a_webhook_that_keeps_argo_cd_from_comparing_is_nobodys_fault() -> None:
    """Its server-side comparison goes through Kyverno too."""
    conditions = [{"type": "ComparisonError", "message": WEBHOOK_DOWN}]
    with pytest.raises(EnvironmentFault, match="did not answer Argo CD"):
        verdict(with_status(sync={"status": "Unknown"}, conditions=conditions), CHECK)


def test_an_earlier_commits_failure_does_not_stay() -> None:
    assert verdict(with_status(operationState=failed_operation("refused", BEFORE)), CHECK).status is Status.PASSED


def test_a_policy_that_is_not_among_the_objects_fails() -> None:
    other = {"group": "", "kind": "ConfigMap", "name": "welcome", "status": "Synced"}
    told = verdict(with_status(resources=[other]), CHECK)
    assert (told.status, "manages 1 object, and the ClusterPolicy" in told.seen) == (Status.FAILED, True)


def test_nothing_applied_yet_is_said() -> None:
    told = verdict(with_status(operationState={}), CHECK)
    assert (told.status, "there is no operation" in told.seen) == (Status.FAILED, True)


def test_broken_yaml_is_told_in_argo_cds_words() -> None:
    conditions = [{"type": "ComparisonError", "message": "failed to unmarshal manifest: line 3"}]
    told = verdict(with_status(sync={"status": "Unknown"}, conditions=conditions), CHECK)
    assert (told.status, "failed to unmarshal manifest: line 3" in told.seen) == (Status.FAILED, True)


def test_automatic_sync_switched_off_is_noted() -> None:
    evidence = changed("Application", lambda found: found["spec"].pop("syncPolicy"))
    told = verdict(with_status(evidence, sync={"status": "OutOfSync", "revision": COMMIT}), CHECK)
    assert (told.status, "Automatic sync is off" in told.notes[0]) == (Status.FAILED, True)


def test_what_is_apart_is_named() -> None:
    resources = [{"kind": "ClusterPolicy", "name": "mine", "status": "OutOfSync", "requiresPruning": True}]
    told = verdict(with_status(sync={"status": "OutOfSync", "revision": COMMIT}, resources=resources), CHECK)
    assert "ClusterPolicy/mine (to be pruned)" in told.seen


def test_no_application_over_the_folder_is_the_surroundings_fault() -> None:
    with pytest.raises(EnvironmentFault, match="no Application"):
        verdict(with_objects("Application", []), CHECK)


def test_names_that_are_hostile_stay_one_argument_of_one_line() -> None:
    def rename(found: Any) -> None:
        found["metadata"]["name"] = "x; rm -rf ~\n\x1b[31m"
        found["status"] = {}

    told = verdict(changed("Application", rename), CHECK)
    assert "'x; rm -rf ~'" in told.next
    assert "\x1b" not in told.seen + (told.where or "")


def test_the_remote_is_not_asked_for_its_address() -> None:
    """Synced is proved by the commit: another name for the same remote makes no difference."""
    assert GOOD.repository is not None
    files = GOOD.repository.remote.files if GOOD.repository.remote else ()
    remote = Remote("elsewhere", "main", True, COMMIT, True, files)
    evidence = replace(GOOD, repository=replace(GOOD.repository, remote=remote))
    assert verdict(evidence, CHECK).status is Status.PASSED
