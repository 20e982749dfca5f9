"""How answers become texts that are the same in every lab, and when a sync counts as ended."""

from __future__ import annotations

from typing import Any

import pytest

from grader import course
from grader.evidence.lab import Sample
from grader.evidence.model import Answer, ProbeAnswer
from grader.kyverno import oracle
from tests.content.probing import documents
from tests.differential.standins import STAND_INS
from tests.truth import pushed
from tests.truth.entries import entries
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
    text = of_answer(real, spec, LAB)
    assert text == of_prediction(predicted, spec)
    assert text.endswith(f"failed to verify image <image>: {REASON}")


def test_an_unknown_answer_is_never_taken_for_another() -> None:
    spec = PROBES["unsigned"]
    real = ProbeAnswer(spec.id, Answer.UNKNOWN, "", spec.namespace, "i/o timeout")
    assert of_answer(real, spec, LAB) == "unknown: i/o timeout"


def test_random_names_digests_and_spaces_go() -> None:
    text = f"image  {LAB['unsigned'].image}@sha256:{'c' * 64}\n is bad"
    assert plain(text, LAB) == f"image {STAND_INS['unsigned'].image}@sha256:… is bad"


def test_probes_are_gathered_under_what_became_of_them() -> None:
    pairs = [("a", "denied"), ("b", "admitted"), ("c", "denied")]
    assert grouped(pairs) == {"admitted": ("b",), "denied": ("a", "c")}


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
