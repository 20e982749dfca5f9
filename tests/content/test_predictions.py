"""What the oracle says of the course's policies: samples of the text, accepted solutions, known mistakes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from grader import course
from grader.errors import ManifestError
from grader.kyverno import oracle
from grader.kyverno.review import PolicyReview
from grader.manifest import load
from tests.content.probing import documents, unmet
from tests.content.reading import blocks, section, shown

MODULE = course.read().module("01-chainguard-images")
PROBES = MODULE.exercise.probes
BEHAVIOUR = ("policy.scope", "policy.images", "policy.enforced", "policy.identity")
BEYOND = {
    "12-every-system", "24-no-dash", "26-tags-of-one-kind", "30-one-tag-skipped", "37-four-letters", "38-tags-too",
    "44-another-signer-beside",
}  # fmt: skip
"""Mutants whose mistake no sample shows: what the checks ask the model besides finds it."""
AUTOGEN_OFF = "12-weak-but-right"  # its Deployments are admitted and their Pods refused, which is worth a note


def told(folder: Path) -> dict[str, str]:
    """What a mutant declares for its files alone."""
    about: dict[str, Any] = load((folder / "about.yaml").read_bytes())[0].value
    outcomes: dict[str, str] = about["outcomes"]["repository"]
    return outcomes


def reviewed(folder: Path) -> list[PolicyReview]:
    """The ClusterPolicies of a folder."""
    return [review for review in oracle.review(documents(folder)) if review.kind == "ClusterPolicy"]


def of_text(heading: str) -> PolicyReview:
    """The first policy under a heading of the text."""
    block = blocks(section(shown(MODULE.text), heading), "yaml")[0]
    return oracle.review(load(block.body.encode(), "text.md"))[0]


def test_the_texts_policy_is_accepted() -> None:
    assert of_text("The policy").strictly_accepted


def test_the_circulating_sample_loses_its_attestors() -> None:
    """Strictly it is refused; Argo CD, which is not strict, stores what is left of it."""
    review = of_text("What is wrong with this one?")
    assert not review.strictly_accepted
    assert review.accepted
    assert ["attestors" in problem.reason for problem in review.pruned] == [True]


def test_the_circulating_solution_is_refused() -> None:
    folder = next(path for path in MODULE.mutants if path.name == "03-no-rekor")
    (review,) = reviewed(folder)
    assert "Either Rekor URL or roots are required" in review.reason


@pytest.mark.parametrize("folder", MODULE.solutions, ids=lambda path: path.name)
def test_accepted_solution_answers_every_probe(folder: Path) -> None:
    policies = reviewed(folder)
    assert all(policy.strictly_accepted for policy in policies)
    open_probes = unmet(policies, PROBES)
    if folder.name == AUTOGEN_OFF:
        assert open_probes == {
            probe.id for probe in PROBES if probe.kind == "Deployment" and probe.check == "policy.enforced"
        }
    else:
        assert open_probes == set()


@pytest.mark.parametrize("folder", MODULE.mutants, ids=lambda path: path.name)
def test_mutant_is_refused_where_it_says_so(folder: Path) -> None:
    outcomes = told(folder)
    try:
        policies = reviewed(folder)
    except ManifestError:
        assert outcomes["policy.valid"] == "failed"
        return
    if outcomes.get("policy.present") == "failed":
        assert not any(policy.strictly_accepted for policy in policies)
    else:
        assert policies
        assert all(policy.strictly_accepted for policy in policies) == ("policy.valid" not in outcomes)


@pytest.mark.parametrize(
    "folder", [path for path in MODULE.mutants if "policy.valid" not in told(path)], ids=lambda path: path.name
)
def test_mutant_behaves_as_it_says(folder: Path) -> None:
    """A check that fails has a probe that shows it; one that passes has none. A blocked one is not looked at."""
    outcomes, policies = told(folder), reviewed(folder)
    for check in BEHAVIOUR:
        specs = tuple(probe for probe in PROBES if probe.check == check)
        if outcomes.get(check) == "failed" and folder.name not in BEYOND:
            assert unmet(policies, specs), check
        elif folder.name in BEYOND or (check not in outcomes and not _hidden(check, outcomes)):
            assert unmet(policies, specs) == set(), check


def _hidden(check: str, outcomes: dict[str, str]) -> bool:
    """Whether no provider is looked at for the pattern's sake, so that the scope cannot be seen from outside."""
    return check == "policy.scope" and outcomes.get("policy.enforced") == "blocked"
