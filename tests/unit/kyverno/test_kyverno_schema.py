"""What the API server makes of a spec: pruning, defaults, types, and repairs that name a line."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from grader.kyverno import types
from grader.kyverno.shapes import SHAPES, SPECS
from tests.unit.kyverno.policies import GOOD, changed, line, review


def test_every_shape_is_readable_and_used() -> None:
    used = set(SPECS.values())
    for name in SHAPES:
        for kind in types.shape(name).fields.values():
            while kind.item:
                kind = kind.item
            used.add(kind.shape)
    assert used - {""} == set(SHAPES)


def test_defaults_are_written_in() -> None:
    policy = review(GOOD).policy
    assert policy is not None
    item = policy.rules[0].items[0].body
    names = ("mutateDigest", "verifyDigest", "required", "useCache")
    assert [item[name] for name in names] == [True, True, True, True]
    assert policy.spec["validationFailureAction"] == "Audit"
    assert item["attestors"][0]["entries"][0]["signatureAlgorithm"] == "sha256"


def test_an_unknown_field_is_left_out_and_a_strict_client_refused() -> None:
    one = review(changed(("  rules:", "  colour: red\n  rules:")))
    assert one.accepted
    assert not one.strictly_accepted
    assert [problem.reason for problem in one.pruned] == ['unknown field "spec.colour"']


@pytest.mark.parametrize(
    ("old", "new", "field", "repair"),
    [
        ("imageReferences", "imagereferences", "spec.rules[0].verifyImages[0].imagereferences", "capitals"),
        ("namespaces:", "namespace:", "spec.rules[0].match.any[0].resources.namespace", "namespaces"),
        ("subject:", "subjects:", "spec.rules[0].verifyImages[0].attestors[0].entries[0].keyless.subjects", "subject"),
        ("    verifyImages:", "    verifyimages:", "spec.rules[0].verifyimages", "Write verifyImages"),
    ],
)
def test_a_misspelt_field_names_the_right_one(old: str, new: str, field: str, repair: str) -> None:
    text = changed((old, new))
    (problem,) = review(text).pruned
    assert problem.field == field
    assert repair in problem.repair
    assert problem.where.startswith(f"policy.yaml:{line(text, new)}:")


@pytest.mark.parametrize(
    ("old", "new", "owner"),
    [
        ("    verifyImages:\n", "    failureAction: Enforce\n    verifyImages:\n", "an item of the list verifyImages"),
        ("  rules:\n", "  attestors: []\n  rules:\n", "an item of the list verifyImages"),
        ("      any:\n", "      attestors: []\n      any:\n", "an item of the list verifyImages"),
        ("        - keyless:\n", "        - namespaces: [a]\n          keyless:\n", "resources"),
        ("            rekor:\n", "            url: https://a\n            rekor:\n", "rekor"),
    ],
)
def test_a_misplaced_field_names_where_it_belongs(old: str, new: str, owner: str) -> None:
    (problem,) = review(changed((old, new))).pruned
    assert f"belongs inside {owner}" in problem.repair


def test_a_misplaced_field_names_the_line_to_line_up_with() -> None:
    text = changed(("    verifyImages:\n", "    failureAction: Audit\n    verifyImages:\n"))
    (problem,) = review(text).pruned
    assert f"lines up with imageReferences in line {line(text, 'imageReferences')}" in problem.repair


@pytest.mark.parametrize(
    ("old", "new", "reason", "repair"),
    [
        ("[crossplane-system]", "crossplane-system", 'must be of type array: "string"', "list"),
        ("failureAction: Enforce", "failureAction: enforce", 'Unsupported value: "enforce"', "Write Enforce"),
        ("failureAction: Enforce", "failureAction: Block", 'Unsupported value: "Block"', "one of Audit, Enforce"),
        (
            "      - entries:",
            "      - count: 0\n        entries:",
            "greater than or equal to 1",
            "Write 1, or delete it",
        ),
        ("      - entries:", "      - count: '1'\n        entries:", "must be of type integer", "without quotes"),
        ("  - name: signed", f"  - name: {'s' * 64}", "may not be more than 63 bytes", "Shorten"),
        ("  - name: signed\n    match:", "  - match:", "name: Required value", "Add the field name"),
        ("namespaces: [crossplane-system]", "namespaces: [~]", 'must be of type string: "null"', "Nothing stands"),
        ("failureAction: Enforce", "mutateDigest: 'true'", "must be of type boolean", "without quotes"),
        ("kinds: [Pod]", "kinds: [Pod]\n          name: a\n          names: [b]", "must not validate", "only one of"),
    ],
)
def test_what_the_api_server_refuses(old: str, new: str, reason: str, repair: str) -> None:
    one = review(changed((old, new)))
    assert not one.accepted
    assert reason in one.reason
    assert repair in one.problems[0].repair


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("    match:\n", "    exclude:\n    match:\n"),
        ("    match:\n", "    preconditions:\n    match:\n"),
        ("    match:\n", "    reportProperties: {team: null}\n    match:\n"),
        ("      - entries:", "      - count:\n        entries:"),
        ("          kinds: [Pod]", "          kinds: [Pod]\n          annotations:\n          names: null"),
        ("spec:\n", "spec:\n  webhookConfiguration: {failurePolicy: null}\n"),
    ],
    ids=["an object", "anything", "in a map", "a number", "lists", "inside an object"],
)
def test_a_field_with_nothing_after_its_colon_is_as_if_it_were_not_there(old: str, new: str) -> None:
    """The API server drops a null that has no default and is not allowed (apiextensions-apiserver, prunenulls.go)."""
    one = review(changed((old, new)))
    assert one.strictly_accepted
    assert one.policy is not None
    assert None not in _values(one.policy.spec)


def _values(value: Any) -> Iterator[Any]:
    yield value
    children = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for child in children:
        yield from _values(child)


def test_a_required_field_with_nothing_after_its_colon_is_missing() -> None:
    one = review(changed(("  - name: signed\n", "  - name:\n")))
    assert "name: Required value" in one.reason


def test_a_log_with_nothing_after_its_colon_is_no_log() -> None:
    one = review(changed(("              url: https://rekor.sigstore.dev\n", "")))
    assert "Either Rekor URL or roots are required" in one.reason


def test_a_null_where_there_is_a_default_takes_the_default() -> None:
    policy = review(changed(("failureAction: Enforce", "failureAction: Enforce\n      required:"))).policy
    assert policy is not None
    assert policy.rules[0].items[0].body["required"] is True


def test_v2beta1_has_no_deprecated_fields() -> None:
    text = changed(
        ("kyverno.io/v1", "kyverno.io/v2beta1"),
        ("    - imageReferences:\n      - cgr", "    - image: cgr"),
    )
    one = review(text)
    assert [problem.field for problem in one.pruned] == ["spec.rules[0].verifyImages[0].image"]
    assert "An image reference is required" in one.reason


def test_v2beta1_is_taken() -> None:
    assert review(changed(("kyverno.io/v1", "kyverno.io/v2beta1"))).strictly_accepted


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("kyverno.io/v1", "kyverno.io/v1alpha1", "no matches for kind"),
        ("  name: check-provider", "  name: Check_Provider", "RFC 1123"),
        ("  name: check-provider", "  labels: {a: b}", "name or generateName is required"),
        ("  name: check-provider", "  name: check-provider\n  annotations: {a: 1}", "into a string"),
        ("  name: check-provider", "  name: check-provider\n  labels: {a: b c}", "a valid label"),
    ],
)
def test_what_is_refused_around_the_spec(old: str, new: str, reason: str) -> None:
    one = review(changed((old, new)))
    assert not one.accepted
    assert reason in one.reason


def test_a_policy_without_spec_is_refused() -> None:
    one = review("apiVersion: kyverno.io/v1\nkind: ClusterPolicy\nmetadata: {name: a}\n")
    assert "spec: Required value" in one.reason


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ("spec:\n", "rules: []\nspec:\n", "rules"),
        ("  name: check-provider", "  name: check-provider\n  title: x", "metadata.title"),
    ],
)
def test_unknown_fields_around_the_spec_are_left_out(old: str, new: str, field: str) -> None:
    assert [problem.field for problem in review(changed((old, new))).pruned] == [field]


def test_a_namespace_of_a_cluster_policy_is_ignored() -> None:
    assert review(changed(("  name: check-provider", "  name: check-provider\n  namespace: x"))).strictly_accepted
