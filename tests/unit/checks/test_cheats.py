"""Policies whose answers hold for the samples of a lab alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader import grade
from grader.outcome import Report, Status
from tests import worlds

REFERENCE = next(path for path in worlds.MODULE.solutions if path.name == "1-reference")


def graded(folder: Path, *edits: tuple[str, str]) -> Report:
    text = (REFERENCE / worlds.FOLDER / "verify-providers.yaml").read_text()
    for old, new in edits:
        assert old in text
        text = text.replace(old, new)
    target = folder / worlds.FOLDER / "verify-providers.yaml"
    target.parent.mkdir(parents=True)
    target.write_text(text)
    return grade.judge(worlds.MODULE, worlds.evidence(folder))


def test_a_list_of_the_samples_is_not_every_provider(tmp_path: Path) -> None:
    """Every probe is answered as it must be, and no other provider is looked at."""
    names = sorted({one.image.rpartition(":")[0] for one in worlds.evidence(REFERENCE).probes if ":v" in one.image})
    listed = ", ".join(f'"{name}*"' for name in names if "/provider-" in name)
    report = graded(tmp_path, ('"cgr.dev/chainguard/provider-*"', listed))
    assert report.outcome("policy.images").status is Status.FAILED
    assert "by their names" in report.outcome("policy.images").seen
    assert report.outcome("policy.identity").status is not Status.PASSED


@pytest.mark.parametrize("more", ["preconditions", "celPreconditions"])
def test_a_policy_that_asks_for_dry_runs_cannot_be_told(tmp_path: Path, more: str) -> None:
    condition = {
        "preconditions": "    preconditions: {all: [{key: '{{ request.dryRun }}', operator: Equals, value: true}]}\n",
        "celPreconditions": "    celPreconditions: [{name: dry, expression: 'request.dryRun == true'}]\n",
    }[more]
    report = graded(tmp_path, ("    verifyImages:\n", f"{condition}    verifyImages:\n"))
    assert report.outcome("policy.identity").status is not Status.PASSED
    assert not report.outcome("enforcement.live").points


@pytest.mark.parametrize("solution", worlds.MODULE.solutions, ids=lambda path: path.name)
def test_no_accepted_solution_is_suspected(solution: Path) -> None:
    report = grade.judge(worlds.MODULE, worlds.evidence(solution))
    assert [one.check for one in report.outcomes if one.status is not Status.PASSED] == []
