"""What single answers do to a verdict: whose they are, what they prove, and what they leave open."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from grader.errors import EnvironmentFault
from grader.evidence.model import Answer, Evidence, ProbeAnswer
from grader.evidence.probes import NOT_ASKED
from grader.grade import judge
from grader.outcome import Status
from tests import worlds
from tests.unit.checks.live_contexts import GOOD, answering, verdict
from tests.worlds import MODULE

POLICY = "verify-provider-images"
RULE = "signed-by-the-release-pipeline"
LOOSE = {POLICY: {RULE: "pass"}}


def admitted(**parts: Any) -> Any:
    return lambda one: replace(one, answer=Answer.ADMITTED, denials={}, **parts)


def denied(denials: dict[str, dict[str, str]]) -> Any:
    return lambda one: replace(one, answer=Answer.DENIED, looked={}, denials=denials)


def failing(evidence: Evidence) -> list[str]:
    return [one.check for one in judge(MODULE, evidence).outcomes if one.status is Status.FAILED]


def test_a_denial_by_somebody_elses_policy_tells_nothing() -> None:
    evidence = answering(denied({"baseline": {"r": "no"}}), "unsigned")
    told = verdict(evidence, "policy.enforced")
    assert (told.status, "“baseline”, no ClusterPolicy of your repository" in told.seen) == (Status.ERROR, True)


def test_a_denial_that_another_policy_shares_tells_nothing_either() -> None:
    """Kyverno names policies that only report beside the one that blocks."""
    both = {POLICY: {RULE: "failed to verify image"}, "baseline": {"r": "no"}}
    assert verdict(answering(denied(both), "unsigned"), "policy.enforced").status is Status.ERROR


def test_a_denial_for_the_image_beside_is_the_patterns_fault() -> None:
    def beside(one: ProbeAnswer) -> ProbeAnswer:
        reason = "failed to verify image cgr.dev/chainguard/image-beside:v1: no signatures found"
        return replace(one, answer=Answer.DENIED, looked={}, denials={POLICY: {RULE: reason}})

    assert failing(answering(beside, "signed-init")) == ["policy.images"]


def test_what_only_reports_fails_enforcement_and_hides_identity() -> None:
    audit = answering(
        lambda one: (
            replace(one, answer=Answer.ADMITTED, denials={}, looked={POLICY: {RULE: "fail"}}) if one.denials else one
        )
    )
    report = judge(MODULE, audit)
    assert failing(audit) == ["policy.enforced"]
    assert report.outcome("policy.identity").needs == ("policy.enforced",)


@pytest.mark.parametrize("probe", ["other-workflow", "other-issuer", "forged-log"])
def test_an_admitted_stranger_fails_identity_alone(probe: str) -> None:
    assert failing(answering(admitted(looked=LOOSE), probe)) == ["policy.identity"]


def test_a_refused_signature_fails_identity_alone() -> None:
    reason = {POLICY: {RULE: "failed to verify image IMAGE: subject mismatch"}}
    assert failing(answering(denied(reason), "signed", "signed-digest")) == ["policy.identity"]


def test_a_touched_namespace_fails_scope_alone() -> None:
    assert failing(answering(denied({POLICY: {RULE: "no signatures found"}}), "scope-default")) == ["policy.scope"]


def test_a_rewritten_image_was_looked_at() -> None:
    def pinned(one: ProbeAnswer) -> ProbeAnswer:
        return replace(one, looked={}, images=(f"{one.image}@sha256:{'a' * 64}",))

    assert failing(answering(pinned, "images-other")) == ["policy.images"]


def test_a_pod_that_is_overlooked_for_no_reason_in_the_file_is_still_told() -> None:
    """The manifest says that it is looked at: other images there are, so the image is at fault."""
    found = answering(admitted(looked={}), "images-second-provider", "images-second-provider-digest")
    assert failing(found) == ["policy.images"]


def test_a_kyverno_that_names_no_policy_in_its_annotation_counts() -> None:
    old = answering(lambda one: replace(one, looked={"": {"": "pass"}}) if one.looked else one)
    assert failing(old) == []


def test_skipped_by_another_item_of_the_rule_counts_as_looked_at() -> None:
    skipped = answering(lambda one: replace(one, looked={POLICY: {RULE: "skip"}}) if one.looked else one)
    assert failing(skipped) == []


def test_deployments_left_to_their_pods_are_noted() -> None:
    deployments = [p.id for p in MODULE.exercise.probes if p.kind == "Deployment" and p.expect == "denied"]
    evidence = answering(admitted(looked={}), *deployments)
    told = verdict(evidence, "policy.enforced")
    assert (told.status, "its Pods are refused" in told.notes[0]) == (Status.PASSED, True)


def test_one_identitys_deployment_alone_is_a_gap() -> None:
    assert failing(answering(admitted(looked={}), "unsigned-by-crossplane")) == ["policy.enforced"]


def test_enforcement_live_fails_where_nothing_else_explains_it() -> None:
    assert failing(answering(admitted(looked=LOOSE), "live-refusal")) == ["enforcement.live"]


def test_an_answer_that_is_not_known_leaves_other_checks_their_verdict() -> None:
    report = judge(
        MODULE, answering(lambda one: replace(one, answer=Answer.UNKNOWN, message="timeout"), "other-issuer")
    )
    assert report.outcome("policy.identity").status is Status.ERROR
    assert report.outcome("policy.enforced").status is Status.PASSED
    assert report.outcome("enforcement.live").status is Status.ERROR


def test_a_sure_failure_fails_whatever_else_is_not_known() -> None:
    evidence = answering(admitted(looked=LOOSE), "other-workflow")
    evidence = answering(lambda one: replace(one, answer=Answer.UNKNOWN), "other-issuer", evidence=evidence)
    assert judge(MODULE, evidence).outcome("policy.identity").status is Status.FAILED


def test_what_the_lab_cannot_ask_is_predicted_and_said() -> None:
    without = replace(GOOD, probes=tuple(one for one in GOOD.probes if one.probe != "other-issuer"))
    told = verdict(without, "policy.identity")
    assert told.status is Status.PASSED
    assert any("cannot ask other-issuer" in note for note in told.notes)


def test_a_loose_policy_gains_nothing_by_a_lab_that_asks_less() -> None:
    mutant = next(path for path in MODULE.mutants if path.name == "40-no-issuer")
    evidence = worlds.evidence(mutant)
    fewer = replace(evidence, probes=tuple(one for one in evidence.probes if one.probe != "other-issuer"))
    assert judge(MODULE, fewer).outcome("policy.identity").status is Status.FAILED


def test_probes_given_up_are_not_predicted() -> None:
    def given_up(one: ProbeAnswer) -> ProbeAnswer:
        return replace(one, answer=Answer.UNKNOWN, message=NOT_ASKED, attempts=0)

    assert verdict(answering(given_up, "unsigned"), "policy.enforced").status is Status.ERROR


def test_a_policy_that_changed_under_the_probes_is_not_judged() -> None:
    with pytest.raises(EnvironmentFault, match="was changed while it was probed"):
        verdict(replace(GOOD, probed_versions={POLICY: "uid@1"}), "policy.scope")


def test_where_model_and_cluster_differ_the_report_says_so() -> None:
    told = verdict(answering(admitted(looked=LOOSE), "other-workflow"), "policy.identity")
    assert any("expected denied for the probe other-workflow" in note for note in told.notes)


def test_a_failure_names_the_line_and_a_command() -> None:
    mutant = next(path for path in MODULE.mutants if path.name == "10-no-namespace")
    told = verdict(worlds.evidence(mutant), "policy.scope")
    assert "A Pod in default with cgr.dev/chainguard/provider-" in told.seen
    assert "the rule names no namespace" in told.seen
    assert (told.where or "").startswith("gitops-bootstrap/apps/platform/verify-providers.yaml:")
    assert told.next.startswith("kubectl -n default run trial --dry-run=server --image=")


@pytest.mark.parametrize(
    ("mutant", "check", "told"),
    [
        ("11-namespace-typo", "policy.scope", "Write crossplane-system instead of “crossplane-sytem”."),
        ("22-exclude-service-accounts", "policy.enforced", "To mend: Delete the exclude."),
        ("26-one-provider", "policy.images", "The exercise asks for cgr.dev/chainguard/provider-*."),
        ("27-no-star", "policy.images", "End “cgr.dev/chainguard/provider-” with *"),
        ("40-no-issuer", "policy.identity", "this keyless entry asks for no issuer: any issuer passes."),
        ("45-ignore-log", "policy.identity", "Delete ignoreTlog"),
    ],
)
def test_the_repair_is_told(mutant: str, check: str, told: str) -> None:
    folder = next(path for path in MODULE.mutants if path.name == mutant)
    seen = verdict(worlds.evidence(folder), check).seen
    assert told in seen
    assert "provider-sig instead" not in seen  # a sample's own name is no repair


def test_a_policy_that_only_reports_leaves_no_trace_and_is_told_by_its_file() -> None:
    """Live, Kyverno 1.19.1 writes no annotation for an image that it found wrong and lets in."""
    folder = next(path for path in MODULE.mutants if path.name == "05-audit")
    evidence = answering(
        lambda one: replace(one, looked={}) if "fail" in str(one.looked) else one, evidence=worlds.evidence(folder)
    )
    report = judge(MODULE, evidence)
    assert failing(evidence) == ["policy.enforced"]
    assert report.outcome("policy.identity").needs == ("policy.enforced",)
    seen = report.outcome("policy.enforced").seen
    assert ("did not look" in seen, "the failure action is Audit" in seen) == (False, True)


def test_a_patch_is_put_to_the_policy(tmp_path: Path) -> None:
    """It turns Audit into Enforce, and Enforce into Audit, as in a cluster."""
    source = next(path for path in MODULE.solutions if path.name == "1-reference")
    folder = tmp_path / worlds.FOLDER
    shutil.copytree(source / worlds.FOLDER, folder)
    spec = "{op: add, path: /spec/rules/0/verifyImages/0/%s, value: %s}"
    lines = [spec % pair for pair in (("failureAction", "Audit"), ("mutateDigest", "false"))]
    patch = "".join(f"    - {line}\n" for line in lines)
    kustomization = "resources: [verify-providers.yaml]\npatches:\n- target: {kind: ClusterPolicy}\n  patch: |-\n"
    (folder / "kustomization.yaml").write_text(f"{kustomization}{patch}")
    files_only = replace(worlds.evidence(tmp_path), profile="repository", cluster=None, probes=())
    assert failing(files_only) == ["policy.enforced"]


def test_what_a_patch_makes_of_a_policy_is_not_guessed(tmp_path: Path) -> None:
    """What is not known of a patch is not guessed: only a cluster shows it."""
    source = next(path for path in MODULE.solutions if path.name == "1-reference")
    folder = tmp_path / worlds.FOLDER
    shutil.copytree(source / worlds.FOLDER, folder)
    patch = "patches:\n- patch: '$patch: delete'\n  target: {kind: ClusterPolicy}\n"
    (folder / "kustomization.yaml").write_text(f"resources: [verify-providers.yaml]\n{patch}")
    files_only = replace(worlds.evidence(tmp_path), profile="repository", cluster=None, probes=())
    report = judge(MODULE, files_only)
    assert report.outcome("policy.enforced").status is Status.ERROR
    assert "patches may change the policy" in report.outcome("policy.enforced").seen
    (folder / "kustomization.yaml").write_text("resources: [verify-providers.yaml]\nnamePrefix: lab-\n")
    named = replace(worlds.evidence(tmp_path), profile="repository", cluster=None, probes=())
    assert judge(MODULE, named).outcome("policy.enforced").status is Status.PASSED
