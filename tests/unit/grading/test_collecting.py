"""Only what is live is probed, and what is wrong with the surroundings is kept as such."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from grader import collect
from grader.errors import EnvironmentFault
from grader.evidence import canary, cluster, lab, probes, repository
from grader.evidence.canary import Settled
from grader.evidence.lab import LabFacts
from grader.evidence.model import Canary, Evidence
from tests import worlds
from tests.worlds import MODULE

FACTS = LabFacts("default", "kind", "cgr.dev", "git://x", ("argocd", "platform"), "canary")
GOOD = worlds.evidence(MODULE.solutions[0])


class Surroundings:
    """Stands in for all that asks a cluster, and keeps what was asked."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, world: Evidence) -> None:
        self.asked: list[str] = []
        self.facts: Any = FACTS
        self.settled = Settled(True, {"verify-provider-images": "u@1"})
        self.canary = Canary(ok=True)
        self.world = world
        self.later: Any = world.cluster.all("ClusterPolicy") if world.cluster else ()
        monkeypatch.setattr(cluster, "collect", lambda kube: world.cluster)
        monkeypatch.setattr(lab, "read", self._read)
        monkeypatch.setattr(canary, "settle", lambda *_: self._note("settle", self.settled))
        monkeypatch.setattr(canary, "ask", lambda *_: self._note("canary", self.canary))
        monkeypatch.setattr(probes, "run", lambda kube, specs, facts: self._note("probes", world.probes))

    def _read(self, found: object) -> Any:
        if isinstance(self.facts, Exception):
            raise self.facts
        return self.facts

    def _note(self, name: str, answer: Any) -> Any:
        self.asked.append(name)
        return answer

    def collected(self) -> Evidence:
        base = Evidence(MODULE.id, "cluster", "", "0", "0", repository=self.world.repository)
        return collect.with_cluster(base, MODULE.exercise, self)  # type: ignore[arg-type]

    def list(self, path: str) -> Any:
        assert path == "/apis/kyverno.io/v1/clusterpolicies"
        if isinstance(self.later, Exception):
            raise self.later
        return self.later


def test_a_live_policy_is_settled_then_probed(monkeypatch: pytest.MonkeyPatch) -> None:
    found = Surroundings(monkeypatch, GOOD)
    evidence = found.collected()
    assert found.asked == ["settle", "canary", "probes"]
    assert evidence.probed_versions == {"verify-provider-images": "u@1"}
    assert len(evidence.probes) == len(MODULE.exercise.probes)


def test_a_policy_that_was_changed_meanwhile_counts_as_not_probed(monkeypatch: pytest.MonkeyPatch) -> None:
    found = Surroundings(monkeypatch, GOOD)
    [live] = found.later
    found.later = [{**live, "metadata": {**live["metadata"], "generation": 9}}]
    assert found.collected().probed_versions == {}


def test_a_new_status_is_no_change(monkeypatch: pytest.MonkeyPatch) -> None:
    found = Surroundings(monkeypatch, GOOD)
    [live] = found.later
    found.later = [{**live, "metadata": {**live["metadata"], "resourceVersion": "8"}, "status": {}}]
    assert found.collected().probed_versions == {"verify-provider-images": "u@1"}


def test_where_it_cannot_be_told_nothing_counts_as_probed(monkeypatch: pytest.MonkeyPatch) -> None:
    found = Surroundings(monkeypatch, GOOD)
    found.later = EnvironmentFault("no answer")
    assert found.collected().probed_versions == {}


def test_without_a_live_policy_nothing_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    found = Surroundings(monkeypatch, worlds.evidence(None))
    evidence = found.collected()
    assert (found.asked, evidence.canary.ok, evidence.probes) == ([], None, ())


def test_a_kyverno_that_does_not_follow_is_kept_as_the_canarys_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    found = Surroundings(monkeypatch, GOOD)
    found.settled = Settled(False, {}, "Kyverno does not act on the canary policy")
    evidence = found.collected()
    assert (found.asked, evidence.canary.ok, evidence.canary.problem) == (["settle"], False, "webhook")
    assert "does not act" in evidence.canary.message


def test_a_canary_that_is_wrong_stops_the_probes(monkeypatch: pytest.MonkeyPatch) -> None:
    found = Surroundings(monkeypatch, GOOD)
    found.canary = Canary(False, "trust", "x509")
    assert (found.collected().probes, found.asked) == ((), ["settle", "canary"])


def test_a_lab_that_says_nonsense_of_itself_is_kept_as_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    found = Surroundings(monkeypatch, GOOD)
    found.facts = EnvironmentFault("what the lab says of itself cannot be read")
    assert (found.collected().canary.problem, found.asked) == ("missing-lab", [])


def test_a_submission_is_read_with_the_exercises_branch_and_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: dict[str, Any] = {}
    monkeypatch.setattr(repository, "collect", lambda path, **more: seen.update(path=path, **more))
    collect.read_repository(MODULE.exercise, collect.Source(Path("x"), revision="main"))
    assert seen == {
        "path": Path("x"), "revision": "main", "remote": None, "branch": "main", "folder": worlds.FOLDER
    }  # fmt: skip
