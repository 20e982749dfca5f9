"""The live policy is the committed one, came by the Application, and is Ready; each alone can be wrong."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from grader.grade import judge
from grader.outcome import Status
from tests import worlds
from tests.unit.checks.live_contexts import GOOD, changed, cluster_of, verdict, with_objects
from tests.worlds import MODULE

CHECK = "policy.active"
TRACKING = "argocd.argoproj.io/tracking-id"


def test_as_committed_tracked_and_ready_passes() -> None:
    assert verdict(GOOD, CHECK).status is Status.PASSED


def test_a_policy_that_is_not_there_fails_and_behaviour_waits_for_it() -> None:
    evidence = with_objects("ClusterPolicy", [])
    assert "no ClusterPolicy" in verdict(evidence, CHECK).seen
    assert judge(MODULE, evidence).outcome("policy.scope").needs == (CHECK,)


def test_one_applied_by_hand_fails_by_its_tracking() -> None:
    def untracked(found: Any) -> None:
        found["metadata"]["annotations"] = {}
        found["metadata"]["managedFields"] = [{"manager": "kubectl-client-side-apply"}]

    told = verdict(changed("ClusterPolicy", untracked), CHECK)
    assert (told.status, "by hand (by kubectl-client-side-apply)" in told.seen) == (Status.FAILED, True)
    assert r"tracking-id" in told.next


def test_another_applications_policy_fails() -> None:
    def other(found: Any) -> None:
        found["metadata"]["annotations"][TRACKING] = "other:kyverno.io/ClusterPolicy:default/x"

    assert "“other:kyverno.io" in verdict(changed("ClusterPolicy", other), CHECK).seen


def test_an_edited_one_fails_at_its_line_and_is_not_judged_as_yours() -> None:
    def edited(found: Any) -> None:
        found["spec"]["rules"][0]["verifyImages"][0]["failureAction"] = "Audit"

    evidence = changed("ClusterPolicy", edited)
    told = verdict(evidence, CHECK)
    assert "spec.rules[0].verifyImages[0].failureAction" in told.seen
    assert (told.where or "").startswith("gitops-bootstrap/apps/platform/verify-providers.yaml:")
    assert judge(MODULE, evidence).outcome("policy.enforced").needs == (CHECK,)


def test_one_that_is_not_ready_fails_in_kyvernos_words_and_is_not_probed() -> None:
    def waiting(found: Any) -> None:
        found["status"] = {"conditions": [{"type": "Ready", "status": "False", "message": "webhook missing"}]}

    evidence = changed("ClusterPolicy", waiting)
    assert "webhook missing" in verdict(evidence, CHECK).seen
    assert judge(MODULE, evidence).outcome("policy.identity").needs == (CHECK,)


def test_a_later_edit_of_the_working_tree_leaves_the_commits_behaviour_judged() -> None:
    repository = GOOD.repository
    assert repository is not None
    assert repository.working is not None
    edited = tuple(
        replace(one, content=(one.content or b"").replace(b"crossplane-system", b"default"), blob="0" * 40)
        for one in repository.working
    )
    report = judge(MODULE, replace(GOOD, repository=replace(repository, working=edited)))
    assert report.outcome("policy.scope").status is Status.PASSED
    assert report.outcome("repository.committed").status is Status.FAILED


def test_a_policy_that_kustomize_renames_is_found_by_its_tracking() -> None:
    solution = next(path for path in MODULE.solutions if "kustomize" in path.name)
    evidence = worlds.evidence(solution)
    repository = evidence.repository
    assert repository is not None
    renaming = tuple(
        replace(one, content=(one.content or b"") + b"namePrefix: team-\n")
        if one.path.endswith("kustomization.yaml")
        else one
        for one in repository.files
    )
    evidence = replace(evidence, repository=replace(repository, files=renaming, working=renaming))
    [live] = [one["metadata"]["name"] for one in cluster_of(evidence).all("ClusterPolicy")]

    def renamed(found: Any) -> None:
        found["metadata"]["name"] = f"team-{live}"

    assert verdict(changed("ClusterPolicy", renamed, evidence), CHECK).status is Status.PASSED


def test_without_a_commit_there_is_nothing_to_compare() -> None:
    evidence = worlds.evidence(MODULE.solutions[0], "uncommitted")
    assert verdict(evidence, CHECK).needs == ("repository.committed",)
