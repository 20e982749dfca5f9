"""Tags, digests, `required`, `skipImageReferences`, several items of one rule."""

from __future__ import annotations

import pytest

from grader.kyverno.request import Image
from grader.kyverno.response import Status
from tests.unit.kyverno.policies import (
    DIGEST,
    PINNED,
    REPOSITORY,
    TAGGED,
    answers,
    ask,
    changed,
    probe,
    signed,
)

ITEM = "      failureAction: Enforce\n"
START = "      attestors:"


def item(*lines: str) -> str:
    """The right policy with further lines in its item."""
    return changed((ITEM, ITEM + "".join(f"      {row}\n" for row in lines)))


def without_attestors(*lines: str) -> str:
    text = item(*lines)
    return text[: text.index(START)]


def test_a_tag_is_replaced_by_its_digest() -> None:
    found = ask(changed(), signed())
    assert found.images == (f"{TAGGED}@{DIGEST}",)
    assert found.looked == {"check-provider": {"signed": {PINNED: Status.PASS}}}


def test_a_digest_stays() -> None:
    assert ask(changed(), signed(PINNED)).images == (PINNED,)


def test_what_is_not_looked_at_stays() -> None:
    found = ask(changed(), probe("cgr.dev/chainguard/nginx:1"))
    assert (found.images, found.looked) == (("cgr.dev/chainguard/nginx:1",), {})


def test_mutation_off_denies_tags_for_want_of_a_digest() -> None:
    found = ask(item("mutateDigest: false"), signed())
    assert found.reason == f"missing digest for {TAGGED}"
    assert "mutateDigest" in found.repair
    assert answers(item("mutateDigest: false"), signed(PINNED)) == "admitted"


def test_mutation_and_digest_check_off_admit_tags() -> None:
    text = item("mutateDigest: false", "verifyDigest: false")
    assert ask(text, signed()).images == (TAGGED,)
    assert answers(text, probe()) == "denied"


def test_required_off_still_denies_what_is_not_signed() -> None:
    text = item("required: false")
    assert answers(text, probe()) == "denied"
    assert answers(text, signed()) == "admitted"


class TestWithoutAttestors:
    """Nothing says how to verify."""

    @pytest.mark.parametrize("one", [probe(), signed(), signed(PINNED), signed(kind="Deployment")])
    def test_every_image_is_blocked(self, one: object) -> None:
        found = ask(without_attestors(), one)  # type: ignore[arg-type]
        assert found.reason == f"unverified image {PINNED}"
        assert found.webhook == "validate.kyverno.svc-fail"

    def test_required_off_admits_everything_with_a_digest(self) -> None:
        found = ask(without_attestors("required: false"), probe())
        assert (found.answer.value, found.images) == ("admitted", (f"{TAGGED}@{DIGEST}",))

    def test_required_off_and_mutation_off_wants_a_digest(self) -> None:
        text = without_attestors("required: false", "mutateDigest: false")
        assert answers(text, probe()) == "denied"
        assert answers(text, probe(PINNED)) == "admitted"

    def test_an_image_without_manifest_cannot_be_given_a_digest(self) -> None:
        assert "failed to update digest" in ask(without_attestors(), probe(exists=False)).reason


class TestSkipping:
    """`skipImageReferences`."""

    def test_what_is_skipped_is_let_in_and_still_pinned(self) -> None:
        found = ask(item("skipImageReferences: ['*provider*']"), probe())
        assert found.answer.value == "admitted"
        assert found.images == (f"{TAGGED}@{DIGEST}",)
        assert found.looked == {"check-provider": {"signed": {PINNED: Status.SKIP}}}

    def test_what_is_not_skipped_is_verified(self) -> None:
        assert answers(item("skipImageReferences: ['*other*']"), probe()) == "denied"

    def test_skipping_does_not_spare_the_digest(self) -> None:
        text = item("skipImageReferences: ['*provider*']", "mutateDigest: false")
        assert "missing digest" in ask(text, probe()).reason


def test_a_pattern_for_tags_is_met_before_the_digest_is_written() -> None:
    text = changed(("cgr.dev/chainguard/provider-*", "cgr.dev/chainguard/provider-*:v1*"))
    assert answers(text, probe()) == "denied"
    assert answers(text, signed()) == "admitted"
    assert answers(text, probe(PINNED)) == "admitted"


def test_a_pattern_for_digests_does_not_take_in_tags() -> None:
    text = changed(("cgr.dev/chainguard/provider-*", "cgr.dev/chainguard/provider-*@*"))
    assert answers(text, probe()) == "admitted"
    assert answers(text, probe(PINNED)) == "denied"


def test_every_image_of_a_pod_is_looked_at() -> None:
    other = Image(f"{REPOSITORY}-b:v1", "initContainers", DIGEST)
    nginx = Image("docker.io/nginx:1", "containers", DIGEST)
    assert answers(changed(), signed(beside=[nginx])) == "admitted"
    assert answers(changed(), signed(beside=[nginx, other])) == "denied"
    assert answers(changed(), probe("docker.io/nginx:1", beside=[Image(TAGGED, "containers", DIGEST)])) == "denied"


def test_one_reference_that_cannot_be_read_hides_all_images() -> None:
    assert answers(changed(), probe(beside=[Image("cgr.dev/BAD:x", "containers", DIGEST)])) == "admitted"


class TestSeveralItems:
    """Each item looks at the images of all items of its rule."""

    SECOND = "    - imageReferences: [docker.io/*]\n      failureAction: Enforce\n"

    def test_another_items_image_is_skipped_but_pinned(self) -> None:
        text = changed() + self.SECOND + "      required: false\n"
        found = ask(text, probe("docker.io/nginx:1"))
        assert found.images == (f"docker.io/nginx:1@{DIGEST}",)
        assert found.looked["check-provider"]["signed"] == {f"docker.io/nginx@{DIGEST}": Status.SKIP}

    def test_an_image_verified_by_one_item_satisfies_a_bare_one(self) -> None:
        text = changed() + self.SECOND.replace("docker.io/*", "cgr.dev/*")
        assert answers(text, signed()) == "admitted"
        assert answers(text, probe()) == "denied"


def test_a_deprecated_image_is_a_reference() -> None:
    text = changed(("    - imageReferences:\n      - cgr", "    - image: cgr"))
    assert answers(text, probe()) == "denied"
    assert answers(text, signed()) == "admitted"


def test_a_deprecated_issuer_with_roots_is_an_attestor() -> None:
    text = without_attestors("issuer: a", "subject: b", "roots: x")
    found = ask(text, signed())
    assert "failed to load Root certificates" in found.reason


def test_a_deletion_is_let_in() -> None:
    assert answers(changed(), probe(operation="DELETE")) == "admitted"
