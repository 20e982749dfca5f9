"""A Kyverno that was changed is waited for until nobody else answers in its place."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from labs.cluster.kubectl import Kubectl
from labs.errors import CommandFailed
from labs.platform import kyverno_running
from tests.lab_records import NO_ADDRESS
from tests.unit.labs.fakes import Answer, FakeRunner, failed

LABELS = {"app.kubernetes.io/part-of": "kyverno"}
DEPLOYMENT = {"metadata": {"name": "kyverno-admission-controller", "labels": LABELS}}
OLD = {"metadata": {"name": "old", "labels": LABELS, "deletionTimestamp": "2026-11-30T10:00:00Z"}}
OTHER = {"metadata": {"name": "other", "deletionTimestamp": "2026-11-30T10:00:00Z"}}
NEW = {"metadata": {"name": "new", "labels": LABELS}}


def kubectl(
    folder: Path, pods: list[list[object]], questions: list[Answer] | None = None
) -> tuple[Kubectl, FakeRunner]:
    """What stands in the namespace with each look, and what becomes of each question; the last ones stay."""

    def items(looks: Iterator[list[object]]) -> Answer:
        return lambda _: json.dumps({"items": next(looks)})

    def answer(left: list[Answer]) -> Answer:
        def give(_: list[str]) -> str:
            said = left.pop(0) if len(left) > 1 else left[0]
            if isinstance(said, BaseException):
                raise said
            assert isinstance(said, str)
            return said

        return give

    runner = FakeRunner(
        folder,
        {
            "get deployments": json.dumps({"items": [DEPLOYMENT, OTHER]}),
            "get pods": items(iter(pods)),
            "create --dry-run=server": answer(questions or [""]),
        },
    )
    return Kubectl(runner, folder / "kubeconfig"), runner


def test_all_of_kyvernos_deployments_have_to_be_rolled_out(tmp_path: Path) -> None:
    found, runner = kubectl(tmp_path, [[NEW]])
    kyverno_running.wait(found, "kyverno")
    assert [line for line in runner.asked if "rollout" in line] == [
        f"kubectl --kubeconfig {tmp_path}/kubeconfig rollout status deployment/kyverno-admission-controller "
        "-n kyverno --timeout=240s"
    ]
    assert runner.paused == 0


def test_a_pod_that_goes_is_waited_for(tmp_path: Path) -> None:
    found, runner = kubectl(tmp_path, [[OLD, NEW], [OLD, NEW], [NEW, OTHER]])
    kyverno_running.wait(found, "kyverno")
    assert runner.paused == 2


def test_it_is_asked_until_it_answers(tmp_path: Path) -> None:
    found, runner = kubectl(tmp_path, [[NEW]], [failed(NO_ADDRESS), failed(NO_ADDRESS), ""])
    kyverno_running.wait(found, "kyverno")
    assert runner.paused == 2


def test_another_refusal_is_an_answer(tmp_path: Path) -> None:
    found, runner = kubectl(tmp_path, [[NEW]], [failed("denied the request: a policy of yours")])
    kyverno_running.wait(found, "kyverno")
    assert runner.paused == 0


def test_what_never_answers_is_left_to_the_grader(tmp_path: Path) -> None:
    found, runner = kubectl(tmp_path, [[NEW]], [failed(NO_ADDRESS)])
    kyverno_running.wait(found, "kyverno")
    assert runner.paused == 60


BUSY = "Error from server: etcdserver: request timed out"


def test_what_a_busy_server_says_is_asked_again(tmp_path: Path) -> None:
    found, runner = kubectl(tmp_path, [[NEW]], [failed(BUSY), failed(BUSY), "created"])
    assert found.run("create", "--dry-run=server") == "created"
    assert runner.paused == 2


@pytest.mark.parametrize(("said", "paused"), [(BUSY, 2), ("denied", 0)])
def test_what_lasts_is_raised(tmp_path: Path, said: str, paused: int) -> None:
    found, runner = kubectl(tmp_path, [[NEW]], [failed(said)])
    with pytest.raises(CommandFailed):
        found.run("create", "--dry-run=server")
    assert runner.paused == paused
