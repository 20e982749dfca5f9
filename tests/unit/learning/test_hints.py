"""Tiers of help, on the real course's steps."""

import pytest

from grader import course as courses
from grader.course import Step
from labs.learning.hints import LONG, SOON, asked, failing, hints
from tests.reports import report


@pytest.fixture(scope="module")
def step() -> Step:
    """Four general hints are not tied to a check, three are."""
    found = courses.read().module("01-chainguard-images").exercise.steps
    return next(one for one in found if one.id == "verify-providers")


def of(step: Step, check: str | None) -> list[str]:
    return [hint.text for hint in step.hints if hint.check == check]


FAILS = report({"policy.images": "passed", "policy.enforced": "failed", "policy.identity": "failed"})
PASSES = report({"policy.images": "passed", "policy.enforced": "passed", "policy.identity": "passed"})


def test_nothing_is_shown_unasked(step: Step) -> None:
    found = hints(step, FAILS, 0, LONG * 2)
    assert (found.visible, found.more, found.chosen_for) == ((), True, "policy.enforced")


def test_after_the_first_comes_that_of_the_failing_check(step: Step) -> None:
    general = of(step, None)
    expected = (general[0], *of(step, "policy.enforced"), *general[1:])
    assert hints(step, FAILS, 99).visible == expected
    assert hints(step, FAILS, 2).visible == expected[:2]
    assert not hints(step, FAILS, 99).more


def test_without_a_grading_only_the_general_ones_are_there(step: Step) -> None:
    assert hints(step, None, 99).visible == tuple(of(step, None))


def test_asking_opens_one_more(step: Step) -> None:
    assert [asked(step, FAILS, shown, 10.0) for shown in (0, 1, 2, 3, 4, 9)] == [1, 2, 3, 4, 4, 4]


def test_after_a_while_asking_leads_to_the_failing_check_and_later_to_all(step: Step) -> None:
    assert asked(step, FAILS, 0, SOON) == 2
    assert asked(step, FAILS, 2, SOON) == 3
    assert asked(step, None, 0, SOON) == 1
    assert asked(step, FAILS, 0, LONG) == 4


def test_who_is_done_may_read_all_general_ones(step: Step) -> None:
    found = hints(step, PASSES, 0)
    assert (found.visible, found.more, found.chosen_for) == (tuple(of(step, None)), False, None)


def test_a_blocked_check_is_one_to_help_with(step: Step) -> None:
    assert failing(step, report({"policy.images": "blocked"})) == "policy.images"
