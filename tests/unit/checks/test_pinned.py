"""A policy that pins the real Sigstore: right in the world, and not to be shown in a lab."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from grader import grade
from grader.evidence.model import Answer, Evidence
from grader.outcome import Outcome, Report, Status
from tests import worlds

BEHAVIOUR = (
    "policy.scope",
    "policy.images",
    "policy.enforced",
    "policy.identity",
    "enforcement.live",
    "enforcement.provider",
)
PINNED = [path for path in worlds.MODULE.solutions if "pinned" in path.name]


def overlay(name: str) -> Path:
    return next(path for path in (*worlds.MODULE.solutions, *worlds.MODULE.mutants) if path.name == name)


def report(evidence: Evidence) -> Report:
    return grade.judge(worlds.MODULE, evidence)


def answered(evidence: Evidence, sample: str, **changes: object) -> Evidence:
    """The evidence with other answers to the probes of one sample."""
    probes = {spec.id: spec for spec in worlds.MODULE.exercise.probes}
    return replace(
        evidence,
        probes=tuple(
            replace(one, **changes) if probes[one.probe].sample == sample else one  # type: ignore[arg-type]
            for one in evidence.probes
        ),
    )


@pytest.mark.parametrize("folder", PINNED, ids=lambda path: path.name)
def test_no_points_are_lost_though_the_lab_denies(folder: Path) -> None:
    evidence = worlds.evidence(folder)
    assert evidence.answer("signed").answer is Answer.DENIED  # type: ignore[union-attr]
    found = report(evidence)
    assert {check: found.outcome(check).status for check in BEHAVIOUR} == dict.fromkeys(BEHAVIOUR, Status.PASSED)


def test_the_outcome_is_predicted_and_says_why() -> None:
    found: Outcome = report(worlds.evidence(overlay("15-pinned-sigstore"))).outcome("policy.identity")
    assert found.predicted
    assert any("cannot be shown in this lab" in note and "verify-providers.yaml:" in note for note in found.notes)


def test_what_is_unsigned_is_still_the_clusters_to_say() -> None:
    evidence = worlds.evidence(overlay("15-pinned-sigstore"))
    found = report(answered(evidence, "unsigned", answer=Answer.ADMITTED, denials={}))
    assert [one.check for one in found.outcomes if one.status is Status.FAILED] == ["policy.images"]
    assert not report(evidence).outcome("policy.enforced").predicted


def test_a_refusal_by_another_rule_is_not_the_pins() -> None:
    evidence = worlds.evidence(overlay("15-pinned-sigstore"))
    denials = {"verify-provider-images": {"names": "validation error: this name is not liked"}}
    assert report(answered(evidence, "signed", denials=denials)).outcome("policy.identity").status is Status.FAILED


def test_a_pin_that_nobody_was_refused_for_changes_nothing() -> None:
    evidence = answered(worlds.evidence(overlay("1-reference")), "signed", answer=Answer.DENIED, denials={
        "verify-provider-images": {"signed-by-the-release-pipeline": "failed to verify image x: no signatures found"}
    })  # fmt: skip
    assert report(evidence).outcome("policy.identity").status is Status.FAILED


def test_what_the_model_cannot_tell_of_a_pin_costs_nobody_points(tmp_path: Path) -> None:
    source = overlay("15-pinned-sigstore") / worlds.FOLDER / "verify-providers.yaml"
    target = tmp_path / worlds.FOLDER / "verify-providers.yaml"
    target.parent.mkdir(parents=True)
    attestations = "      attestations: [{type: https://spdx.dev/Document}]\n      attestors:\n"
    target.write_text(source.read_text().replace("      attestors:\n", attestations))
    found = report(worlds.evidence(tmp_path))
    assert found.outcome("policy.identity").status is Status.ERROR
    assert not found.conclusive
