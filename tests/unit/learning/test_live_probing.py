"""Probes are asked once for each state of the cluster, one round at a time, beside everything else."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from grader.collect import written
from grader.errors import EnvironmentFault
from grader.evidence.model import Answer, Canary, Evidence
from labs.learning import live_probing
from labs.learning.live_mark import mark
from labs.learning.live_probing import NOTHING, Answers, Prober
from tests import worlds
from tests.unit.checks.live_contexts import GOOD, changed, with_objects
from tests.worlds import MODULE

EXERCISE = MODULE.exercise
STATE = mark(GOOD, EXERCISE)


def policy(change: Callable[[dict[str, Any]], Any]) -> Evidence:
    return changed("ClusterPolicy", change)


def annotated(key: str, value: str) -> Evidence:
    return policy(lambda found: found["metadata"]["annotations"].update({key: value}))


@pytest.mark.parametrize(
    "other",
    [
        policy(lambda found: found["spec"].update(background=False)),
        policy(lambda found: found["metadata"].update(generation=9)),
        annotated("pod-policies.kyverno.io/autogen-controllers", "none"),
        policy(lambda found: found["status"]["conditions"][0].update(status="False")),
        policy(lambda found: found["metadata"].update(deletionTimestamp="2026-01-01T00:00:00Z")),
        changed("Namespace", lambda found: found["metadata"]["labels"].update(team="x")),
        changed("Deployment", lambda found: found["status"].update(availableReplicas=0)),
        changed("MutatingWebhookConfiguration", lambda found: found.update(webhooks=[{"name": "x"}])),
        with_objects("Policy", [{"metadata": {"name": "p", "namespace": "n"}, "spec": {}}]),
    ],
)  # fmt: skip
def test_what_answers_rest_on_makes_another_mark(other: Evidence) -> None:
    assert mark(other, EXERCISE) not in ("", STATE)


@pytest.mark.parametrize(
    "same",
    [
        policy(lambda found: found["metadata"].update(resourceVersion="99")),
        annotated("kubectl.kubernetes.io/last-applied-configuration", "{}"),
        changed("Application", lambda found: found["status"].update(reconciledAt="now")),
        changed("Deployment", lambda found: found["metadata"]["labels"].update(a="b")),
    ],
)  # fmt: skip
def test_what_they_do_not_rest_on_makes_the_same(same: Evidence) -> None:
    assert mark(same, EXERCISE) == STATE


def test_the_canarys_own_changes_are_no_reason_to_ask_again() -> None:
    canary = {"metadata": {"name": "platform-labs-canary", "generation": 1}, "spec": {}}
    live = [*GOOD.cluster.all("ClusterPolicy")] if GOOD.cluster else []
    assert mark(with_objects("ClusterPolicy", [*live, canary]), EXERCISE) == STATE


def test_without_a_policy_of_the_learners_nothing_is_asked() -> None:
    assert mark(worlds.evidence(None), EXERCISE) == ""
    assert mark(replace(GOOD, cluster=None), EXERCISE) == ""


@dataclass
class World:
    """Stands in for the probes: a round takes until `go` is set."""

    rounds: list[str] = field(default_factory=list)
    outcome: Any = None
    go: threading.Event = field(default_factory=threading.Event)
    began: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    ended: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))

    def ask(self, evidence: Evidence, exercise: object, kube: object, clock: object) -> Evidence:
        self.rounds.append(mark(evidence, EXERCISE))
        self.began.release()
        assert self.go.wait(10)
        if isinstance(self.outcome, Exception):
            raise self.outcome
        return self.outcome or evidence


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[World, Prober]]:
    found = World()
    monkeypatch.setattr(live_probing, "with_answers", found.ask)
    monkeypatch.setattr(live_probing, "QUIET", 0.001)
    prober = Prober(EXERCISE, lambda: found.ended.release())
    prober.start()
    yield found, prober
    found.go.set()
    prober.stop()
    prober.join(5)


KUBE: Any = object()


def test_a_round_is_asked_once_and_then_holds(world: tuple[World, Prober]) -> None:
    found, prober = world
    found.go.set()
    assert prober.wanted(GOOD, KUBE) is None
    assert prober.since
    assert found.ended.acquire(timeout=10)
    answers = prober.wanted(GOOD, KUBE)
    assert answers is not None
    assert (answers.probes, answers.mark, found.rounds) == (GOOD.probes, STATE, [STATE])
    assert prober.since is None


def test_while_a_round_runs_no_other_one_of_the_same_state_begins(world: tuple[World, Prober]) -> None:
    found, prober = world
    prober.wanted(GOOD, KUBE)
    assert found.began.acquire(timeout=10)
    assert prober.wanted(GOOD, KUBE) is None
    found.go.set()
    assert found.ended.acquire(timeout=10)
    assert prober.wanted(GOOD, KUBE) is not None
    assert found.rounds == [STATE]


def test_a_policy_that_changes_meanwhile_is_asked_about_after_the_round(world: tuple[World, Prober]) -> None:
    found, prober = world
    other = policy(lambda live: live["metadata"].update(generation=9))
    prober.wanted(GOOD, KUBE)
    assert found.began.acquire(timeout=10)
    prober.wanted(other, KUBE)
    found.go.set()
    assert found.ended.acquire(timeout=10)
    assert found.ended.acquire(timeout=10)
    assert found.rounds == [STATE, mark(other, EXERCISE)]
    assert prober.wanted(other, KUBE) is not None
    assert prober.wanted(GOOD, None) is None


def test_asked_again_the_old_answers_hold_until_the_new_ones_are_there(world: tuple[World, Prober]) -> None:
    found, prober = world
    found.go.set()
    prober.wanted(GOOD, KUBE)
    assert found.ended.acquire(timeout=10)
    prober.again()
    assert prober.wanted(GOOD, KUBE) is not None
    assert found.ended.acquire(timeout=10)
    assert len(found.rounds) == 2


@pytest.mark.parametrize(
    ("error", "words"), [(EnvironmentFault("no answer"), "no answer"), (KeyError("x"), "KeyError")]
)
def test_a_round_that_breaks_off_is_told_and_tried_later(
    world: tuple[World, Prober], error: Exception, words: str
) -> None:
    found, prober = world
    found.outcome = error
    found.go.set()
    prober.wanted(GOOD, KUBE)
    assert found.ended.acquire(timeout=10)
    answers = prober.wanted(GOOD, KUBE)
    assert answers is not None
    assert words in answers.canary.message
    assert answers.doubtful
    assert prober.retry_after() == 5.0


def test_nothing_to_ask_is_an_answer(world: tuple[World, Prober]) -> None:
    assert world[1].wanted(worlds.evidence(None), KUBE) is NOTHING
    assert world[0].rounds == []


def test_only_the_surroundings_make_answers_doubtful() -> None:
    good = Answers("m", Canary(True), GOOD.probes)
    unknown = replace(GOOD.probes[0], answer=Answer.UNKNOWN)
    assert not good.doubtful
    assert replace(good, probes=(unknown,)).doubtful
    assert not replace(good, probes=(replace(unknown, attempts=0),)).doubtful
    assert not replace(good, canary=Canary(None, "missing-lab")).doubtful
    assert replace(good, canary=Canary(False, "trust")).doubtful


def test_a_policy_counts_as_probed_in_its_present_version_while_its_spec_is_the_one_asked() -> None:
    [live] = GOOD.cluster.all("ClusterPolicy") if GOOD.cluster else []
    name = live["metadata"]["name"]
    answers = Answers("m", Canary(True), (), {name: written(live)})
    newer = policy(lambda found: found["metadata"].update(resourceVersion="99"))
    edited = policy(lambda found: found["metadata"].update(generation=9))
    assert answers.within(newer).probed_versions == {name: f"{live['metadata']['uid']}@99"}
    assert answers.within(edited).probed_versions == {}
