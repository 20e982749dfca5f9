"""Identities: plain texts, wildcards, RE2 expressions, and how they combine."""

from __future__ import annotations

import pytest

from grader.kyverno.request import Signature
from tests.unit.kyverno.policies import ISSUER, OFFICIAL, SUBJECT, TAGGED, answers, ask, changed, probe

FORK = SUBJECT.replace("chainguard-images/images", "evil/images")
WORKFLOW = SUBJECT.replace("release.yaml", "other.yaml")
SURROUNDED = f"https://evil.example/{SUBJECT}/x"


def by(subject: str = SUBJECT, issuer: str = ISSUER, **more: str) -> Signature:
    return Signature(subject, issuer, extensions=more)


def keyless(text: str) -> str:
    """The right policy with other names under keyless; each line indented anew."""
    lines = "".join(f"            {row.strip()}\n" for row in text.splitlines())
    return changed((f"            subject: {SUBJECT}\n            issuer: {ISSUER}\n", lines))


def accepts(text: str, signature: Signature) -> bool:
    found = ask(keyless(text), probe(TAGGED, [signature])).answer.value
    assert found in ("admitted", "denied")
    return found == "admitted"


def test_plain_texts_are_compared_wholly() -> None:
    text = f"subject: {SUBJECT}\nissuer: {ISSUER}"
    assert accepts(text, OFFICIAL)
    assert not any(accepts(text, by(other)) for other in (FORK, WORKFLOW, SURROUNDED, SUBJECT + " "))
    assert not any(accepts(text, by(issuer=other)) for other in (ISSUER + "/", "https://accounts.google.com", ""))


@pytest.mark.parametrize("pattern", ["'*'", "https://github.com/*", "https://github.com/?hainguard-images/*"])
def test_plain_texts_know_wildcards(pattern: str) -> None:
    assert accepts(f"subject: {pattern}\nissuer: {ISSUER}", by(WORKFLOW))


def test_expressions_are_found_anywhere() -> None:
    text = f"subjectRegExp: {SUBJECT}\nissuer: {ISSUER}"
    assert accepts(text, OFFICIAL)
    assert accepts(text, by(SURROUNDED))


def test_anchored_expressions_are_not() -> None:
    text = f"subjectRegExp: ^{SUBJECT}$\nissuer: {ISSUER}"
    assert accepts(text, OFFICIAL)
    assert not accepts(text, by(SURROUNDED))


@pytest.mark.parametrize(
    "expression", ["'(?i)CHAINGUARD'", r"'images/\.github'", "'release\\.ya?ml@refs/heads/(main|next)'"]
)
def test_expressions_are_re2(expression: str) -> None:
    assert accepts(f"subjectRegExp: {expression}\nissuer: {ISSUER}", OFFICIAL)


@pytest.mark.parametrize("expression", ["'(?<=x)main'", "'('", "'(a)\\1'", r"'main\C*'"])
def test_what_go_does_not_know_denies_everything(expression: str) -> None:
    text = keyless(f"subject: {SUBJECT}\nsubjectRegExp: {expression}\nissuer: {ISSUER}")
    assert "invalid regexp for subject" in ask(text, probe(TAGGED, [OFFICIAL])).reason


def test_subject_or_its_expression() -> None:
    text = f"subject: {FORK}\nsubjectRegExp: release\nissuer: {ISSUER}"
    assert accepts(text, OFFICIAL)
    assert accepts(text, by(FORK))
    assert not accepts(text, by(WORKFLOW))


def test_issuer_and_its_expression() -> None:
    text = f"subject: {SUBJECT}\nissuer: {ISSUER}\nissuerRegExp: google"
    assert not accepts(text, OFFICIAL)
    assert accepts(text.replace("google", "githubusercontent"), OFFICIAL)


@pytest.mark.parametrize(
    ("text", "signature"),
    [
        (f"subject: {SUBJECT}", by(issuer="https://evil.example")),
        (f"issuer: {ISSUER}", by(FORK)),
        ("roots: ''", by(FORK, "https://evil.example")),
    ],
)
def test_a_name_that_is_not_asked_for_may_be_any(text: str, signature: Signature) -> None:
    assert accepts(text, signature)


def test_one_of_several_signatures_is_enough() -> None:
    assert answers(changed(), probe(TAGGED, [by(FORK), OFFICIAL])) == "admitted"


@pytest.mark.parametrize(
    ("extension", "expected"),
    [
        ("githubWorkflowRef: refs/heads/*", "admitted"),
        ("githubWorkflowRef: refs/tags/*", "denied"),
        ("1.3.6.1.4.1.57264.1.6: refs/heads/main", "admitted"),
        (f"oidcIssuer: {ISSUER}", "admitted"),
        ("githubWorkflowName: '*'", "admitted"),
        ("unknownExtension: x", "denied"),
    ],
)
def test_further_extensions(extension: str, expected: str) -> None:
    text = keyless(f"subject: {SUBJECT}\nissuer: {ISSUER}\nadditionalExtensions: {{{extension}}}")
    assert answers(text, probe(TAGGED, [by(githubWorkflowRef="refs/heads/main")])) == expected


def test_extensions_that_are_not_known_cannot_be_told() -> None:
    text = keyless(f"subject: {SUBJECT}\nissuer: {ISSUER}\nadditionalExtensions: {{githubWorkflowRef: a}}")
    assert answers(text, probe(TAGGED, [OFFICIAL])) == "cannot-tell"


@pytest.mark.parametrize(
    ("text", "words", "part"),
    [
        (f"subject: {FORK}\nissuer: {ISSUER}", f"subject mismatch: expected {FORK}, received {SUBJECT}", "subject:"),
        (
            f"subject: {SUBJECT}\nissuer: https://x",
            f"issuer mismatch: expected https://x, received {ISSUER}",
            "issuer:",
        ),
    ],
)
def test_a_mismatch_names_both_texts_and_the_line(text: str, words: str, part: str) -> None:
    policy = keyless(text)
    found = ask(policy, probe(TAGGED, [OFFICIAL]))
    assert words in found.reason
    number = next(index for index, row in enumerate(policy.splitlines(), 1) if row.strip().startswith(part))
    assert found.where == f"policy.yaml:{number}:13"


class TestBundles:
    """Type SigstoreBundle has rules of its own."""

    TYPE = ("      failureAction: Enforce\n", "      failureAction: Enforce\n      type: SigstoreBundle\n")

    def accepts(self, text: str, signature: Signature) -> bool:
        return answers(changed(self.TYPE, text=keyless(text)), probe(TAGGED, [signature])) == "admitted"

    def test_it_reads_bundles_only(self) -> None:
        text = f"subject: {SUBJECT}\nissuer: {ISSUER}"
        assert not self.accepts(text, OFFICIAL)
        assert self.accepts(text, Signature(SUBJECT, ISSUER, legacy=False, bundle=True))

    def test_plain_texts_know_no_wildcards(self) -> None:
        assert not self.accepts(f"subject: https://*\nissuer: {ISSUER}", Signature(SUBJECT, ISSUER, bundle=True))

    def test_text_and_expression_must_both_hold(self) -> None:
        text = f"subject: {SUBJECT}\nsubjectRegExp: other\nissuer: {ISSUER}"
        assert not self.accepts(text, Signature(SUBJECT, ISSUER, bundle=True))

    @pytest.mark.parametrize("text", [f"subject: {SUBJECT}", f"issuer: {ISSUER}"])
    def test_both_names_are_needed(self, text: str) -> None:
        assert not self.accepts(text, Signature(SUBJECT, ISSUER, bundle=True))

    @pytest.mark.parametrize("changes", [{"authority": "other"}, {"log": "no"}, {"log": "forged"}, {"digest": "other"}])
    def test_an_unsound_bundle_is_refused(self, changes: dict[str, str]) -> None:
        signature = Signature(SUBJECT, ISSUER, bundle=True, **changes)  # type: ignore[arg-type]
        assert not self.accepts(f"subject: {SUBJECT}\nissuer: {ISSUER}", signature)
