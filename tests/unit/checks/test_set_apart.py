"""Policies that answer as they must for plain Pods, and not for Pods that their own words set apart."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import worlds
from tests.unit.checks.reference import REFERENCE, failed

NAMESPACES = "namespaces: [crossplane-system]"
VERIFY = "    verifyImages:\n"
NO_BACKGROUND = ("spec:\n", "spec:\n  background: false\n")
SETS_APART = {
    "a label": ("exclude: {any: [{resources: {kinds: [Pod], selector: {matchLabels: {skip: 'true'}}}}]}", "skip=true"),
    "one of several labels": (
        "exclude: {any: [{resources: {kinds: [Pod], selector: {matchExpressions:"
        " [{key: a, operator: Exists}, {key: b, operator: DoesNotExist}]}}}]}",
        "with the label a=other",
    ),
    "a name": ("exclude: {any: [{resources: {kinds: [Pod], names: ['debug-*']}}]}", "called debug-other"),
    "an annotation": (
        "exclude: {any: [{resources: {kinds: [Pod], annotations: {skip: 'true'}}}]}",
        "with the annotation skip=true",
    ),
    "a name and a label together": (
        "exclude: {all: [{resources: {names: ['x*']}}, {resources: {selector: {matchLabels: {a: b}}}}]}",
        "called xother and with the label a=b",
    ),
    "a user": ("exclude: {any: [{subjects: [{kind: User, name: alice}]}]}", "made by alice"),
    "an account": (
        "exclude: {any: [{subjects: [{kind: ServiceAccount, name: argocd-server, namespace: argocd}]}]}",
        "made by system:serviceaccount:argocd:argocd-server",
    ),
    "a group": ("exclude: {any: [{subjects: [{kind: Group, name: developers}]}]}", "of the group developers"),
    "a condition on a label": (
        "preconditions: {all: [{key: \"{{ request.object.metadata.labels.skip || 'no' }}\", operator: NotEquals,"
        " value: 'true'}]}",
        "with the label skip=true",
    ),
    "a condition on the name": (
        "preconditions: {all: [{key: '{{ request.name }}', operator: NotEquals, value: debug}]}",
        "called debug",
    ),
    "a condition on the user": (
        "preconditions: {all: [{key: '{{ request.userInfo.username }}', operator: AnyNotIn, value: [bob]}]}",
        "made by bob",
    ),
    "a list that is none": (
        "preconditions: {all: [{key: \"{{ request.object.metadata.labels.skip || 'no' }}\", operator: AnyNotIn,"
        " value: 'x*'}]}",
        "with the label skip=xother",
    ),
}
NARROWED = {
    "labels that must not be there": (
        "selector: {matchExpressions: [{key: skip, operator: DoesNotExist}]}",
        "with the label skip=other",
    ),
    "values that must not be there": (
        "selector: {matchExpressions: [{key: skip, operator: NotIn, values: ['true']}]}",
        "with the label skip=true",
    ),
    "names of probes and providers": ("names: [probe*, provider-*]", "called a-name-of-its-own"),
}
WIDENED = {
    "namespaces by a label": ("namespaceSelector: {matchLabels: {crossplane: 'true'}}", "the label crossplane=true"),
    "namespaces by any value of a label": (
        "namespaceSelector: {matchExpressions: [{key: crossplane, operator: Exists}]}",
        "in a namespace with the label crossplane=other",
    ),
    "names": ("names: [provider-*]", "called provider-other"),
    "labels": ("selector: {matchLabels: {pkg.crossplane.io/revision: '*'}}", "the label pkg.crossplane.io/revision="),
}
FAIR = {
    "other namespaces": "exclude: {any: [{resources: {namespaces: [kube-system], names: ['*']}}]}",
    "deletions": "exclude: {any: [{resources: {kinds: [Pod], operations: [DELETE, CONNECT]}}]}",
    "other kinds": "exclude: {any: [{resources: {kinds: [ConfigMap], names: ['*']}}]}",
    "what cannot be": "exclude: {any: [{resources: {kinds: [Pod], names: ['A*', 'a_b']}}]}",
    "labels that cannot be": "exclude: {any: [{resources: {selector: {matchLabels: {'a b*': 'c?d e'}}}}]}",
    "nodes": "exclude: {any: [{subjects: [{kind: Group, name: 'system:nodes'}, {kind: User, name: 'system:node:*'}]}]}",
    "a condition on the operation": (
        "preconditions: {all: [{key: '{{ request.operation }}', operator: AnyIn, value: [CREATE, UPDATE]}]}"
    ),
    "a condition on the namespace": (
        "preconditions: {all: [{key: '{{ request.namespace }}', operator: Equals, value: crossplane-system}]}"
    ),
}


@pytest.mark.parametrize("name", SETS_APART)
def test_a_pod_that_an_exception_names_is_looked_at_too(tmp_path: Path, name: str) -> None:
    line, told = SETS_APART[name]
    (found,) = failed(tmp_path, (VERIFY, f"    {line}\n{VERIFY}"), NO_BACKGROUND)
    assert found.check == "policy.scope"
    assert told in found.seen


@pytest.mark.parametrize("name", NARROWED)
def test_a_pod_that_match_does_not_take_in_is_looked_at_too(tmp_path: Path, name: str) -> None:
    line, told = NARROWED[name]
    (found,) = failed(tmp_path, (NAMESPACES, f"{NAMESPACES}\n          {line}"))
    assert found.check == "policy.scope"
    assert told in found.seen


def test_makers_that_no_probe_has_are_looked_at_too(tmp_path: Path) -> None:
    people = (
        "[{kind: User, name: kubernetes-admin}, {kind: Group, name: 'system:serviceaccounts:crossplane-system'},"
        " {kind: ServiceAccount, name: replicaset-controller, namespace: kube-system}]"
    )
    edit = ("      - resources:\n", f"      - subjects: {people}\n        resources:\n")
    (found,) = failed(tmp_path, edit, NO_BACKGROUND)
    assert found.check == "policy.scope"
    assert "made by somebody-else" in found.seen


@pytest.mark.parametrize("name", WIDENED)
def test_a_pod_of_a_namespace_that_a_second_entry_takes_in_is_left_alone(tmp_path: Path, name: str) -> None:
    line, told = WIDENED[name]
    second = f"      - resources:\n          kinds: [Pod]\n          {line}\n"
    (found,) = failed(tmp_path, (VERIFY, f"{second}{VERIFY}"))
    assert found.check == "policy.scope"
    assert told in found.seen


@pytest.mark.parametrize("name", FAIR)
def test_an_exception_that_no_pod_in_question_can_have_is_right(tmp_path: Path, name: str) -> None:
    assert failed(tmp_path, (VERIFY, f"    {FAIR[name]}\n{VERIFY}"), NO_BACKGROUND) == []


def test_changes_of_what_runs_are_not_asked_for(tmp_path: Path) -> None:
    """The exercise speaks of who makes a Pod, not of who alters one."""
    entries = (
        "          operations: [CREATE]\n      - resources:\n          kinds: [Pod/ephemeralcontainers]\n"
        f"          {NAMESPACES}\n"
    )
    assert failed(tmp_path, (f"          {NAMESPACES}\n", f"          {NAMESPACES}\n{entries}")) == []


def test_an_unsigned_provider_beside_a_signed_one_is_refused_too(tmp_path: Path) -> None:
    """Kyverno stops at the first rule that applies to the Pod, and that rule is for the signed image alone."""
    text = (REFERENCE / worlds.FOLDER / "verify-providers.yaml").read_text()
    rule = text[text.index("  - name:") :]
    first = rule.replace("provider-*", "provider-aws*").replace("  - name: ", "  - name: first-", 1)
    (found,) = failed(tmp_path, ("  rules:\n", f"  applyRules: One\n  rules:\n{first}"))
    assert found.check == "policy.enforced"
    assert "lets it in with “cgr.dev/chainguard/provider-aws:a”, a signed one, beside it" in found.seen
    assert "applyRules" in found.seen
    assert f":{line(tmp_path, 'applyRules')}:" in str(found.where)


def line(folder: Path, part: str) -> int:
    rows = (folder / worlds.FOLDER / "verify-providers.yaml").read_text().splitlines()
    return next(number for number, row in enumerate(rows, 1) if part in row)
