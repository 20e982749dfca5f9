"""No policy is probed before Kyverno acts on its present version."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from grader.errors import CourseError
from grader.evidence.canary import Settled, settle
from grader.evidence.canary_policy import NAME, policy
from grader.evidence.model import Cluster
from grader.evidence.settling import COMING, PATIENCE
from grader.kube import Kube
from tests.fake_api import FakeApi, Reply, failure
from tests.fake_kyverno import WALL, Kyverno, Time
from tests.lab_records import NO_HOST, PARAMETERS, TIMED_OUT, lab

WRITTEN_AT = datetime(2026, 11, 23, 10, 0, 0, tzinfo=UTC)


def policy_object(name: str = "mine", version: str = "10", **metadata: Any) -> dict[str, Any]:
    changed = {"manager": "argocd", "time": WRITTEN_AT.strftime("%Y-%m-%dT%H:%M:%SZ")}
    return {
        "metadata": {
            "name": name,
            "uid": f"u-{name}",
            "resourceVersion": version,
            "managedFields": [changed],
            **metadata,
        }
    }


def cluster(*policies: dict[str, Any], replicas: int = 1, **changes: Any) -> Cluster:
    image = {"image": "reg.kyverno.io/kyverno/kyverno:v1.19.1"}
    kyverno = {"spec": {"template": {"spec": {"containers": [image]}}}, "status": {"availableReplicas": replicas}}
    return Cluster("s", "v", "u", objects={"Deployment": (kyverno,), "ClusterPolicy": policies}, **changes)


def settled(api: FakeApi, kube: Kube, kyverno: Kyverno, found: Cluster, time: Time, age: float = 60) -> Settled:
    date = format_datetime(WRITTEN_AT + timedelta(seconds=age), usegmt=True)
    api.answer("GET", "/version", Reply(200, {}, {"Date": date}))
    api.handle(kyverno)
    return settle(kube, lab(), found, PARAMETERS, time.clock)


def rule(written: dict[str, Any]) -> str:
    return str(written["spec"]["rules"][0]["name"])


def test_it_waits_until_the_new_rule_is_obeyed(api: FakeApi, kube: Kube) -> None:
    kyverno, time = Kyverno(lag=4), Time()
    assert settled(api, kube, kyverno, cluster(policy_object()), time) == Settled(True, {"mine": "u-mine@10"})
    assert kyverno.markers == 5
    assert len(time.slept) == 4
    assert rule(kyverno.written[0]) == f"canary-{int(WALL * 1000)}"


def test_the_canary_is_the_exercises_policy_over_its_own_namespace(api: FakeApi, kube: Kube) -> None:
    kyverno = Kyverno(lag=0)
    settled(api, kube, kyverno, cluster(), Time())
    (written,) = kyverno.written
    (only,) = written["spec"]["rules"]
    assert only["match"] == {"any": [{"resources": {"kinds": ["Pod"], "namespaces": ["platform-labs-canary"]}}]}
    (verify,) = only["verifyImages"]
    assert (verify["imageReferences"], verify["failureAction"]) == ([PARAMETERS["images"]], "Enforce")
    keyless = verify["attestors"][0]["entries"][0]["keyless"]
    assert keyless == {
        "subject": PARAMETERS["subject"],
        "issuer": PARAMETERS["issuer"],
        "rekor": {"url": "https://rekor.sigstore.dev"},
    }
    assert verify["useCache"] is False
    request = next(request for request in api.requests if request.method == "PATCH")
    assert request.query["force"] == "true"


def live(kyverno: Kyverno) -> dict[str, Any]:
    """What was written, as the API server gives it back: with defaults."""
    found: dict[str, Any] = json.loads(json.dumps(kyverno.written[-1]))
    found["metadata"] |= {"uid": "u", "resourceVersion": "99"}
    found["spec"]["rules"][0]["verifyImages"][0] |= {"required": True, "mutateDigest": True}
    return found


def test_a_canary_that_vouches_already_is_left_alone(api: FakeApi, kube: Kube) -> None:
    kyverno = Kyverno(lag=0)
    first = settled(api, kube, kyverno, cluster(policy_object()), Time())
    again = settled(api, kube, kyverno, cluster(policy_object(), live(kyverno)), Time())
    assert again == first
    assert len(kyverno.written) == 1


@pytest.mark.parametrize(
    "policies",
    [
        (policy_object(version="11"),),
        (policy_object(uid="another"),),
        (),
        (policy_object(), policy_object("second")),
    ],
)
def test_any_change_to_the_policies_is_vouched_for_anew(
    api: FakeApi, kube: Kube, policies: tuple[dict[str, Any], ...]
) -> None:
    kyverno = Kyverno(lag=0)
    settled(api, kube, kyverno, cluster(policy_object()), Time())
    assert settled(api, kube, kyverno, cluster(*policies, live(kyverno)), Time()).ok
    numbers = [int(rule(written).removeprefix("canary-")) for written in kyverno.written]
    assert len(numbers) == 2
    assert numbers[1] > numbers[0]


def test_a_canary_that_somebody_changed_is_written_anew(api: FakeApi, kube: Kube) -> None:
    kyverno = Kyverno(lag=0)
    settled(api, kube, kyverno, cluster(policy_object()), Time())
    changed = live(kyverno)
    changed["spec"]["rules"][0]["verifyImages"][0]["failureAction"] = "Audit"
    settled(api, kube, kyverno, cluster(policy_object(), changed), Time())
    assert len(kyverno.written) == 2


def test_a_later_canary_of_another_grading_will_do(api: FakeApi, kube: Kube) -> None:
    kyverno = Kyverno(unsigned={NAME: {f"canary-{int(WALL * 1000) + 5}": "x"}})
    assert settled(api, kube, kyverno, cluster(), Time()).ok


def test_an_older_canary_will_not_do(api: FakeApi, kube: Kube) -> None:
    kyverno, time = Kyverno(unsigned={NAME: {"canary-6": "x"}}), Time()
    found = settled(api, kube, kyverno, cluster(), time)
    assert not found.ok
    assert "does not act on the canary" in found.note
    assert PATIENCE <= sum(time.slept) < PATIENCE + 1


def test_a_fault_that_names_the_new_rule_shows_that_it_is_known(api: FakeApi, kube: Kube) -> None:
    kyverno = Kyverno(unsigned={NAME: {f"canary-{int(WALL * 1000)}": NO_HOST}})
    assert settled(api, kube, kyverno, cluster(), Time()).ok


def test_a_webhook_that_does_not_answer_is_not_waited_for(api: FakeApi, kube: Kube) -> None:
    kyverno, time = Kyverno(unsigned=failure(500, TIMED_OUT)), Time()
    found = settled(api, kube, kyverno, cluster(), time)
    assert not found.ok
    assert "deadline exceeded" in found.note
    assert kyverno.markers == 2


@pytest.mark.parametrize("live_already", [False, True], ids=["to write", "to ask"])
def test_a_service_without_an_address_is_waited_for(api: FakeApi, kube: Kube, live_already: bool) -> None:
    """As it is right after a rollout, when the Pod is ready and kube-proxy has not followed yet."""
    kyverno, time, found = Kyverno(lag=0), Time(), [policy_object()]
    if live_already:
        settled(api, kube, kyverno, cluster(*found), time)
        found.append(live(kyverno))
    kyverno.away = 6
    assert settled(api, kube, kyverno, cluster(*found), time).ok
    assert kyverno.away == 0


def test_a_service_that_stays_without_an_address_is_told(api: FakeApi, kube: Kube) -> None:
    kyverno, time = Kyverno(lag=0), Time()
    settled(api, kube, kyverno, cluster(policy_object()), time)
    begun, kyverno.away = sum(time.slept), 1000
    found = settled(api, kube, kyverno, cluster(policy_object(), live(kyverno)), time)
    assert not found.ok
    assert "connection refused" in found.note
    assert COMING <= sum(time.slept) - begun < COMING + 1


@pytest.mark.parametrize("found", [cluster(replicas=0), cluster(not_served=("ClusterPolicy",))])
def test_without_kyverno_nothing_is_written(api: FakeApi, kube: Kube, found: Cluster) -> None:
    kyverno = Kyverno()
    assert not settled(api, kube, kyverno, found, Time()).ok
    assert kyverno.written == []


def test_without_the_right_to_write_time_is_waited(api: FakeApi, kube: Kube) -> None:
    kyverno, time = Kyverno(refusal=failure(403, "forbidden", "Forbidden")), Time()
    found = settled(api, kube, kyverno, cluster(policy_object()), time)
    assert (found.ok, found.versions, time.slept) == (True, {"mine": "u-mine@10"}, [2.0])
    assert "may not be written" in found.note


def test_a_canary_that_is_refused_is_told(api: FakeApi, kube: Kube) -> None:
    found = settled(api, kube, Kyverno(refusal=failure(400, "denied by x")), cluster(), Time())
    assert not found.ok
    assert "denied by x" in found.note


@pytest.mark.parametrize(("age", "slept"), [(0, [2.0]), (1, [2.0]), (3, [])])
def test_a_policy_that_has_just_changed_is_given_time(api: FakeApi, kube: Kube, age: float, slept: list[float]) -> None:
    time = Time()
    assert settled(api, kube, Kyverno(lag=0), cluster(policy_object()), time, age).ok
    assert time.slept == slept


def test_a_status_that_has_just_changed_is_not(api: FakeApi, kube: Kube) -> None:
    found = policy_object()
    found["metadata"]["managedFields"][0]["subresource"] = "status"
    time = Time()
    settled(api, kube, Kyverno(lag=0), cluster(found), time, age=0)
    assert time.slept == []


def test_more_replicas_than_one_are_noted(api: FakeApi, kube: Kube) -> None:
    assert "3 replicas" in settled(api, kube, Kyverno(lag=0), cluster(replicas=3), Time()).note


@pytest.mark.parametrize("parameter", ["images", "subject", "issuer"])
def test_the_exercise_must_say_what_is_asked(parameter: str) -> None:
    with pytest.raises(CourseError, match=parameter):
        policy(lab(), {**PARAMETERS, parameter: ""}, 1, "")
