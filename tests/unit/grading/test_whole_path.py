"""From an untouched lab to full marks: the real command line, over HTTPS, on a simulated cluster."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from grader.cli import grader
from grader.console import run
from tests.sim_lab import MODULE, Lab, sim_lab


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    with sim_lab(tmp_path_factory.mktemp("lab")) as found:
        yield found


def grade(lab: Lab, capsys: pytest.CaptureFixture[str], *more: str) -> tuple[int, dict[str, Any]]:
    """Exit code and report of `grader grade`, as a learner would run it."""
    options = ["--repo", lab.clone.path, "--remote", lab.remote, "--kubeconfig", lab.server.kubeconfig]
    code = run(grader, ["grade", MODULE.id, *map(str, options), "--format", "json", *more], program="grader")
    return code, json.loads(capsys.readouterr().out)


def open_ones(report: dict[str, Any]) -> dict[str, str]:
    return {one["check"]: one["status"] for one in report["outcomes"] if one["status"] != "passed"}


def test_an_evening(lab: Lab, capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing done; Kyverno alone; everything; then a mistake."""
    code, report = grade(lab, capsys)
    assert code == 1
    assert [check for check, status in open_ones(report).items() if status == "failed"] == [
        "kyverno.installed", "policy.present"
    ]  # fmt: skip

    lab.kyverno()
    code, report = grade(lab, capsys, "--wait", "20s")
    assert [check for check, status in open_ones(report).items() if status == "failed"] == ["policy.present"]

    lab.push(MODULE.solutions[0])
    code, report = grade(lab, capsys, "--wait", "20s")
    assert (code, open_ones(report), report["score"]) == (1, {"enforcement.provider": "failed"}, 93)

    lab.providers("signed", "unsigned")
    code, report = grade(lab, capsys, "--wait", "20s")
    assert (code, open_ones(report), report["score"]) == (0, {}, 100)
    assert report["provenance"]["simulated"] is True
    assert any("simulated" in note for note in report["notes"])
    assert not any("model of Kyverno expected" in note for one in report["outcomes"] for note in one["notes"])

    mutant = next(path for path in MODULE.mutants if path.name == "10-no-namespace")
    lab.push(mutant)
    code, report = grade(lab, capsys, "--wait", "20s")
    assert (code, open_ones(report)) == (
        1, {"policy.scope": "failed", "enforcement.live": "blocked", "enforcement.provider": "blocked"}
    )  # fmt: skip
