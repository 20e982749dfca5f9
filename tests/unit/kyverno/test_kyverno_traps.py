"""The sample that circulates for the lesson and the solution that circulates for it: both are wrong, and why."""

from __future__ import annotations

from grader.kyverno import explain
from tests.unit.kyverno.policies import (
    GOOD,
    ISSUER,
    REKOR,
    SUBJECT,
    answers,
    ask,
    changed,
    line,
    probe,
    review,
    reviews,
    signed,
)

SAMPLE = f"""\
apiVersion: kyverno.io/v1
kind: ClusterPolicy
metadata:
  name: check-image-signature
spec:
  validationFailureAction: Enforce
  rules:
    - name: check-signature
      match:
        any:
          - resources:
              kinds:
                - Pod
      verifyImages:
        - imageReferences:
            - "cgr.dev/chainguard/*"
      attestors:
        - entries:
            - keyless:
                subject: "{SUBJECT}"
                issuer: "{ISSUER}"
"""
SOLUTION = changed((REKOR, ""))


def test_the_sample_is_refused_by_a_strict_client_and_taken_by_argo_cd() -> None:
    one = review(SAMPLE)
    assert one.accepted
    assert not one.strictly_accepted
    assert [problem.reason for problem in one.pruned] == ['unknown field "spec.rules[0].attestors"']


def test_the_sample_then_blocks_every_image_also_signed_ones() -> None:
    found = ask(SAMPLE, signed(namespace="default"))
    assert found.answer.value == "denied"
    assert found.reason.startswith("unverified image cgr.dev/chainguard/provider-k3x9@sha256:")


def test_the_samples_message_teaches_both_repairs() -> None:
    found = ask(SAMPLE, signed())
    assert found.where == f"policy.yaml:{line(SAMPLE, 'attestors:')}:7"
    for words in (
        "attestors belongs inside an item of the list verifyImages",
        f"lines up with imageReferences in line {line(SAMPLE, 'imageReferences')}",
        "every image is blocked, signed ones too",
        "Either Rekor URL or roots are required",
        "rekor: {url: https://rekor.sigstore.dev}",
    ):
        assert words in found.repair


def test_the_sample_repaired_as_told_is_right() -> None:
    """The two repairs alone: indent attestors, add rekor."""
    head, tail = SAMPLE.split("      attestors:\n")
    moved = "".join(f"    {row}\n" for row in ("      attestors:\n" + tail).splitlines())
    fixed = head + moved + "                    rekor: {url: https://rekor.sigstore.dev}\n"
    assert review(fixed).strictly_accepted
    assert answers(fixed, signed()) == "admitted"
    assert answers(fixed, probe()) == "denied"


def test_the_solution_is_refused_with_the_line_and_the_repair() -> None:
    one = review(SOLUTION)
    assert not one.accepted
    (problem,) = one.problems
    assert problem.reason.endswith("entries[0].keyless: Either Rekor URL or roots are required")
    assert problem.where == f"policy.yaml:{line(SOLUTION, '- keyless:')}:11"
    assert "rekor: {url: https://rekor.sigstore.dev}" in problem.repair


def test_the_refused_solution_lets_everything_in_and_says_why() -> None:
    assert answers(SOLUTION, probe()) == "admitted"
    found = explain.deciding_line(reviews(SOLUTION), probe())
    assert found is not None
    assert (found.name, found.where) == ("refused", f"policy.yaml:{line(SOLUTION, '- keyless:')}:11")


def test_the_solution_with_the_line_it_lacks_is_right() -> None:
    assert review(GOOD).strictly_accepted
    assert (answers(GOOD, signed()), answers(GOOD, probe())) == ("admitted", "denied")
