"""What is right but weak."""

from __future__ import annotations

import pytest

from grader.kyverno import notes
from tests.unit.kyverno.policies import ISSUER, REKOR, SUBJECT, changed, line, review

ITEM = "      failureAction: Enforce\n"
NAMESPACES = "          namespaces: [crossplane-system]\n"
NAME = "  name: check-provider\n"


def told(text: str) -> list[notes.Note]:
    return notes.of(review(text))


def test_there_is_nothing_to_say_of_the_right_policy() -> None:
    assert told(changed()) == []


@pytest.mark.parametrize(
    ("edit", "words", "part"),
    [
        (("  rules:", "  failurePolicy: Ignore\n  rules:"), "fails open", "failurePolicy"),
        (("  rules:", "  webhookConfiguration: {failurePolicy: Ignore}\n  rules:"), "fails open", "webhookConf"),
        (("  rules:", "  failurePolicy: Fail\n  rules:"), "spec.failurePolicy is deprecated", "failurePolicy"),
        (("  rules:", "  webhookTimeoutSeconds: 9\n  rules:"), "webhookConfiguration.timeoutSeconds", "webhookTimeout"),
        (
            ("  rules:", "  validationFailureAction: Enforce\n  rules:"),
            "failureAction in each",
            "validationFailureAction",
        ),
        (("  rules:", "  background: false\n  rules:"), "not reported on", "background"),
        ((REKOR, REKOR + "              ignoreTlog: true\n"), "without an entry in the transparency log", "ignoreTlog"),
        ((REKOR, REKOR + "            ctlog: {ignoreSCT: true}\n"), "certificate log", "ignoreSCT"),
        ((ITEM, ITEM + "      mutateDigest: false\n"), "tag can be moved", "mutateDigest"),
        ((ITEM, ITEM + "      required: false\n"), "mutating webhook was skipped", "required"),
        ((ITEM, ITEM + "      skipImageReferences: [a]\n"), "without a signature", "skipImageReferences"),
        ((ITEM, ITEM + "      type: SigstoreBundle\n"), "bundles only", "type:"),
        ((NAMESPACES, NAMESPACES + "          selector: {matchLabels: {a: b}}\n"), "autogen is off", "selector"),
        ((NAMESPACES, NAMESPACES + "          operations: [CREATE]\n"), "without UPDATE", "operations: [CREATE]"),
        ((NAMESPACES, NAMESPACES + "          names: [a]\n"), "narrows the rule", "names: [a]"),
        (
            (NAME, NAME + "  annotations: {pod-policies.kyverno.io/autogen-controllers: none}\n"),
            "autogen is off",
            "annot",
        ),
        (("kyverno.io/v1", "kyverno.io/v2beta1"), "stored as v1", "apiVersion"),
        ((NAME, NAME + "  namespace: a\n"), "the line is ignored", "namespace: a"),
        (("    - imageReferences:\n      - cgr", "    - image: cgr"), "deprecated", "image:"),
        (
            ("      any:\n      - resources:\n          kinds", "      resources:\n          kinds"),
            "match.resources",
            "resources",
        ),
        (("kinds: [Pod]", "kinds: [Pods]"), "looked no further", "kinds"),
        ((f"subject: {SUBJECT}", "subject: https://*"), "has a wildcard", "subject"),
        ((f"            issuer: {ISSUER}\n", ""), "asks for no issuer", "- keyless"),
        ((f"subject: {SUBJECT}", f"subject: '{SUBJECT} '"), "ends with a blank", "subject"),
        (("provider-*", "provid\u0435r-*"), "U+0435", "provid\u0435r"),
    ],
)
def test_what_is_worth_a_note(edit: tuple[str, str], words: str, part: str) -> None:
    text = changed(edit)
    found = [note for note in told(text) if words in note.text]
    assert [note.where.split(":")[1] for note in found] == [str(line(text, part))]


def test_they_stand_in_the_order_of_the_text() -> None:
    text = changed((ITEM, ITEM + "      required: false\n"), ("  rules:", "  background: false\n  rules:"))
    places = [note.where for note in told(text)]
    assert places == sorted(places, key=lambda place: int(place.split(":")[1]))
    assert len(places) == 2


def test_a_policy_that_cannot_be_read_has_none() -> None:
    assert told(changed(("kinds: [Pod]", "kinds: Pod"))) == []
