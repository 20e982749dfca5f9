"""One check opened: every probe of it with question, answer, line and command."""

from __future__ import annotations

from dataclasses import replace

import pytest

from grader.errors import UsageError
from grader.evidence.model import Evidence
from grader.grade import judge
from grader.outcome import SIMULATED
from grader.report import explain
from tests import worlds
from tests.worlds import MODULE

GOOD = worlds.evidence(MODULE.solutions[0])


def written(check: str, evidence: Evidence = GOOD) -> str:
    return explain.write(check, judge(MODULE, evidence), evidence, MODULE.exercise)


def test_each_probe_has_a_paragraph() -> None:
    told = written("policy.enforced")
    probes = [spec.id for spec in MODULE.exercise.probes if spec.check == "policy.enforced"]
    assert [line.partition(":")[0] for line in told.splitlines() if ": as expected:" in line] == probes


def test_a_paragraph_says_question_answer_line() -> None:
    paragraph = written("policy.enforced").split("\n\n")[1]
    assert "asked     a Pod in crossplane-system with cgr.dev/chainguard/provider-unsigned" in paragraph
    assert "denied by verify-provider-images/signed-by-the-release-pipeline" in paragraph
    assert "line      gitops-bootstrap/apps/platform/verify-providers.yaml:" in paragraph


def test_a_simulated_cluster_is_named_so() -> None:
    assert GOOD.cluster
    simulated = replace(GOOD, cluster=replace(GOOD.cluster, simulated=True))
    head = written("policy.scope", simulated).split("\n\n")[0]
    assert " ".join(head.split()).endswith(f"note {SIMULATED}")
    assert SIMULATED not in written("policy.scope")


def test_what_is_not_as_expected_stands_out() -> None:
    mutant = next(path for path in MODULE.mutants if path.name == "10-no-namespace")
    told = written("policy.scope", worlds.evidence(mutant))
    assert "scope-default: NOT as expected: the policy leaves a Pod in default alone" in told
    assert "scope-inside: as expected" in told


def test_predictions_are_named_so() -> None:
    evidence = replace(GOOD, profile="repository", cluster=None, probes=())
    assert "(predicted by a model of Kyverno)" in written("policy.scope", evidence)


def test_a_check_without_probes_says_so() -> None:
    assert "No probe speaks for this check" in written("kyverno.ready")


def test_without_a_live_policy_the_probes_say_nothing() -> None:
    assert "The probes say nothing yet" in written("policy.scope", worlds.evidence(None))


def test_a_check_that_the_profile_does_not_ask_is_refused_by_name() -> None:
    evidence = replace(GOOD, profile="repository", cluster=None, probes=())
    with pytest.raises(UsageError, match=r"does not ask argocd\.synced"):
        written("argocd.synced", evidence)
