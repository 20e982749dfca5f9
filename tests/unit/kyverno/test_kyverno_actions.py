"""Failure actions: what blocks, and what only reports."""

from __future__ import annotations

import pytest

from grader.kyverno import actions, oracle
from grader.kyverno.policy import Policy
from tests.unit.kyverno.policies import GOOD, answers, changed, probe, reviews

ITEM = "      failureAction: Enforce\n"
UNSIGNED = probe()


def policy(item: str | None, spec: str = "") -> str:
    """The right policy with this action of the item, and these lines in the spec; digests off, as Audit wants it."""
    own = f"      failureAction: {item}\n" if item else ""
    return changed(
        (ITEM, f"{own}      mutateDigest: false\n      verifyDigest: false\n"), ("  rules:", f"{spec}  rules:")
    )


@pytest.mark.parametrize(
    ("item", "spec", "expected"),
    [
        ("Enforce", None, "denied"),
        ("Audit", None, "admitted"),
        (None, None, "admitted"),
        (None, "Enforce", "denied"),
        (None, "enforce", "denied"),
        (None, "Audit", "admitted"),
        ("Audit", "Enforce", "admitted"),
        ("Enforce", "Audit", "denied"),
    ],
)
def test_the_items_action_comes_before_the_policys(item: str | None, spec: str | None, expected: str) -> None:
    text = policy(item, f"  validationFailureAction: {spec}\n" if spec else "")
    assert answers(text, UNSIGNED) == expected


def override(text: str, action: str = "Enforce") -> str:
    return f"  validationFailureActionOverrides:\n  - action: {action}\n{text}"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("    namespaces: [crossplane-system]\n", "denied"),
        ("    namespaces: [cross*]\n", "denied"),
        ("    namespaces: [default]\n", "admitted"),
        ("", "denied"),
        ("    namespaces: []\n", "admitted"),
        ("    namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: crossplane-system}}\n", "admitted"),
        ("    namespaceSelector: {matchExpressions: [{key: a, operator: DoesNotExist}]}\n", "denied"),
    ],
)
def test_overrides_by_namespace(text: str, expected: str) -> None:
    """A selector of an override sees no labels unless a rule asks for the namespace's labels too."""
    assert answers(policy(None, override(text)), UNSIGNED) == expected


def test_an_override_sees_labels_where_a_rule_asks_for_them() -> None:
    text = policy(
        None, override("    namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: crossplane-system}}\n")
    )
    selector = "namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: crossplane-system}}"
    assert answers(changed(("namespaces: [crossplane-system]", selector), text=text), UNSIGNED) == "denied"


def test_an_override_does_not_change_an_items_own_action() -> None:
    assert answers(policy("Audit", override("    namespaces: [crossplane-system]\n")), UNSIGNED) == "admitted"


def test_one_enforcing_item_makes_the_rule_enforce() -> None:
    second = "    - imageReferences: [docker.io/*]\n      failureAction: Enforce\n"
    assert answers(policy("Audit") + second, UNSIGNED) == "denied"


def test_the_action_of_a_generated_rule_is_its_origins() -> None:
    assert answers(policy("Audit"), probe(kind="Deployment")) == "admitted"
    assert answers(policy("Enforce"), probe(kind="Deployment")) == "denied"


def test_rules_are_looked_through_once_a_policy_however_many_there_are(monkeypatch: pytest.MonkeyPatch) -> None:
    rule = GOOD[GOOD.index("  - name: signed") :]
    found = reviews(GOOD + "".join(rule.replace("signed", f"signed-{number}", 1) for number in range(9)))
    looked = []

    def counted(policy: Policy) -> bool:
        looked.append(policy)
        return False

    monkeypatch.setattr(actions, "_selected", counted)
    told = [oracle.answer(found, one).answer for one in (UNSIGNED, probe(namespace="default"))]
    assert (told, len(looked)) == (["denied", "admitted"], 1)
