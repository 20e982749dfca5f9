"""Label selectors, with Kyverno's wildcards."""

from __future__ import annotations

from typing import Any

import pytest

from grader.kyverno import selectors

LABELS = {"app": "web", "tier.example.com/name": "front", "kubernetes.io/metadata.name": "crossplane-system"}


def expression(operator: str, key: str = "app", *values: str) -> dict[str, Any]:
    return {"matchExpressions": [{"key": key, "operator": operator, "values": list(values)}]}


@pytest.mark.parametrize(
    "selector",
    [
        {},
        {"matchLabels": {"app": "web"}},
        {"matchLabels": {"app": "w*"}},
        {"matchLabels": {"tier.*/name": "f?ont"}},
        {"matchLabels": {"*": "*"}},
        expression("In", "app", "web", "db"),
        expression("NotIn", "app", "db"),
        expression("NotIn", "absent", "db"),
        expression("Exists"),
        expression("DoesNotExist", "absent"),
        {"matchLabels": {"app": "web"}, **expression("Exists")},
    ],
)
def test_selectors_that_hold(selector: dict[str, Any]) -> None:
    assert selectors.matches(selector, LABELS)


@pytest.mark.parametrize(
    "selector",
    [
        {"matchLabels": {"app": "db"}},
        {"matchLabels": {"app": "web", "absent": "x"}},
        {"matchLabels": {"app": "x*"}},
        expression("In", "app", "db"),
        expression("NotIn", "app", "web"),
        expression("Exists", "absent"),
        expression("DoesNotExist"),
        expression("Equals", "app", "web"),
        expression("In"),
        {"matchLabels": {"app": "w e b"}},
    ],
)
def test_selectors_that_do_not(selector: dict[str, Any]) -> None:
    assert not selectors.matches(selector, LABELS)


def test_a_wildcard_does_not_match_an_object_without_labels() -> None:
    assert not selectors.matches({"matchLabels": {"*": "*"}}, {})


@pytest.mark.parametrize(
    ("selector", "words"),
    [
        (expression("Equals", "app", "a"), "is not a valid label selector operator"),
        (expression("In"), "values set can't be empty"),
        (expression("Exists", "app", "a"), "must be empty"),
        ({"matchLabels": {"a b": "c"}}, "name part"),
        ({"matchLabels": {"A_B/c": "d"}}, "prefix part"),
        ({"matchLabels": {"a": "-"}}, "a valid label"),
    ],
)
def test_faults_are_named(selector: dict[str, Any], words: str) -> None:
    assert words in (selectors.fault(selector) or "")
