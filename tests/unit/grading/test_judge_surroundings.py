"""A fault of the surroundings is never the learner's, and never grants anything."""

from __future__ import annotations

from dataclasses import replace

import pytest

from grader.checks import CHECKS
from grader.checks.context import Context
from grader.evidence.model import Answer, Canary, ProbeAnswer
from grader.grade import judge
from grader.outcome import Status, Verdict
from tests import worlds
from tests.worlds import MODULE

GOOD = worlds.evidence(MODULE.solutions[0])
LIVE = ("policy.scope", "policy.images", "policy.enforced", "policy.identity", "enforcement.live")


@pytest.mark.parametrize("problem", ["trust", "registry", "webhook", "other"])
def test_broken_canary_withholds_and_grants_nothing(problem: str) -> None:
    report = judge(MODULE, replace(GOOD, canary=Canary(False, problem, "x509"), probes=()))
    assert {report.outcome(check).status for check in LIVE} == {Status.ERROR}
    assert not report.conclusive
    assert report.exit_code == 3


def test_broken_trust_names_the_command_that_mends_it() -> None:
    report = judge(MODULE, replace(GOOD, canary=Canary(False, "trust", "x509"), probes=()))
    assert report.outcome("policy.identity").next == "labs trust kyverno"


@pytest.mark.parametrize("probe", ["scope-default", "images-other", "unsigned", "other-issuer", "live-refusal"])
def test_one_probe_without_an_answer_is_no_verdict(probe: str) -> None:
    probes = tuple(
        replace(one, answer=Answer.UNKNOWN, message="timeout") if one.probe == probe else one for one in GOOD.probes
    )
    report = judge(MODULE, replace(GOOD, probes=probes))
    assert not report.conclusive
    assert not any(one.status is Status.FAILED for one in report.outcomes)


def test_a_denial_by_another_policy_does_not_count() -> None:
    def elsewhere(one: ProbeAnswer) -> ProbeAnswer:
        return replace(one, denials=dict(zip(["somebody-else"], one.denials.values(), strict=False)))

    report = judge(MODULE, replace(GOOD, probes=tuple(elsewhere(one) for one in GOOD.probes)))
    assert report.outcome("policy.enforced").status is not Status.PASSED


def test_an_admitted_foreign_identity_fails_identity() -> None:
    admitted = {"verify-provider-images": {"r": "pass"}}
    for spec in (
        spec for spec in MODULE.exercise.probes if spec.check == "policy.identity" and spec.expect == "denied"
    ):
        probes = tuple(
            replace(one, answer=Answer.ADMITTED, denials={}, looked=admitted) if one.probe == spec.id else one
            for one in GOOD.probes
        )
        report = judge(MODULE, replace(GOOD, probes=probes))
        assert report.outcome("policy.identity").status is Status.FAILED, spec.id


def test_a_check_that_raises_is_the_graders_fault() -> None:
    def bug(_: Context) -> Verdict:
        raise ZeroDivisionError

    seen: list[str] = []
    report = judge(MODULE, GOOD, checks={**CHECKS, "policy.scope": bug}, on_crash=lambda check, _: seen.append(check))
    assert report.outcome("policy.scope").status is Status.ERROR
    assert "grader's own fault" in report.outcome("policy.scope").why
    assert seen == ["policy.scope"]


def test_another_version_in_the_cluster_is_not_judged_as_yours() -> None:
    assert GOOD.cluster is not None
    [live] = GOOD.cluster.objects["ClusterPolicy"]
    other = {**live, "spec": {"rules": []}}
    cluster = replace(GOOD.cluster, objects={**GOOD.cluster.objects, "ClusterPolicy": (other,)})
    report = judge(MODULE, replace(GOOD, cluster=cluster))
    assert report.outcome("policy.active").status is Status.FAILED
    assert report.outcome("policy.scope").needs == ("policy.active",)
