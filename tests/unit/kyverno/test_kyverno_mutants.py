"""Known mistakes: what becomes of the policy, what it then answers, and the line that is to blame.

The numbers are those of the list of known mistakes.
"""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from grader.kyverno import explain
from grader.kyverno.request import Probe, Signature
from tests.unit.kyverno.policies import (
    GOOD,
    ISSUER,
    PINNED,
    REKOR,
    SUBJECT,
    TAGGED,
    answers,
    changed,
    line,
    probe,
    review,
    reviews,
    signed,
)

Edit = tuple[str, str]
ITEM = "      failureAction: Enforce\n"
NAMESPACES = "          namespaces: [crossplane-system]\n"
PATTERN = "cgr.dev/chainguard/provider-*"

PROBES: dict[str, tuple[Probe, str]] = {
    "P1 signed": (signed(), "admitted"),
    "P1 signed, by digest": (signed(PINNED), "admitted"),
    "P2 unsigned": (probe(), "denied"),
    "P3 other workflow": (probe(TAGGED, [Signature(SUBJECT.replace("release", "other"), ISSUER)]), "denied"),
    "P3 fork": (probe(TAGGED, [Signature(SUBJECT.replace("chainguard-images/", "evil/"), ISSUER)]), "denied"),
    "P3 surrounded": (probe(TAGGED, [Signature(f"https://evil.example/{SUBJECT}", ISSUER)]), "denied"),
    "P4 other issuer": (probe(TAGGED, [Signature(SUBJECT, "https://evil.example")]), "denied"),
    "P5 other authority": (probe(TAGGED, [Signature(SUBJECT, ISSUER, authority="other")]), "denied"),
    "P6 unrelated image": (probe("cgr.dev/chainguard/nginx:1"), "admitted"),
    "P7 other namespace": (probe(namespace="default"), "admitted"),
    "P8 init": (probe(where="initContainers"), "denied"),
    "P8 ephemeral": (probe(where="ephemeralContainers"), "denied"),
    "P9 Deployment": (probe(kind="Deployment"), "denied"),
    "P10 by digest": (probe(PINNED), "denied"),
    "P12 no tag": (probe("cgr.dev/chainguard/provider-k3x9"), "denied"),
    "P13 no log entry": (probe(TAGGED, [Signature(SUBJECT, ISSUER, log="no")]), "denied"),
}
BLOCKING = {name for name, (_, expected) in PROBES.items() if expected == "denied"}
SIGNED = {"P1 signed", "P1 signed, by digest"}


@dataclass(frozen=True)
class Mutant:
    """One mistake: the edits, and the probes that a right policy would answer otherwise."""

    number: int
    edits: tuple[Edit, ...]
    wrong: frozenset[str]

    def __str__(self) -> str:
        return f"{self.number}-{self.edits[0][1].strip()[:30]}"


def mutant(number: int, wrong: set[str], *edits: Edit) -> Mutant:
    return Mutant(number, edits, frozenset(wrong))


REFUSED = (
    mutant(3, BLOCKING, (REKOR, "")),
    mutant(4, BLOCKING, (REKOR, "            rekor: {}\n")),
    mutant(6, BLOCKING, (ITEM, "")),
    mutant(7, BLOCKING, ("failureAction: Enforce", "failureAction: enforce")),
    mutant(16, BLOCKING, ("kinds: [Pod]", "kinds: ['*']")),
    mutant(33, BLOCKING, ("      - entries:", "      - count: 0\n        entries:")),
    mutant(34, BLOCKING, ("      - entries:", "      - count: 2\n        entries:")),
    mutant(47, BLOCKING, (ITEM, ITEM + "      type: Notary\n")),
    mutant(54, BLOCKING, ("  rules:", "  webhookTimeoutSeconds: 60\n  rules:")),
    mutant(55, BLOCKING, ("  rules:", "  admission: false\n  rules:")),
)
LIVE = (
    mutant(5, BLOCKING, (ITEM, "      failureAction: Audit\n      mutateDigest: false\n      verifyDigest: false\n")),
    mutant(10, {"P7 other namespace"}, (NAMESPACES, "")),
    mutant(11, BLOCKING, ("[crossplane-system]", "[crossplane-sytem]")),
    mutant(11, BLOCKING, ("[crossplane-system]", "[crossplane]")),
    mutant(12, {"P7 other namespace"}, ("[crossplane-system]", "['*']")),
    mutant(13, BLOCKING, (NAMESPACES, "          namespaceSelector: {matchLabels: {name: crossplane-system}}\n")),
    mutant(14, BLOCKING - {"P9 Deployment"}, ("kinds: [Pod]", "kinds: [Deployment]")),
    mutant(15, BLOCKING, ("kinds: [Pod]", "kinds: [Pods]")),
    mutant(20, BLOCKING, (NAMESPACES, NAMESPACES + "          names: [provider-aws*]\n")),
    mutant(20, BLOCKING, (NAMESPACES, NAMESPACES + "          selector: {matchLabels: {app: provider}}\n")),
    mutant(24, {"P6 unrelated image"}, (PATTERN, "cgr.dev/chainguard/*")),
    mutant(25, {"P6 unrelated image"}, (PATTERN, "'*'")),
    mutant(26, BLOCKING, (PATTERN, "cgr.dev/chainguard/provider-aws*")),
    mutant(26, BLOCKING, (PATTERN, "cgr.dev/chainguard/provider-?")),
    mutant(27, BLOCKING, (PATTERN, "cgr.dev/chainguard/provider-")),
    mutant(28, BLOCKING, (PATTERN, "chainguard/provider-*")),
    mutant(28, BLOCKING, (PATTERN, "https://cgr.dev/chainguard/provider-*")),
    mutant(30, BLOCKING - {"P8 ephemeral"}, (ITEM, ITEM + "      skipImageReferences: ['cgr.dev/chainguard/*']\n")),
    mutant(36, SIGNED, ("release.yaml", "release.yml")),
    mutant(36, SIGNED, ("refs/heads/main", "refs/head/main")),
    mutant(36, SIGNED, (f"subject: {SUBJECT}", f"subject: '{SUBJECT} '")),
    mutant(37, {"P3 other workflow", "P3 fork", "P3 surrounded"}, (f"subject: {SUBJECT}", "subject: '*'")),
    mutant(37, {"P3 other workflow", "P3 fork"}, (f"subject: {SUBJECT}", "subject: https://github.com/*")),
    mutant(38, {"P3 surrounded"}, (f"subject: {SUBJECT}", f"subjectRegExp: {SUBJECT}")),
    mutant(38, {"P3 other workflow", "P3 fork", "P3 surrounded"}, (f"subject: {SUBJECT}", "subjectRegExp: '.*'")),
    mutant(40, {"P4 other issuer"}, (f"            issuer: {ISSUER}\n", "")),
    mutant(42, SIGNED, (f"issuer: {ISSUER}", f"issuer: {ISSUER}/")),
    mutant(42, SIGNED, (f"issuer: {ISSUER}", "issuer: https://github.com")),
    mutant(
        44,
        {"P3 other workflow", "P3 fork", "P3 surrounded", "P4 other issuer"},
        (f"            subject: {SUBJECT}\n            issuer: {ISSUER}\n", ""),
    ),
    mutant(45, {"P13 no log entry"}, (REKOR, REKOR + "              ignoreTlog: true\n")),
    mutant(48, SIGNED, (ITEM, ITEM + "      type: SigstoreBundle\n")),
    mutant(51, {"P1 signed"}, (ITEM, ITEM + "      mutateDigest: false\n")),
)  # fmt: skip
RIGHT = (
    mutant(17, set(), ("kyverno.io/v1", "kyverno.io/v2beta1")),
    mutant(18, set(), ("      any:\n      - resources:\n          kinds: [Pod]\n" + NAMESPACES,
                       "      resources:\n        kinds: [Pod]\n        namespaces: [crossplane-system]\n")),
    mutant(13, set(), (NAMESPACES, "          namespaceSelector:\n            matchLabels:"
                                   " {kubernetes.io/metadata.name: crossplane-system}\n")),
    mutant(32, set(), ("    - imageReferences:\n      - cgr", "    - image: cgr")),
    mutant(38, set(), (f"subject: {SUBJECT}", f"subjectRegExp: ^{SUBJECT}$")),
    mutant(50, set(), (ITEM, ITEM + "      required: false\n")),
    mutant(52, set(), (ITEM, ITEM + "      mutateDigest: false\n      verifyDigest: false\n")),
    mutant(53, set(), (ITEM, ""), ("  rules:", "  validationFailureAction: Enforce\n  rules:")),
    mutant(19, set(), ("      any:", "      all:")),
    mutant(56, set(), ("kind: ClusterPolicy", "kind: Policy"), (NAMESPACES, ""),
           ("  name: check-provider", "  name: check-provider\n  namespace: crossplane-system")),
)  # fmt: skip


def answered_otherwise(text: str) -> set[str]:
    return {name for name, (one, expected) in PROBES.items() if answers(text, one) != expected}


def test_the_right_policy_answers_every_probe_as_expected() -> None:
    assert answered_otherwise(GOOD) == set()


@pytest.mark.parametrize("one", RIGHT, ids=str)
def test_other_right_policies_do_too(one: Mutant) -> None:
    text = changed(*one.edits)
    assert review(text).accepted
    assert answered_otherwise(text) == set()


@pytest.mark.parametrize("one", REFUSED, ids=str)
def test_mistakes_that_are_refused(one: Mutant) -> None:
    text = changed(*one.edits)
    found = review(text)
    assert not found.accepted
    assert all(problem.repair for problem in found.problems)
    assert answered_otherwise(text) == one.wrong


@pytest.mark.parametrize("one", LIVE, ids=str)
def test_mistakes_that_are_taken(one: Mutant) -> None:
    text = changed(*one.edits)
    assert review(text).accepted
    assert answered_otherwise(text) == one.wrong


@pytest.mark.parametrize("one", LIVE, ids=str)
def test_the_line_to_blame_is_one_that_was_changed(one: Mutant) -> None:
    """Or the one below which something is missing."""
    text = changed(*one.edits)
    rows = [number for number, row in enumerate(text.splitlines(), 1) if row not in GOOD.splitlines()]
    for name in one.wrong:
        found = blamed(text, PROBES[name][0])
        assert found is not None, name
        number = int(found.split(":")[1])
        if rows:
            assert number in range(min(rows) - 1, max(rows) + 1), (name, text.splitlines()[number - 1])
        else:
            assert number in (line(text, "resources:"), line(text, "- keyless:")), name


def blamed(text: str, one: Probe) -> str | None:
    """The place that is named for a probe that is answered otherwise than expected."""
    (policy,) = reviews(text)
    if answers(text, one) == "admitted":
        found = explain.deciding_line([policy], one)
        return found.where if found else None
    if one is PROBES["P7 other namespace"][0]:
        scope = explain.namespace_clause(policy, one)
        return scope.where if scope else None
    if one is PROBES["P6 unrelated image"][0]:
        image = explain.image_clause(policy, one)
        return image.where if image else None
    found = explain.deciding_line([policy], one)
    return found.where if found else None
