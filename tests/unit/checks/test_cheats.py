"""Policies whose answers hold for the samples of a lab alone."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from grader import grade
from grader.outcome import Status
from tests import worlds
from tests.unit.checks.reference import REFERENCE, graded, laid

BEHAVIOUR = ("policy.scope", "policy.images", "policy.enforced", "policy.identity", "enforcement.live")


def listed() -> str:
    """The providers among the samples, as a list of patterns."""
    names = sorted({one.image.rpartition(":")[0] for one in worlds.evidence(REFERENCE).probes if ":v" in one.image})
    return ", ".join(f'"{name}*"' for name in names if "/provider-" in name)


def test_a_list_of_the_samples_is_not_every_provider(tmp_path: Path) -> None:
    """Every probe is answered as it must be, and no other provider is looked at: one mistake, of one check."""
    report = graded(tmp_path, ('"cgr.dev/chainguard/provider-*"', listed()))
    found = {one.check: one.status for one in report.outcomes if one.check in BEHAVIOUR}
    assert found == {
        "policy.scope": Status.PASSED,
        "policy.images": Status.FAILED,
        "policy.enforced": Status.BLOCKED,
        "policy.identity": Status.BLOCKED,
        "enforcement.live": Status.BLOCKED,
    }
    failed = report.outcome("policy.images")
    assert "by their names alone" in failed.seen
    assert "cgr.dev/chainguard/provider-*" in failed.seen
    assert "verify-providers.yaml:" in str(failed.where)


def test_the_same_policy_gets_the_same_mark_again(tmp_path: Path) -> None:
    """Tags of four letters alone are left out, and other names have such tags or others."""
    edit = (
        '"cgr.dev/chainguard/provider-*"]',
        '"cgr.dev/chainguard/provider-*"]\n      skipImageReferences: ["*:v?.?"]',
    )
    reports = [graded(tmp_path / str(number), edit) for number in range(4)]
    assert len({tuple((one.check, one.points, one.seen) for one in report.outcomes) for report in reports}) == 1


def wrong() -> str:
    """The providers among the samples that the pipeline did not sign, as a list of patterns."""
    probes = worlds.evidence(REFERENCE).probes
    signed = {one.image.rpartition(":")[0] for one in probes if one.probe in ("signed", "images-second-provider")}
    return ", ".join(name for name in listed().split(", ") if name.strip('"*') not in signed)


def test_wrong_signers_looked_at_by_name_are_a_mistake_of_the_identity(tmp_path: Path) -> None:
    """Anybody's signature counts, and a list names the samples that it shall not count for."""
    text = (REFERENCE / worlds.FOLDER / "verify-providers.yaml").read_text()
    start = text.index("    - imageReferences")
    strict, anybodys = text[start:], text[start:].replace("subject: https://", 'subject: "*" #')
    match = text[text.index("    match:") : start]
    named = "  - name: nobody-else\n" + match + strict.replace('"cgr.dev/chainguard/provider-*"', wrong())
    report = graded(tmp_path, (strict, anybodys + named))
    assert [one.check for one in report.outcomes if one.status is Status.FAILED] == ["policy.identity"]
    assert "by their names alone" in report.outcome("policy.identity").seen


def deny_list(images: str) -> str:
    """A rule that refuses images by name, in a form that no model knows."""
    return f"""\
  rules:
  - name: nobody-else
    match: {{any: [{{resources: {{kinds: [Pod], namespaces: [crossplane-system]}}}}]}}
    validate:
      failureAction: Enforce
      message: not this one
      foreach:
      - list: request.object.spec.containers
        deny: {{conditions: {{any: [{{key: "{{{{ element.image }}}}", operator: AnyIn, value: [{images}]}}]}}}}
"""


def test_names_in_a_rule_that_no_model_knows_leave_it_untold(tmp_path: Path) -> None:
    known = worlds.evidence(REFERENCE)
    folder = laid(tmp_path, ("  rules:\n", deny_list(wrong())), ("subject: https://", 'subject: "*" #'))
    told = replace(worlds.evidence(folder), probes=known.probes)
    report = grade.judge(worlds.MODULE, told)
    assert report.outcome("policy.identity").status is Status.ERROR
    assert "take the name out" in report.outcome("policy.identity").seen
    assert [one.check for one in report.outcomes if one.status is Status.FAILED] == []


def test_an_image_left_alone_by_its_name_is_looked_at_under_another(tmp_path: Path) -> None:
    skipped = {one.image.rpartition(":")[0] for one in worlds.evidence(REFERENCE).probes if "/image-" in one.image}
    names = ", ".join(f'"{name}*"' for name in sorted(skipped) if name)
    report = graded(
        tmp_path,
        ('"cgr.dev/chainguard/provider-*"]', f'"cgr.dev/chainguard/*"]\n      skipImageReferences: [{names}]'),
    )
    failed = [one.check for one in report.outcomes if one.status is Status.FAILED]
    assert failed == ["policy.images"]


def test_what_one_of_two_items_lets_pass_is_a_mistake_of_the_identity(tmp_path: Path) -> None:
    """An image that one item of a rule found right is not asked about again by the next, and no note is left."""
    text = (REFERENCE / worlds.FOLDER / "verify-providers.yaml").read_text()
    strict = text[text.index("    - imageReferences") :]
    report = graded(tmp_path, (strict, strict.replace("subject: https://", 'subject: "*" #') + strict))
    assert [one.check for one in report.outcomes if one.status is Status.FAILED] == ["policy.identity"]


@pytest.mark.parametrize("more", ["preconditions", "celPreconditions"])
def test_a_policy_that_asks_for_dry_runs_cannot_be_told(tmp_path: Path, more: str) -> None:
    condition = {
        "preconditions": "    preconditions: {all: [{key: '{{ request.dryRun }}', operator: Equals, value: true}]}\n",
        "celPreconditions": "    celPreconditions: [{name: dry, expression: 'request.dryRun == true'}]\n",
    }[more]
    report = graded(tmp_path, ("    verifyImages:\n", f"{condition}    verifyImages:\n"))
    assert report.outcome("policy.identity").status is not Status.PASSED
    assert not report.outcome("enforcement.live").points


@pytest.mark.parametrize("solution", worlds.MODULE.solutions, ids=lambda path: path.name)
def test_no_accepted_solution_is_suspected(solution: Path) -> None:
    report = grade.judge(worlds.MODULE, worlds.evidence(solution))
    assert [one.check for one in report.outcomes if one.status is not Status.PASSED] == []


@pytest.mark.parametrize(
    "exclude",
    [
        "resources: {names: ['*-*']}",
        "resources: {selector: {matchExpressions: [{key: pkg.crossplane.io/revision, operator: Exists}]}}",
        "subjects: [{kind: ServiceAccount, name: replicaset-controller, namespace: kube-system}]",
    ],
    ids=["name", "labels", "maker"],
)
def test_what_a_provider_really_runs_in_is_not_left_out(tmp_path: Path, exclude: str) -> None:
    """No probe has such a name, such labels or such a maker; every Pod of a provider has."""
    report = graded(
        tmp_path,
        ("    verifyImages:\n", f"    exclude: {{any: [{{{exclude}}}]}}\n    verifyImages:\n"),
        ("spec:\n", "spec:\n  background: false\n"),
    )
    assert [one.check for one in report.outcomes if one.status is Status.FAILED] == ["policy.scope"]
    assert "otherwise for one that Crossplane has made" in report.outcome("policy.scope").seen
    assert "exclude" in report.outcome("policy.scope").seen


def test_names_hidden_in_a_rule_that_no_model_knows_leave_it_untold(tmp_path: Path) -> None:
    """Anybody's signature counts, and a list that fits the samples' names by wildcards refuses the wrong ones."""
    hidden = ", ".join(f'"{name[:-2]}?*"' for name in (one.strip('"') for one in wrong().split(", ")))
    known = worlds.evidence(REFERENCE)
    folder = laid(tmp_path, ("  rules:\n", deny_list(hidden)), ("subject: https://", 'subject: "*" #'))
    report = grade.judge(worlds.MODULE, replace(worlds.evidence(folder), probes=known.probes))
    found = report.outcome("policy.identity")
    assert found.status is Status.ERROR
    assert "cannot be told" in found.seen
