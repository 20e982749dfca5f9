"""What an answer means, on texts that a real cluster gave."""

from __future__ import annotations

import pytest
import yaml

from grader.evidence.answers import admission, failure
from grader.evidence.faults import fault
from grader.evidence.model import Answer
from grader.kube import Refusal, Unreachable
from tests.lab_records import (
    JUDGEMENTS,
    NO_HOST,
    NO_REGISTRY_TRUST,
    NO_SIGNATURE,
    OTHER_WEBHOOK,
    QUOTA,
    REGISTRY_FAULTS,
    TIMED_OUT,
    blocked,
    scoped,
)

REPOSITORY = "cgr.dev/chainguard/provider-d7f2"


def refusal(words: str, status: int = 400) -> Refusal:
    return Refusal(status, "", words, where="/api/v1/pods")


@pytest.mark.parametrize("reason", JUDGEMENTS)
def test_a_judgement_of_a_named_policy_is_a_denial(reason: str) -> None:
    words = f"failed to verify image cgr.dev/a/b:1: {reason}"
    said = failure(refusal(blocked({"mine": {"rule": words}})))
    assert (said.answer, said.again) == (Answer.DENIED, False)
    assert said.denials == {"mine": {"rule": words}}


@pytest.mark.parametrize("reason", REGISTRY_FAULTS)
def test_a_fault_of_the_network_is_no_denial(reason: str) -> None:
    said = failure(refusal(blocked({"mine": {"rule": reason}})))
    assert (said.answer, said.again) == (Answer.UNKNOWN, True)
    assert said.denials == {"mine": {"rule": reason}}
    assert fault(reason) == "registry"


@pytest.mark.parametrize(
    "reason",
    [
        "failed to get roots from fulcio: failed to fetch Fulcio roots: x",
        "failed to load Rekor public keys: updating local metadata and targets: x",
        "failed to load CTLogs public keys: initializing tuf: x",
        "sigstore: error getting target trusted_root.json: x",
        NO_REGISTRY_TRUST,
    ],
)
def test_missing_trust_is_no_denial(reason: str) -> None:
    assert fault(reason) == "trust"
    assert failure(refusal(blocked({"mine": {"rule": reason}}))).answer is Answer.UNKNOWN


@pytest.mark.parametrize(
    "reason",
    [
        "failed to load Rekor public keys: failed to get rekor public keys: PEM decoding failed",
        "failed to load CTLogs public keys: failed to get transparency log public keys: PEM decoding failed",
        "issuer mismatch: expected https://a.example, received https://b.example",
    ],
)
def test_a_wrong_key_or_name_in_the_policy_is_the_policys(reason: str) -> None:
    assert fault(reason) is None


def test_one_fault_among_denials_makes_the_answer_uncertain() -> None:
    said = failure(refusal(blocked({"mine": {"a": NO_SIGNATURE}, "other": {"b": NO_HOST}})))
    assert said.answer is Answer.UNKNOWN
    assert set(said.denials) == {"mine", "other"}


def test_a_webhook_that_did_not_answer_is_asked_again() -> None:
    said = failure(refusal(TIMED_OUT, 500))
    assert (said.answer, said.again, said.denials) == (Answer.UNKNOWN, True, {})


@pytest.mark.parametrize(
    ("words", "status"),
    [
        (QUOTA, 403),
        (OTHER_WEBHOOK, 400),
        ('pods "a" is forbidden: violates PodSecurity "restricted:latest": runAsNonRoot != true', 403),
        ('pods is forbidden: User "x" cannot create resource "pods" in API group "" in the namespace "y"', 403),
        ('namespaces "nowhere" not found', 404),
        ("Pod in version v1 cannot be handled as a Pod", 422),
    ],
)
def test_what_anything_else_refuses_is_not_kyvernos_answer(words: str, status: int) -> None:
    said = failure(refusal(words, status))
    assert (said.answer, said.denials, said.again) == (Answer.UNKNOWN, {}, False)
    assert said.message == words


@pytest.mark.parametrize("status", [429, 503, 504])
def test_a_busy_server_is_asked_again(status: int) -> None:
    assert failure(refusal("later", status)).again


def test_no_connection_is_asked_again() -> None:
    said = failure(Unreachable("gone"))
    assert (said.answer, said.again) == (Answer.UNKNOWN, True)


@pytest.mark.parametrize(
    "listed",
    [
        "", "words only\n", "- a\n- b\n", "policy: reason\n", "policy: {}\n", "a: {b: c}\nd: e\n", "a: &a [*a]\n",
        "policy:\n  rule: !!python/name:os.system ''\n", "a:\n" + "  b: 'c'\n" * 2, "[" * 5000,
        "a:\n" + "  k: v\n" * 60_000,
    ],
    ids=lambda listed: listed[:30],
)  # fmt: skip
def test_a_denial_that_names_no_policy_and_rule_does_not_count(listed: str) -> None:
    said = failure(refusal(blocked({}) + listed))
    assert (said.answer, said.denials) == (Answer.UNKNOWN, {})


def test_every_way_in_which_kyverno_writes_a_reason_is_read() -> None:
    reasons = {
        "a": "plain",
        "b": "it's: quoted",
        "c": "two\nlines",
        "d": "tab\tand \\ slash",
        "yes": "true",
        "7": "null",
    }
    words = blocked({}) + yaml.safe_dump({"mine": reasons})
    assert failure(refusal(words)).denials == {"mine": {**reasons, "c": "two\nlines"}}


def test_a_reason_cannot_speak_to_the_terminal() -> None:
    words = blocked({}) + yaml.safe_dump({"mine": {"rule": "\x1b[2Jcleared\u202e"}})
    assert failure(refusal(words)).denials == {"mine": {"rule": "cleared"}}


def test_policies_in_cel_are_named_without_a_rule() -> None:
    words = (
        'admission webhook "ivpol.validate.kyverno.svc-fail" denied the request: '
        "Policy check-images failed: not signed; Policy other error: unsure"
    )
    assert failure(refusal(words)).denials == {"check-images": {"": "not signed"}, "other": {"": "unsure"}}


def pod(annotations: dict[str, str], *images: str) -> dict[str, object]:
    return {"metadata": {"annotations": annotations}, "spec": {"containers": [{"image": image} for image in images]}}


def test_what_kyverno_looked_at_is_read_for_the_image_asked() -> None:
    marks = {
        "/mine": {"rule": {f"{REPOSITORY}:v1@sha256:ab": "pass", "cgr.dev/other:1": "fail"}},
        "/elsewhere": {"rule": {"cgr.dev/other:1": "pass"}},
        "ns/namespaced": {"rule": {f"{REPOSITORY}@sha256:ab": "skip"}},
    }
    said = admission(pod(scoped(marks), f"{REPOSITORY}:v1@sha256:ab"), REPOSITORY)
    assert said.answer is Answer.ADMITTED
    assert said.looked == {"mine": {"rule": "pass"}, "ns/namespaced": {"rule": "skip"}}
    assert said.images == (f"{REPOSITORY}:v1@sha256:ab",)


def test_a_repository_that_only_begins_alike_is_another() -> None:
    said = admission(pod(scoped({"/mine": {"rule": {f"{REPOSITORY}x:1": "pass"}}})), REPOSITORY)
    assert said.looked == {}


def test_before_1_19_no_policy_is_named() -> None:
    said = admission(pod({"kyverno.io/verify-images": f'{{"{REPOSITORY}:v1": "pass"}}'}), REPOSITORY)
    assert said.looked == {"": {"": "pass"}}


@pytest.mark.parametrize(
    "text",
    [
        "", "{", "[]", '{"version":1}', '{"policies":{"/a":[]}}', '{"policies":{"/a":{"b":{"c":7}}}}', "[" * 60_000,
        "x" * 99_999,
    ],
    ids=lambda text: text[:30],
)  # fmt: skip
def test_an_annotation_of_any_shape_is_borne(text: str) -> None:
    assert admission(pod({"kyverno.io/verify-images-scoped": text}), REPOSITORY).looked == {}


def test_images_of_a_deployment_are_its_pods() -> None:
    spec = {"initContainers": [{"image": "a"}], "containers": [{"image": "b"}], "ephemeralContainers": [{"image": "c"}]}
    found = {"spec": {"template": {"spec": spec}}}
    assert admission(found, REPOSITORY).images == ("a", "b", "c")
