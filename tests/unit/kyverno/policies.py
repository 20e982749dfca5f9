"""A right policy to change one thing of, and probes to put to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from grader.kyverno import oracle
from grader.kyverno.oracle import Prediction
from grader.kyverno.request import Image, Probe, Signature, identity
from grader.kyverno.review import PolicyReview
from grader.manifest import load

SUBJECT = "https://github.com/chainguard-images/images/.github/workflows/release.yaml@refs/heads/main"
ISSUER = "https://token.actions.githubusercontent.com"
REPOSITORY = "cgr.dev/chainguard/provider-k3x9"
TAGGED = f"{REPOSITORY}:v1.4.2"
DIGEST = "sha256:" + "a" * 64
PINNED = f"{REPOSITORY}@{DIGEST}"
OFFICIAL = Signature(SUBJECT, ISSUER)

GOOD = f"""\
apiVersion: kyverno.io/v1
kind: ClusterPolicy
metadata:
  name: check-provider
spec:
  rules:
  - name: signed
    match:
      any:
      - resources:
          kinds: [Pod]
          namespaces: [crossplane-system]
    verifyImages:
    - imageReferences:
      - cgr.dev/chainguard/provider-*
      failureAction: Enforce
      attestors:
      - entries:
        - keyless:
            subject: {SUBJECT}
            issuer: {ISSUER}
            rekor:
              url: https://rekor.sigstore.dev
"""
MATCH = """\
      any:
      - resources:
          kinds: [Pod]
          namespaces: [crossplane-system]
"""
REKOR = """\
            rekor:
              url: https://rekor.sigstore.dev
"""


def changed(*pairs: tuple[str, str], text: str = GOOD) -> str:
    """`text` with the first of each pair replaced by the second; the first must be there."""
    for old, new in pairs:
        assert old in text, f"{old!r} is not in the policy"
        text = text.replace(old, new)
    return text


def reviews(text: str) -> list[PolicyReview]:
    """The policies of a text."""
    return oracle.review(load(text.encode(), "policy.yaml"))


def review(text: str) -> PolicyReview:
    """The one policy of a text."""
    (one,) = reviews(text)
    return one


def probe(
    image: str = TAGGED,
    signatures: Sequence[Signature] = (),
    *,
    namespace: str = "crossplane-system",
    where: str = "containers",
    kind: str = "Pod",
    who: str = "administrator",
    operation: str = "",
    beside: Sequence[Image] = (),
    name: str = "probe",
    labels: Mapping[str, str] | None = None,
    annotations: Mapping[str, str] | None = None,
    namespace_labels: Mapping[str, str] | None = None,
    exists: bool = True,
) -> Probe:
    """One probe; by default an unsigned provider in crossplane-system."""
    return Probe(
        "probe",
        Image(image, where, DIGEST, tuple(signatures), exists),
        namespace,
        kind,
        identity(who),
        operation,
        tuple(beside),
        name,
        labels or {},
        annotations or {},
        namespace_labels,
    )


def signed(image: str = TAGGED, **changes: Any) -> Probe:
    """A probe whose image the official pipeline signed."""
    return probe(image, [OFFICIAL], **changes)


def ask(text: str, one: Probe) -> Prediction:
    """What the policies of a text answer."""
    return oracle.answer(reviews(text), one)


def answers(text: str, one: Probe) -> str:
    """The bare answer."""
    return ask(text, one).answer.value


def line(text: str, part: str) -> int:
    """The number of the first line of `text` that holds `part`."""
    return next(number for number, row in enumerate(text.splitlines(), 1) if part in row)
