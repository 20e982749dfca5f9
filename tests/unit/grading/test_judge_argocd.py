"""What Argo CD's states mean for a mark: the commit that an answer is about counts."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from grader.evidence.model import Evidence
from grader.grade import judge
from grader.outcome import Outcome, Status
from tests import worlds
from tests.worlds import BEFORE, COMMIT, MODULE

GOOD = worlds.evidence(MODULE.solutions[0])
REFUSED = 'admission webhook "validate-policy.kyverno.svc" denied the request: no'


def with_status(**status: Any) -> Evidence:
    assert GOOD.cluster is not None
    [application] = GOOD.cluster.objects["Application"]
    changed = {**application, "status": {**application["status"], **status}}
    return replace(GOOD, cluster=replace(GOOD.cluster, objects={**GOOD.cluster.objects, "Application": (changed,)}))


def synced(**status: Any) -> Outcome:
    return judge(MODULE, with_status(**status)).outcome("argocd.synced")


def test_synced_at_the_head_passes() -> None:
    assert synced().status is Status.PASSED


def test_an_older_revision_names_both_commits() -> None:
    outcome = synced(sync={"status": "Synced", "revision": BEFORE})
    assert outcome.status is Status.FAILED
    assert (COMMIT[:7] in outcome.seen, BEFORE[:7] in outcome.seen) == (True, True)


def test_a_refusal_of_this_commit_is_told_in_argo_cds_words() -> None:
    outcome = synced(operationState={"phase": "Running", "message": REFUSED, "syncResult": {"revision": COMMIT}})
    assert outcome.status is Status.FAILED
    assert "denied the request" in outcome.seen


def test_a_refusal_of_an_earlier_commit_is_not_held_against_this_one() -> None:
    outcome = synced(operationState={"phase": "Running", "message": REFUSED, "syncResult": {"revision": BEFORE}})
    assert outcome.status is Status.FAILED
    assert "denied the request" not in outcome.seen


@pytest.mark.parametrize("status", ["OutOfSync", "Unknown", ""])
def test_not_synced_fails(status: str) -> None:
    assert synced(sync={"status": status, "revision": COMMIT}).status is Status.FAILED


def test_an_unreachable_remote_is_the_surroundings_fault() -> None:
    conditions = [{"type": "ComparisonError", "message": "failed to list refs: connection refused"}]
    outcome = synced(sync={"status": "Unknown", "revision": COMMIT}, conditions=conditions)
    assert outcome.status is Status.ERROR
