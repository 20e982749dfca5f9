"""What the API server throws away of a webhook's changes where an ephemeral container is added."""

from __future__ import annotations

from grader.kyverno.request import Image
from tests.unit.kyverno.policies import DIGEST, OFFICIAL, PINNED, TAGGED, answers, ask, changed, probe, signed

REQUIRED = ("      failureAction: Enforce\n", "      failureAction: Enforce\n      required: false\n")
BESIDE = (Image(TAGGED, "containers", DIGEST, (OFFICIAL,)),)


def test_the_note_of_the_verification_is_lost() -> None:
    found = ask(changed(), signed(where="ephemeralContainers"))
    assert found.answer.value == "denied"
    assert found.reason == f"unverified image {PINNED}"
    assert found.webhook == "validate.kyverno.svc-fail"


def test_without_required_the_note_is_not_asked_for() -> None:
    assert answers(changed(REQUIRED), signed(where="ephemeralContainers")) == "admitted"
    assert answers(changed(REQUIRED), probe(where="ephemeralContainers")) == "denied"


def test_only_the_ephemeral_containers_digest_is_kept() -> None:
    text = changed(
        REQUIRED, ("      failureAction: Enforce\n", "      failureAction: Enforce\n      verifyDigest: false\n")
    )
    found = ask(text, signed(where="ephemeralContainers", beside=BESIDE))
    assert found.images == (f"{TAGGED}@{DIGEST}", TAGGED)
    assert found.looked == {}


def test_a_tag_of_another_container_lacks_a_digest() -> None:
    found = ask(changed(REQUIRED), signed(where="ephemeralContainers", beside=BESIDE))
    assert found.reason.startswith("missing digest")
