"""The canary tells the environment from the learner."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from grader.evidence import canary
from grader.evidence.canary_policy import NAME
from grader.evidence.model import Canary
from grader.kube import Kube
from tests.fake_api import FakeApi, Reply, failure
from tests.fake_kyverno import RULE, UNSIGNED, Kyverno, Time
from tests.lab_records import (
    MISMATCH,
    NO_HOST,
    NO_REGISTRY_TRUST,
    OTHER_AUTHORITY,
    QUOTA,
    TIMED_OUT,
    blocked,
    lab,
)

NOT_LOOKED_AT = Reply(
    201, {"metadata": {}, "spec": {"containers": [{"image": "cgr.dev/chainguard/provider-d7f2:v1.2.3"}]}}
)
PINNED = Reply(201, {"spec": {"containers": [{"image": "cgr.dev/chainguard/provider-d7f2@sha256:ab"}]}})
WIDE = {"mine": {"rule": MISMATCH}}


def asked(api: FakeApi, kube: Kube, **samples: Any) -> Canary:
    api.handle(Kyverno(**samples))
    return canary.ask(kube, lab(), Time().clock)


def test_signed_in_and_unsigned_out_is_well(api: FakeApi, kube: Kube) -> None:
    assert asked(api, kube) == Canary(ok=True)


def test_a_fault_that_passes_is_asked_about_once_more(api: FakeApi, kube: Kube) -> None:
    kyverno, time = Kyverno(away=2), Time()
    api.handle(kyverno)
    assert canary.ask(kube, lab(), time.clock) == Canary(ok=True)
    assert time.slept == [1.0]


def test_a_wrong_answer_is_not_asked_about_again(api: FakeApi, kube: Kube) -> None:
    kyverno, time = Kyverno(signed={NAME: {RULE: MISMATCH}}), Time()
    api.handle(kyverno)
    assert canary.ask(kube, lab(), time.clock).ok is False
    assert (kyverno.markers, time.slept) == (1, [])


def test_a_pinned_image_was_looked_at(api: FakeApi, kube: Kube) -> None:
    assert asked(api, kube, signed=PINNED) == Canary(ok=True)


def test_another_cluster_than_a_lab_has_none(kube: Kube) -> None:
    found = canary.ask(kube, None)
    assert (found.ok, found.problem, found.next) == (None, "missing-lab", "labs up")


def test_a_lab_without_the_two_samples_has_none(kube: Kube) -> None:
    assert canary.ask(kube, replace(lab(), samples={})).problem == "missing-lab"


@pytest.mark.parametrize("signed", [WIDE, failure(400, blocked({"mine": {"rule": NO_HOST}}))])
def test_a_learners_policy_that_reaches_too_far_does_not_spoil_it(api: FakeApi, kube: Kube, signed: Any) -> None:
    assert asked(api, kube, signed=signed, unsigned={**UNSIGNED, **WIDE}) == Canary(ok=True)


@pytest.mark.parametrize(
    ("samples", "problem", "words", "following"),
    [
        ({"signed": {NAME: {RULE: OTHER_AUTHORITY}}}, "trust", "unknown authority", "labs trust kyverno"),
        ({"signed": {NAME: {RULE: "failed to get roots from fulcio: x"}}}, "trust", "fulcio", "labs trust kyverno"),
        ({"unsigned": {NAME: {RULE: NO_REGISTRY_TRUST}}}, "trust", "tls: failed to verify", "labs trust kyverno"),
        ({"unsigned": {NAME: {RULE: NO_HOST}}}, "registry", "no such host", "labs up"),
        ({"unsigned": failure(500, TIMED_OUT)}, "webhook", "deadline exceeded", "kubectl get pods"),
        ({"unsigned": {}}, "webhook", "did not look", "kubectl get pods"),
        ({"signed": NOT_LOOKED_AT}, "webhook", "without looking", "kubectl get pods"),
        ({"signed": failure(403, QUOTA)}, "other", "exceeded quota", "labs doctor"),
        ({"unsigned": WIDE}, "other", "subject mismatch", "labs doctor"),
        ({"unsigned": {NAME: {RULE: "strange"}}}, "other", "strange", "labs doctor"),
        ({"signed": {NAME: {RULE: "strange"}}}, "other", "strange", "labs doctor"),
    ],
)
def test_whose_fault_it_is_and_what_mends_it(
    api: FakeApi, kube: Kube, samples: dict[str, Any], problem: str, words: str, following: str
) -> None:
    found = asked(api, kube, **samples)
    assert (found.ok, found.problem) == (False, problem)
    assert words in found.message
    assert found.next.startswith(following)


def test_an_api_server_that_went_away(api: FakeApi) -> None:
    with api.connect() as kube:
        api.close()
        found = canary.ask(kube, lab())
    assert (found.ok, found.problem) == (False, "other")
    assert "cannot be reached" in found.message
