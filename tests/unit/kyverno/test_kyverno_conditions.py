"""Preconditions: operators, variables, and what cannot be told."""

from __future__ import annotations

import pytest

from tests.unit.kyverno.policies import answers, ask, changed, probe

LABELLED = probe(labels={"app": "web"})


def conditioned(text: str) -> str:
    """The right policy under these preconditions."""
    return changed(("    verifyImages:", f"    preconditions:\n      {text}\n    verifyImages:"))


def condition(key: str, operator: str, value: str) -> str:
    return f"{{key: {key}, operator: {operator}, value: {value}}}"


APP = "'{{ request.object.metadata.labels.app }}'"


@pytest.mark.parametrize(
    "text",
    [
        condition("a", "Equals", "a"),
        condition("abc", "Equals", "'a*'"),
        condition("a", "NotEquals", "b"),
        condition("a", "AnyIn", "[a, b]"),
        condition("a", "AllIn", "[a, b]"),
        condition("a", "AnyNotIn", "[b]"),
        condition("a", "AllNotIn", "[b]"),
        condition("[a, x]", "AnyIn", "[a]"),
        condition("[a, b]", "AllIn", "[a, b, c]"),
        condition("[a, x]", "AnyNotIn", "[a]"),
        condition("[x, y]", "AllNotIn", "[a]"),
        condition("a", "In", "[a]"),
        condition("a", "NotIn", "[b]"),
        condition("'{{ request.operation }}'", "Equals", "CREATE"),
        condition("'{{request.namespace}}'", "Equals", "crossplane-system"),
        condition(APP, "Equals", "web"),
        condition("'{{ request.object.metadata.labels.\"app\" }}-1'", "Equals", "web-1"),
        condition("'{{ request.object.metadata.labels.none || ''x'' }}'", "Equals", "x"),
        condition("'{{ request.userInfo.username }}'", "NotEquals", "x").replace("userInfo.username", "kind.kind"),
    ],
)
def test_conditions_that_hold(text: str) -> None:
    assert answers(conditioned(f"all: [{text}]"), LABELLED) == "denied"
    assert answers(conditioned(f"any: [{text}]"), LABELLED) == "denied"


@pytest.mark.parametrize(
    "text",
    [
        condition("a", "Equals", "b"),
        condition("a", "NotEquals", "'*'"),
        condition("a", "AnyIn", "[b]"),
        condition("a", "AllNotIn", "[a]"),
        condition("[a, b]", "AnyNotIn", "[a, b]"),
        condition("[a, x]", "AllIn", "[a]"),
        condition("[a, x]", "AllNotIn", "[a]"),
        condition("a", "NotIn", "[a]"),
        condition(APP, "Equals", "db"),
        condition("'{{ request.operation }}'", "AnyIn", "[UPDATE, DELETE]"),
    ],
)
def test_conditions_that_do_not(text: str) -> None:
    assert answers(conditioned(f"all: [{text}]"), LABELLED) == "admitted"
    assert answers(conditioned(f"any: [{text}]"), LABELLED) == "admitted"


@pytest.mark.parametrize(
    ("key", "operator", "value", "holds"),
    [
        ("x", "AnyNotIn", "'true'", False),
        ("x", "AllNotIn", "'true'", False),
        ("x", "AnyNotIn", "'{}'", False),
        ("x", "AllNotIn", "'\"z\"'", False),
        ("x", "AnyNotIn", "'5'", False),
        ("x", "AnyNotIn", "'[1]'", False),
        ("x", "AnyNotIn", "true", False),
        ("'true'", "AnyIn", "'true'", True),
        ("x", "AnyNotIn", "'null'", True),
        ("x", "AnyIn", "'null'", False),
        ("x", "AnyNotIn", "'1.2.3'", True),
        ("x", "AnyNotIn", "'[\"x\"]'", False),
        ("x", "AnyIn", "'[\"x\"]'", True),
        ("x", "AnyIn", "'[\"x*\"]'", False),
        ("[x]", "AnyIn", "'[\"x*\"]'", True),
        ("[x, z]", "AnyNotIn", "'[\"x\"]'", True),
        ("[x, z]", "AllNotIn", "'true'", False),
        ("[a]", "AnyNotIn", "true", True),
        ("[a]", "AllNotIn", "true", False),
        ("x", "NotIn", "z", False),
        ("x", "NotIn", "'[\"a\"]'", True),
        ("[x]", "NotIn", "'[\"a\"]'", True),
        ("[x]", "In", '\'["a", "x"]\'', True),
        ("[x]", "NotIn", "x", True),
        ("[x]", "In", "[x, 1]", False),
        ("true", "AnyIn", "['true']", True),
    ],
)
def test_a_text_among_others_may_be_a_list_in_json(key: str, operator: str, value: str, holds: bool) -> None:
    """Each as Kyverno 1.19.1 answers: any other JSON than a list of texts makes the condition one that is not met."""
    asked = conditioned(f"all: [{condition(key, operator, value)}]")
    assert answers(asked, LABELLED) == ("denied" if holds else "admitted")


@pytest.mark.parametrize(
    ("key", "operator", "value"), [("a", "AnyIn", "1-3"), ("[1]", "In", "[a]"), ("1.5", "AnyIn", "[a]")]
)
def test_ranges_and_other_values_than_texts_are_not_compared(key: str, operator: str, value: str) -> None:
    assert answers(conditioned(f"all: [{condition(key, operator, value)}]"), LABELLED) == "cannot-tell"


def test_any_needs_one_and_all_needs_every() -> None:
    yes, no = condition("a", "Equals", "a"), condition("a", "Equals", "b")
    assert answers(conditioned(f"any: [{no}, {yes}]"), LABELLED) == "denied"
    assert answers(conditioned(f"all: [{no}, {yes}]"), LABELLED) == "admitted"
    assert answers(conditioned(f"any: [{yes}]\n      all: [{no}]"), LABELLED) == "admitted"
    assert answers(conditioned("any: []"), LABELLED) == "admitted"
    assert answers(conditioned("all: []"), LABELLED) == "denied"


def test_an_old_style_list_is_like_all() -> None:
    yes, no = condition("a", "Equals", "a"), condition("a", "Equals", "b")
    assert answers(conditioned(f"- {yes}"), LABELLED) == "denied"
    assert answers(conditioned(f"- {yes}\n      - {no}"), LABELLED) == "admitted"


def test_a_key_that_is_missing_is_an_error_and_blocks() -> None:
    text = conditioned(f"all: [{condition(APP, 'Equals', 'web')}]")
    found = ask(text, probe(labels={"tier": "x"}))
    assert found.answer.value == "denied"
    assert "failed to evaluate preconditions" in found.reason


def test_an_error_is_let_in_where_the_policy_fails_open() -> None:
    text = changed(
        ("  rules:", "  failurePolicy: Ignore\n  rules:"),
        text=conditioned(f"all: [{condition(APP, 'Equals', 'web')}]"),
    )
    assert answers(text, probe(labels={"tier": "x"})) == "admitted"


@pytest.mark.parametrize(
    "text",
    [
        condition("'{{ request.object.spec.serviceAccountName }}'", "Equals", "a"),
        condition("'{{ to_upper(request.operation) }}'", "Equals", "CREATE"),
        condition("'{{ request.object.spec.containers[].image }}'", "AnyIn", "[a]"),
        condition("1", "GreaterThan", "0"),
        condition("'10m'", "Equals", "'600s'"),
    ],
)
def test_what_cannot_be_told(text: str) -> None:
    assert answers(conditioned(f"all: [{text}]"), LABELLED) == "cannot-tell"


def test_a_doubt_does_not_matter_where_the_rule_does_not_match() -> None:
    text = conditioned(f"all: [{condition('1', 'GreaterThan', '0')}]")
    assert answers(text, probe(namespace="default")) == "admitted"


def test_context_variables_cannot_be_told() -> None:
    entry = "{name: a, variable: {value: b}}"
    text = changed(("    verifyImages:", f"    context: [{entry}]\n    verifyImages:"))
    assert answers(text, LABELLED) == "cannot-tell"
    assert answers(text, probe("docker.io/nginx")) == "admitted"
