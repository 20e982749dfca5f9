"""Every accepted solution has full marks; every known mistake fails its own checks and no others."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.grade import judge
from grader.outcome import Report, Status
from tests import worlds
from tests.worlds import MODULE


def open_ones(report: Report) -> dict[str, str]:
    return {one.check: one.status.value for one in report.outcomes if one.status is not Status.PASSED}


@pytest.mark.parametrize("solution", MODULE.solutions, ids=lambda path: path.name)
def test_solution(solution: Path) -> None:
    report = judge(MODULE, worlds.evidence(solution))
    assert {one.check: one.seen for one in report.outcomes if one.status is not Status.PASSED} == {}
    assert report.score == report.max_score == 100


@pytest.mark.parametrize("mutant", MODULE.mutants, ids=lambda path: path.name)
def test_mutant(mutant: Path) -> None:
    about = worlds.about(mutant)
    report = judge(MODULE, worlds.evidence(mutant, about.get("action", "push")))
    assert open_ones(report) == about["outcomes"]["cluster"], [o.seen for o in report.outcomes if o.status != "passed"]


@pytest.mark.parametrize("mutant", MODULE.mutants, ids=lambda path: path.name)
def test_every_failure_has_its_four_parts(mutant: Path) -> None:
    report = judge(MODULE, worlds.evidence(mutant, worlds.about(mutant).get("action", "push")))
    for one in report.outcomes:
        if one.status is Status.FAILED:
            assert all((one.expected, one.seen, one.why, one.next)), one


def test_nothing_done_fails_the_first_check_of_each_root() -> None:
    report = judge(MODULE, worlds.evidence(None, kyverno=False))
    failed = [one.check for one in report.outcomes if one.status is Status.FAILED]
    assert failed == ["kyverno.installed", "policy.present"]
    assert {one.status for one in report.outcomes} == {Status.FAILED, Status.BLOCKED}


def test_kyverno_alone_undone_fails_only_its_own() -> None:
    report = judge(MODULE, worlds.evidence(MODULE.solutions[0], kyverno=False))
    assert [one.check for one in report.outcomes if one.status is Status.FAILED] == ["kyverno.installed"]
