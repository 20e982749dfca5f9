"""Module 01 on a real cluster, graded between the steps as a learner takes them."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader import course
from tests.journeys.learner import MODULE, Learner, not_passed, statuses

REFERENCE, *OTHERS = course.read().module(MODULE).solutions
BEHAVIOUR = ("policy.scope", "policy.images", "policy.identity", "policy.enforced")


def test_first_evening(at_the_start: Learner) -> None:
    """Every task left undone fails only its own checks; at the end all is proved."""
    learner = at_the_start
    report = statuses(learner.grade(wait=""))
    assert report["kyverno.installed"] == "failed"
    assert report["policy.present"] == "failed"
    assert set(report.values()) == {"failed", "blocked"}
    assert [check for check, status in report.items() if status == "failed"] == ["kyverno.installed", "policy.present"]

    learner.take_step(0)
    report = statuses(learner.grade(wait=""))
    assert (report["kyverno.installed"], report["kyverno.ready"]) == ("passed", "passed")
    assert [check for check, status in report.items() if status == "failed"] == ["policy.present"]

    learner.lay(REFERENCE)
    report = statuses(learner.grade(wait=""))
    assert [check for check, status in report.items() if status == "failed"] == ["repository.committed"]
    assert (report["policy.valid"], report["repository.path"]) == ("passed", "passed")

    learner.commit("Verify provider images")
    report = statuses(learner.grade(wait=""))
    assert [check for check, status in report.items() if status == "failed"] == ["repository.pushed"]

    learner.push()
    assert not_passed(learner.grade()) == {"enforcement.provider": "failed"}

    learner.try_providers()
    final = learner.grade()
    assert not_passed(final) == {}
    assert final["score"] == final["max_score"] == 100
    assert final["conclusive"] is True


def test_an_unsigned_provider_from_before(with_kyverno: Learner) -> None:
    """What was let in before the policy is told from what the policy refuses, and the named command mends it."""
    learner = with_kyverno
    learner.start_over()
    learner.try_providers()
    learner.shell("kubectl wait --for=condition=Healthy --timeout=2m provider/trial-signed provider/trial-unsigned")
    learner.lay(REFERENCE)
    learner.commit("Verify provider images after all")
    learner.push()
    report = learner.grade()
    assert not_passed(report) == {"enforcement.provider": "failed"}
    learner.shell(next(one["next"] for one in report["outcomes"] if one["check"] == "enforcement.provider"))
    learner.take_command("metadata: {name: trial-unsigned}")
    assert not_passed(learner.grade()) == {}


@pytest.mark.parametrize("solution", OTHERS, ids=lambda path: path.name)
def test_accepted_solution(with_kyverno: Learner, solution: Path) -> None:
    """Every accepted spelling has full marks."""
    learner = with_kyverno
    learner.lay(solution)
    learner.commit(f"Try {solution.name}")
    learner.push()
    learner.shell("kubectl delete providers.pkg.crossplane.io --all --wait")
    assert not_passed(learner.grade()) == {"enforcement.provider": "failed"}
    learner.try_providers()
    report = learner.grade()
    assert {o["check"]: o["seen"] for o in report["outcomes"] if o["status"] != "passed"} == {}
