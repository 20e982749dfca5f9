"""Waiting goes on while something follows by itself, and ends as soon as nothing can."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

from grader import collect
from grader.collect import Source
from grader.commands.waiting import Waiting, seconds
from grader.errors import UsageError
from grader.evidence.model import Evidence
from grader.kube import Unreachable
from tests import worlds
from tests.unit.checks.live_contexts import GOOD, changed, with_objects
from tests.worlds import BEFORE, COURSE, MODULE

LAGGING = changed("Application", lambda found: found["status"]["sync"].update(revision=BEFORE))
UNPUSHED = worlds.evidence(MODULE.solutions[0], "unpushed")
ELSEWHERE = changed("Application", lambda found: found["status"].update(resources=[]))
REFUSED = changed(
    "Application",
    lambda found: found["status"]["operationState"].update(
        phase="Running", message='admission webhook "validate-policy.kyverno.svc" denied the request: keyless'
    ),
)
STARTING = with_objects("MutatingWebhookConfiguration", [])


@dataclass
class World:
    """A cluster that passes from one state to the next with each look, which takes some seconds.

    Its clock stands still but for these and for pauses.
    """

    states: Sequence[Evidence | Exception]
    takes: float = 0.0
    time: float = 0.0
    looks: int = 0
    told: list[str] = field(default_factory=list)
    patched: list[str] = field(default_factory=list)

    def look(self, *_: object) -> Evidence:
        self.looks += 1
        self.time += self.takes
        found = self.states[min(self.looks, len(self.states)) - 1]
        if isinstance(found, Exception):
            raise found
        return found

    def patch(self, path: str, body: Any, kind: str) -> None:
        assert body == {"metadata": {"annotations": {"argocd.argoproj.io/refresh": "normal"}}}
        self.patched.append(path)

    def sleep(self, seconds: float) -> None:
        self.time += seconds

    def wait(self, monkeypatch: pytest.MonkeyPatch, patience: float) -> Evidence:
        monkeypatch.setattr(collect, "collect", self.look)
        waiting = Waiting(
            COURSE, MODULE, Source(MODULE.folder), self, self.told.append, now=lambda: self.time, sleep=self.sleep  # type: ignore[arg-type]
        )  # fmt: skip
        return waiting.collected(patience)


def test_without_patience_one_look_is_all(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World([LAGGING])
    assert (world.wait(monkeypatch, 0), world.looks, world.patched) == (LAGGING, 1, [])


def test_it_waits_for_argo_cd_asks_it_to_look_and_says_so_once(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World([LAGGING, LAGGING, GOOD])
    assert world.wait(monkeypatch, 300) is GOOD
    assert world.told == ["waiting for argocd.synced: Argo CD is at bbbbbbbbbb, the remote is at aaaaaaaaaa."]
    assert world.patched == ["/apis/argoproj.io/v1alpha1/namespaces/argocd/applications/platform"] * 2


@pytest.mark.parametrize("evidence", [GOOD, UNPUSHED], ids=["all-passed", "not-pushed"])
def test_it_stops_at_once_where_waiting_changes_nothing(monkeypatch: pytest.MonkeyPatch, evidence: Evidence) -> None:
    world = World([evidence])
    assert (world.wait(monkeypatch, 300), world.looks) == (evidence, 1)


def test_it_waits_for_kyverno(monkeypatch: pytest.MonkeyPatch) -> None:
    assert World([STARTING, GOOD]).wait(monkeypatch, 300) is GOOD


def test_what_stays_wrong_ends_after_two_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World([ELSEWHERE])
    world.wait(monkeypatch, 300)
    assert world.time == 2


def test_a_slow_look_makes_nothing_last(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World([ELSEWHERE, GOOD], takes=5.0)
    assert world.wait(monkeypatch, 300) is GOOD


def test_a_cluster_that_is_out_of_reach_for_a_moment_is_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World([LAGGING, Unreachable("no answer"), GOOD])
    assert world.wait(monkeypatch, 300) is GOOD


@pytest.mark.parametrize("states", [[], [LAGGING]], ids=["from the start", "to the end"])
def test_a_cluster_that_stays_out_of_reach_is_told(monkeypatch: pytest.MonkeyPatch, states: list[Evidence]) -> None:
    world = World([*states, Unreachable("no answer")])
    with pytest.raises(Unreachable):
        world.wait(monkeypatch, 10)
    assert world.time == 10 * len(states)


def test_the_refusal_of_an_earlier_commit_is_waited_out(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World([REFUSED] * 12 + [GOOD])
    assert world.wait(monkeypatch, 300) is GOOD


def test_a_refusal_that_stays_ends_the_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World([REFUSED])
    world.wait(monkeypatch, 300)
    assert world.time == 30


def test_patience_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World([LAGGING])
    assert world.wait(monkeypatch, 4.5) is LAGGING
    assert world.time == pytest.approx(4.5)


@pytest.mark.parametrize(("text", "expected"), [("90s", 90), ("5m", 300), ("1h", 3600), ("7", 7), ("1.5m", 90)])
def test_times(text: str, expected: float) -> None:
    assert seconds(text) == expected


@pytest.mark.parametrize("text", ["", "soon", "-5s", "5 m", "1e9", "9999999s"])
def test_what_is_no_time(text: str) -> None:
    with pytest.raises(UsageError, match=f"--wait “{text}” is no time"):
        seconds(text)
