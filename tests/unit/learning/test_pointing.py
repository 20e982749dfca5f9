"""Which file of the clone is to be opened, and at which line."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from grader import course as courses
from grader.outcome import Report
from labs.learning import pointing
from labs.learning.fence import Fence
from tests.reports import report

MODULE = courses.read().module("01-chainguard-images")
STEP = MODULE.exercise.steps[1]
FIRST = "verify-providers.yaml"


def placed(states: dict[str, str], **where: str) -> Report:
    """A report whose outcomes (`_` for the dot) have places."""
    found = report(states)
    told = (replace(one, where=where.get(one.check.replace(".", "_"))) for one in found.outcomes)
    return replace(found, outcomes=tuple(told))


def test_the_first_line_that_fails_is_named() -> None:
    states = {"policy.present": "passed", "kyverno.ready": "failed", "policy.valid": "failed", "policy.scope": "failed"}
    found = placed(
        states,
        policy_present="a.yaml:1:1",
        kyverno_ready="Deployment/x",
        policy_valid="b.yaml:7:3",
        policy_scope="c:9:1",
    )
    assert pointing.failing(found) == ("b.yaml", 7)
    assert pointing.failing(found, ("policy.scope",)) == ("c", 9)
    assert pointing.failing(None) is None


def test_without_one_it_is_the_file_that_the_step_is_about(tmp_path: Path) -> None:
    assert pointing.pointed(MODULE, STEP, None, tmp_path) == (FIRST, None)
    inside = tmp_path / "gitops-bootstrap/apps/platform" / FIRST
    inside.parent.mkdir(parents=True)
    inside.write_text("")
    assert pointing.pointed(MODULE, STEP, None, tmp_path) == (str(inside.relative_to(tmp_path)), None)


@pytest.mark.parametrize(
    ("info", "told"),
    [
        ("bash", ("bash", True, False, False)),
        ("sh network refused", ("sh", True, True, True)),
        ("yaml", ("yaml", False, False, False)),
        ("refused bash", ("refused", False, False, False)),
        ("", ("", False, False, False)),
    ],
)
def test_a_fence_says_what_may_be_done_with_its_block(info: str, told: tuple[str, bool, bool, bool]) -> None:
    found = Fence.of(info)
    assert (found.language, found.runnable, found.network, found.refused) == told
