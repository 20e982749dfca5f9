"""Putting probes to a cluster: side by side, once more where it helps, and never raising."""

from __future__ import annotations

from typing import Any

import pytest

from grader.course import ProbeSpec
from grader.evidence import probes
from grader.evidence.lab import LabFacts
from grader.evidence.model import Answer, ProbeAnswer
from grader.evidence.probes import NOT_ASKED
from grader.kube import Kube
from tests.fake_api import FakeApi, Reply, Request, failure
from tests.lab_records import NO_ADDRESS, NO_HOST, NO_SIGNATURE, QUOTA, TIMED_OUT, blocked, lab, scoped

PODS = "/api/v1/namespaces/crossplane-system/pods"
EPHEMERAL = f"{PODS}/crossplane-1/ephemeralcontainers"


def run(kube: Kube, specs: list[ProbeSpec], facts: LabFacts, concurrency: int = 8) -> tuple[ProbeAnswer, ...]:
    """Puts probes; no time goes by."""
    return probes.run(kube, specs, facts, concurrency=concurrency, sleep=lambda _: None)


def spec(name: str = "p", **changes: Any) -> ProbeSpec:
    values = {"id": name, "check": "c", "sample": "unsigned", "namespace": "crossplane-system", "expect": "denied"}
    return ProbeSpec(**{**values, **changes})


def denied(reason: str = NO_SIGNATURE) -> Reply:
    return failure(400, blocked({"mine": {"rule": reason}}))


def admitted(request: Request) -> Reply:
    """As Kyverno admits a signed image: pinned, and marked."""
    image = f"{request.body['spec']['containers'][0]['image']}@sha256:{'a' * 64}"
    marks = scoped({"/mine": {"rule": {image: "pass"}}})
    return Reply(201, {**request.body, "metadata": {"annotations": marks}, "spec": {"containers": [{"image": image}]}})


def test_an_admission_tells_what_was_looked_at(api: FakeApi, kube: Kube) -> None:
    api.handle(admitted)
    (answer,) = run(kube, [spec(sample="signed")], lab())
    assert (answer.answer, answer.looked) == (Answer.ADMITTED, {"mine": {"rule": "pass"}})
    assert answer.image == "cgr.dev/chainguard/provider-d7f2:v1.2.3"
    assert answer.images == (f"{answer.image}@sha256:{'a' * 64}",)
    assert answer.attempts == 1
    assert answer.milliseconds >= 0


def test_a_denial_keeps_question_and_words(api: FakeApi, kube: Kube) -> None:
    api.answer("POST", PODS, denied())
    (answer,) = run(kube, [spec()], lab())
    assert (answer.answer, answer.denials) == (Answer.DENIED, {"mine": {"rule": NO_SIGNATURE}})
    assert answer.question == api.requests[0].body
    assert answer.message.startswith("admission webhook")


def test_nothing_is_ever_created(api: FakeApi, kube: Kube) -> None:
    api.answer("GET", PODS, {"items": [{"metadata": {"name": "crossplane-1"}, "status": {"phase": "Running"}}]})
    places = ("container", "second", "init", "ephemeral")
    run(kube, [*(spec(place, where=place) for place in places), spec("d", kind="Deployment")], lab())
    written = [request for request in api.requests if request.method != "GET"]
    assert len(written) == 5
    assert all(request.query["dryRun"] == "All" for request in written)


def test_answers_come_in_the_order_of_the_probes(api: FakeApi, kube: Kube) -> None:
    api.answer("POST", PODS, denied())
    names = [f"p{number}" for number in range(20)]
    assert [answer.probe for answer in run(kube, [spec(name) for name in names], lab())] == names


def test_an_ephemeral_container_goes_to_a_running_pod(api: FakeApi, kube: Kube) -> None:
    api.answer("GET", PODS, {"items": [{"metadata": {"name": "crossplane-1"}, "status": {"phase": "Running"}}]})
    api.answer("PATCH", EPHEMERAL, denied())
    (answer,) = run(kube, [spec(where="ephemeral")], lab())
    assert answer.answer is Answer.DENIED
    (patch,) = [request for request in api.requests if request.method == "PATCH"]
    assert patch.headers["content-type"] == ["application/strategic-merge-patch+json"]


def test_pods_are_looked_for_once_a_namespace(api: FakeApi, kube: Kube) -> None:
    api.answer("GET", PODS, {"items": []})
    answers = run(kube, [spec("a", where="ephemeral"), spec("b", where="ephemeral")], lab())
    assert [(answer.answer, answer.attempts) for answer in answers] == [(Answer.UNKNOWN, 0)] * 2
    assert "no Pod runs" in answers[0].message
    assert len(api.requests) == 1


def test_a_sample_that_the_lab_has_not_is_unknown(api: FakeApi, kube: Kube) -> None:
    (answer,) = run(kube, [spec(sample="forged-log")], lab())
    assert answer.answer is Answer.UNKNOWN
    assert "forged-log" in answer.message
    assert api.requests == []


def test_crossplane_asks_as_itself(api: FakeApi, kube: Kube) -> None:
    run(kube, [spec(identity="crossplane", kind="Deployment")], lab())
    user = api.requests[0].headers["impersonate-user"]
    assert user == ["system:serviceaccount:crossplane-system:crossplane"]


@pytest.mark.parametrize("first", [failure(500, TIMED_OUT), denied(NO_HOST), Reply(503, {}), Reply(raw=b"nonsense")])
def test_a_passing_fault_is_asked_once_more(api: FakeApi, kube: Kube, first: Reply) -> None:
    replies = [first, first, denied()] if first.status == 503 else [first, denied()]
    api.answer("POST", PODS, *replies)
    (answer,) = run(kube, [spec()], lab())
    assert (answer.answer, answer.attempts) == (Answer.DENIED, 2)


def test_a_lasting_fault_is_unknown(api: FakeApi, kube: Kube) -> None:
    api.answer("POST", PODS, failure(500, TIMED_OUT))
    (answer,) = run(kube, [spec()], lab())
    assert (answer.answer, answer.attempts) == (Answer.UNKNOWN, 2)
    assert "context deadline exceeded" in answer.message


def test_the_second_time_comes_after_all_others(api: FakeApi, kube: Kube) -> None:
    api.answer("POST", PODS, failure(500, TIMED_OUT), denied())
    run(kube, [spec("a"), spec("b", namespace="default"), spec("c", namespace="default")], lab(), concurrency=1)
    assert [request.path.split("/")[4] for request in api.requests] == [
        "crossplane-system", "default", "default", "crossplane-system"
    ]  # fmt: skip


def test_a_quota_is_not_asked_twice(api: FakeApi, kube: Kube) -> None:
    api.answer("POST", PODS, failure(403, QUOTA))
    (answer,) = run(kube, [spec()], lab())
    assert (answer.answer, answer.attempts, answer.message) == (Answer.UNKNOWN, 1, QUOTA)


def test_a_cluster_that_does_not_answer_is_not_asked_for_ever(api: FakeApi, kube: Kube) -> None:
    api.answer("POST", PODS, failure(500, TIMED_OUT))
    answers = run(kube, [spec(f"p{number}") for number in range(40)], lab(), concurrency=4)
    assert all(answer.answer is Answer.UNKNOWN for answer in answers)
    assert answers[-1].message == NOT_ASKED
    assert len(api.requests) < 25


def test_what_was_not_asked_is_asked_once_the_cluster_answers(api: FakeApi, kube: Kube) -> None:
    """Refused connections come at once: all probes are through while nobody stands behind the webhook's Service."""
    paused: list[float] = []
    api.handle(lambda _: denied() if paused else failure(500, NO_ADDRESS))
    specs = [spec(f"p{number}") for number in range(40)]
    answers = probes.run(kube, specs, lab(), sleep=paused.append)
    assert {answer.answer for answer in answers} == {Answer.DENIED}
    assert {answer.attempts for answer in answers} == {1, 2}
    assert paused == [1.0]


def test_faults_between_answers_do_not_end_the_round(api: FakeApi, kube: Kube) -> None:
    fault, answer = failure(500, TIMED_OUT), denied()
    api.answer("POST", PODS, *([fault] * 9 + [answer]) * 4)
    answers = run(kube, [spec(f"p{number}") for number in range(40)], lab(), concurrency=1)
    assert not any(answer.message == NOT_ASKED for answer in answers)


def test_a_cluster_that_went_away_is_unknown(api: FakeApi) -> None:
    with api.connect() as kube:
        api.close()
        (answer,) = run(kube, [spec()], lab())
    assert answer.answer is Answer.UNKNOWN
    assert "cannot be reached" in answer.message
