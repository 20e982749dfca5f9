"""What is waited for and since when; when Argo CD is asked to look; what counts as another view."""

from __future__ import annotations

from dataclasses import replace

import pytest

from grader.grade import judge
from grader.outcome import Outcome, Profile, Report, Status
from labs.learning.live_refresh import AGAIN, TIMES, Refresher
from labs.learning.live_view import View, Waiting
from labs.learning.live_waiting import Tracker
from tests.unit.checks.live_contexts import GOOD, changed
from tests.worlds import BEFORE, MODULE

BEHIND = judge(MODULE, changed("Application", lambda found: found["status"]["sync"].update(revision=BEFORE)))
DONE = judge(MODULE, GOOD)
WORDS = "Argo CD is at bbbbbbbbbb, the remote is at aaaaaaaaaa."


def report(*outcomes: tuple[str, Status, str]) -> Report:
    return Report(
        "m", Profile.CLUSTER, tuple(Outcome(check, 1, status, 0, 1, seen=seen) for check, status, seen in outcomes)
    )


def test_what_follows_by_itself_is_waited_for_since_it_was_first_seen() -> None:
    tracker = Tracker()
    assert tracker.update(BEHIND, (), "", 100.0) == (Waiting("argocd.synced", WORDS, 100.0),)
    assert tracker.update(BEHIND, (), "", 107.0) == (Waiting("argocd.synced", WORDS, 100.0),)
    assert tracker.update(DONE, (), "", 108.0) == ()
    assert tracker.update(BEHIND, (), "", 109.0)[0].since == 109.0
    assert tracker.due is None


def test_probes_that_are_asked_are_waited_for_in_the_reports_order() -> None:
    found = Tracker().update(DONE, {"policy.identity", "policy.scope"}, "40 questions", 5.0)
    assert found == (Waiting("policy.scope", "40 questions", 5.0), Waiting("policy.identity", "40 questions", 5.0))


@pytest.mark.parametrize(("seen", "lasting"), [("it is scaled to 0", 2.0), ("denied the request", 30.0)])
def test_what_only_the_learner_can_change_is_waited_for_until_it_has_lasted(seen: str, lasting: float) -> None:
    tracker, found = Tracker(), report(("argocd.synced", Status.FAILED, seen))
    assert len(tracker.update(found, (), "", 100.0)) == 1
    assert tracker.due == 100.0 + lasting
    assert len(tracker.update(found, (), "", 100.0 + lasting - 0.1)) == 1
    assert tracker.update(found, (), "", 100.0 + lasting) == ()
    assert tracker.due is None


def test_it_counts_anew_when_something_else_was_seen_in_between() -> None:
    tracker, found = Tracker(), report(("argocd.synced", Status.FAILED, "it is scaled to 0"))
    tracker.update(found, (), "", 100.0)
    tracker.update(report(("argocd.synced", Status.FAILED, "Argo CD compares")), (), "", 101.0)
    assert len(tracker.update(found, (), "", 103.0)) == 1
    assert tracker.due == 105.0


@pytest.mark.parametrize("status", [Status.PASSED, Status.BLOCKED, Status.FAILED])
def test_what_waits_for_the_learner_is_not_waited_for(status: Status) -> None:
    assert Tracker().update(report(("policy.present", status, "no file")), (), "", 1.0) == ()


def test_crossplane_is_waited_for_only_while_it_has_not_come_to_an_end() -> None:
    unknown = report(("enforcement.provider", Status.ERROR, "Crossplane is still at it"))
    failed = report(("enforcement.provider", Status.FAILED, "there is no Provider"))
    assert [one.check for one in Tracker().update(unknown, (), "", 1.0)] == ["enforcement.provider"]
    assert Tracker().update(failed, (), "", 1.0) == ()


def test_a_push_has_argo_cd_asked_once_and_then_again_while_it_lags() -> None:
    refresher = Refresher()
    assert not refresher.now("a", False, 0.0)
    assert refresher.now("b", False, 1.0)
    assert not refresher.now("b", True, 1.1)
    assert refresher.due == 1.0 + AGAIN
    assert refresher.now("b", True, 1.0 + AGAIN)
    assert not refresher.now("b", False, 99.0)
    assert refresher.due is None


def test_a_lab_that_lags_when_it_is_first_seen_has_argo_cd_asked() -> None:
    assert Refresher().now("a", True, 0.0)
    assert not Refresher().now("a", False, 0.0)
    assert not Refresher().now(None, True, 0.0)


def test_argo_cd_is_not_asked_for_ever() -> None:
    refresher = Refresher()
    asked = [refresher.now("a", True, second * AGAIN) for second in range(100)]
    assert sum(asked) == TIMES
    assert refresher.due is None
    assert refresher.now("b", True, 5000.0)


def test_another_time_or_provenance_is_no_other_view() -> None:
    first = View(DONE, at=1.0)
    assert first.tells(None)
    assert not View(replace(DONE, provenance={"commit": "x"}), at=2.0).tells(first)
    assert View(BEHIND, at=2.0).tells(first)
    assert View(DONE, mode="away", at=1.0).tells(first)
    assert View(DONE, (Waiting("policy.scope", "x", 1.0),), at=1.0).tells(first)
