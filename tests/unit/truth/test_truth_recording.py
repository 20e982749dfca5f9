"""How answers become texts that are the same in every lab, and when a sync counts as ended."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from grader import course
from grader.evidence.lab import Sample
from grader.evidence.model import Answer, ProbeAnswer
from grader.kyverno import oracle
from tests.content.probing import documents
from tests.differential.standins import STAND_INS
from tests.truth import pushed
from tests.truth.entries import entries, probes_digest
from tests.truth.model import Answered, Route, Truth
from tests.truth.words import grouped, of_answer, of_prediction, plain, predict

MODULE = course.read().module("01-chainguard-images")
PROBES = {probe.id: probe for probe in MODULE.exercise.probes}
LAB = {**STAND_INS, "unsigned": Sample("cgr.dev/chainguard/provider-zz9z", "v3.2.1", "sha256:" + "c" * 64)}
REASON = ".attestors[0].entries[0].keyless: no signatures found"


def test_every_solution_and_mutant_is_an_entry() -> None:
    names = [one.name for one in entries()]
    assert len(names) == len(set(names)) == len(MODULE.solutions) + len(MODULE.mutants)


def test_the_description_is_no_part_of_what_is_handed_in() -> None:
    assert all(path.name != "about.yaml" for one in entries() for path in one.files)


def test_a_labs_answer_and_the_oracles_become_the_same_text() -> None:
    policies = oracle.review(documents(MODULE.solutions[0]))
    spec = PROBES["unsigned"]
    predicted = predict(policies, spec, MODULE.exercise)
    words = f"failed to verify image {LAB['unsigned'].reference('tag')}: {REASON}"
    real = ProbeAnswer(spec.id, Answer.DENIED, "", spec.namespace, denials={predicted.policy: {predicted.rule: words}})
    told = of_answer(real, spec, LAB)
    assert told == of_prediction(predicted, spec)
    assert told.denials == {predicted.policy: {predicted.rule: f"failed to verify image <image>: {REASON}"}}


def test_an_unknown_answer_is_never_taken_for_another() -> None:
    spec = PROBES["unsigned"]
    real = ProbeAnswer(spec.id, Answer.UNKNOWN, "", spec.namespace, "i/o timeout")
    assert of_answer(real, spec, LAB) == Answered(answer="unknown", unknown="i/o timeout")


def test_an_image_that_is_not_there_is_a_denial() -> None:
    """A fault to a grader, who must not count it; and yet what Kyverno answers each time."""
    spec = PROBES["unsigned-ephemeral"]
    words = "failed to fetch image reference: a.b/c:d, error: GET https://a.b: MANIFEST_UNKNOWN: manifest unknown; x y"
    real = ProbeAnswer(spec.id, Answer.UNKNOWN, "", spec.namespace, words, denials={"p": {"r": words}})
    assert of_answer(real, spec, LAB).denials == {"p": {"r": "MANIFEST_UNKNOWN: manifest unknown"}}


def test_random_names_digests_and_spaces_go() -> None:
    text = f"image  {LAB['unsigned'].image}@sha256:{'c' * 64}\n is bad"
    assert plain(text, LAB) == f"image {STAND_INS['unsigned'].image}@sha256:… is bad"


def test_moments_and_tries_go() -> None:
    expired = "certificate expired before observed time: 2026-01-01T10:30:24Z is before 2026-01-01T12:20:24Z"
    assert plain(expired, LAB) == "certificate expired before observed time"
    assert plain("refused. Retrying attempt #2 at 1:27PM.", LAB) == "refused."


def test_probes_are_gathered_under_what_became_of_them() -> None:
    denied, admitted = Answered(answer="denied"), Answered(answer="admitted")
    found = grouped([("a", denied), ("b", admitted), ("c", denied)])
    assert [(one.answer, one.probes) for one in found] == [("admitted", ("b",)), ("denied", ("a", "c"))]


def test_what_is_written_is_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    entry = next(entries())
    monkeypatch.setattr("tests.truth.entries.folder", lambda: tmp_path)
    answer = Answered(answer="denied", denials={"p": {"r": "words"}}, probes=("unsigned",))
    by_hand = Route(said={"f.yaml": "created"}, policies={"ClusterPolicy/p": "Ready"}, answers=(answer,))
    truth = Truth(
        kyverno="1.19.1", kubernetes="1", argocd="1", files=entry.digest, probes=probes_digest(entry.module),
        strict=by_hand, pushed=by_hand.model_copy(update={"answers": None}),
    )  # fmt: skip
    assert entry.stale() == "has no record"
    entry.write(truth)
    assert entry.read() == truth
    assert entry.stale() == ""
    assert truth.answers("pushed") == truth.answers("strict")


@pytest.mark.parametrize(
    ("status", "ended"),
    [
        ({"operationState": {"phase": "Succeeded"}, "sync": {"status": "Synced"}}, True),
        ({"operationState": {"phase": "Succeeded"}, "sync": {"status": "OutOfSync"}}, False),
        ({"operationState": {"phase": "Running", "retryCount": 0}}, False),
        ({"operationState": {"phase": "Running", "retryCount": 2}}, True),
        ({"operationState": {"phase": "Failed"}}, True),
        ({"conditions": [{"type": "ComparisonError"}]}, True),
        ({}, False),
    ],
)
def test_when_a_sync_has_ended(status: dict[str, Any], ended: bool) -> None:
    assert pushed._settled(status) is ended


def test_only_the_newest_commit_counts() -> None:
    assert pushed._taken_up({"sync": {"revision": "b", "status": "Synced"}}, "b")
    assert not pushed._taken_up({"sync": {"revision": "a", "status": "Synced"}}, "b")
