"""Whether a rule looks at a request."""

from __future__ import annotations

import pytest

from grader.kyverno import explain, oracle
from grader.kyverno.request import Probe
from grader.manifest import load
from tests.unit.kyverno.policies import MATCH, answers, ask, changed, probe

UNSIGNED = probe()


def block(text: str) -> str:
    """The right policy with other entries under `match`."""
    return changed((MATCH, text))


def resources(text: str, section: str = "any") -> str:
    """The right policy for Pods with further fields under `resources`."""
    return block(f"      {section}:\n      - resources:\n          kinds: [Pod]\n{text}")


@pytest.mark.parametrize(
    "text",
    [
        "          namespaces: [crossplane-system]\n",
        "          namespaces: [a, crossplane-*]\n",
        "          namespaces: ['crossplane-syste?']\n",
        "          namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: crossplane-system}}\n",
        "          namespaceSelector: {matchExpressions: [{key: kubernetes.io/metadata.name, operator: In,"
        " values: [crossplane-system]}]}\n",
        "          operations: [CREATE, UPDATE]\n",
        "          names: ['p*']\n",
        "          name: probe\n",
        "          selector: {matchLabels: {app: web}}\n",
        "          annotations: {'example.com/*': 'y*'}\n",
    ],
)
def test_clauses_that_take_the_probe_in(text: str) -> None:
    one = probe(labels={"app": "web"}, annotations={"example.com/x": "yes"})
    assert answers(resources(text), one) == "denied"


@pytest.mark.parametrize(
    "text",
    [
        "          namespaces: [crossplane-sytem]\n",
        "          namespaceSelector: {matchLabels: {team: platform}}\n",
        "          operations: [UPDATE]\n",
        "          names: [provider-*]\n",
        "          selector: {matchLabels: {app: web}}\n",
        "          annotations: {example.com/x: yes}\n".replace("yes", "'yes'"),
    ],
)
def test_clauses_that_leave_the_probe_out(text: str) -> None:
    assert answers(resources(text), UNSIGNED) == "admitted"


def test_labels_of_the_namespace_are_looked_at() -> None:
    text = resources("          namespaceSelector: {matchLabels: {team: platform}}\n")
    assert answers(text, probe(namespace_labels={"team": "platform"})) == "denied"


def test_an_unreadable_namespace_selector_takes_in_nothing() -> None:
    text = resources(
        "          namespaceSelector: {matchExpressions: [{key: kubernetes.io/metadata.name, operator: Equals,"
        " values: [crossplane-system]}]}\n"
    )
    assert answers(text, UNSIGNED) == "admitted"


def test_any_needs_one_block() -> None:
    text = block("      any:\n      - resources: {kinds: [Pod], namespaces: [a]}\n      - resources: {kinds: [Pod]}\n")
    assert answers(text, UNSIGNED) == "denied"


def test_all_needs_every_block() -> None:
    two = "      all:\n      - resources: {{kinds: [Pod], namespaces: [{}]}}\n      - resources: {{kinds: [Pod]}}\n"
    assert answers(block(two.format("crossplane-system")), UNSIGNED) == "denied"
    assert answers(block(two.format("default")), UNSIGNED) == "admitted"


def test_all_of_two_namespaces_takes_in_nothing() -> None:
    text = block(
        "      all:\n      - resources: {kinds: [Pod], namespaces: [crossplane-system]}\n"
        "      - resources: {kinds: [Pod], namespaces: [default]}\n"
    )
    assert answers(text, UNSIGNED) == "admitted"


def test_the_old_style_takes_in_the_same() -> None:
    text = block("      resources:\n        kinds: [Pod]\n        namespaces: [crossplane-system]\n")
    assert answers(text, UNSIGNED) == "denied"
    assert answers(text, probe(namespace="default")) == "admitted"


@pytest.mark.parametrize(
    "text",
    [
        "    exclude:\n      any:\n      - resources: {namespaces: ['*']}\n",
        "    exclude:\n      any:\n      - resources: {namespaces: [crossplane-system]}\n"
        "      - resources: {kinds: [Job]}\n",
        "    exclude:\n      all:\n      - resources: {namespaces: ['cross*']}\n      - resources: {kinds: [Pod]}\n",
        "    exclude:\n      resources: {namespaces: [crossplane-system]}\n",
    ],
)
def test_what_exclude_takes_out(text: str) -> None:
    assert answers(changed(("    verifyImages:\n", text + "    verifyImages:\n")), UNSIGNED) == "admitted"


@pytest.mark.parametrize(
    "text",
    [
        "    exclude:\n      any:\n      - resources: {namespaces: [default]}\n",
        "    exclude:\n      all:\n      - resources: {namespaces: ['cross*']}\n      - resources: {kinds: [Job]}\n",
        "    exclude: {}\n",
    ],
)
def test_what_exclude_leaves_in(text: str) -> None:
    assert answers(changed(("    verifyImages:\n", text + "    verifyImages:\n")), UNSIGNED) == "denied"


def users(text: str) -> str:
    """The right policy for requests only, with users under `exclude`."""
    return changed(
        ("  rules:", "  background: false\n  rules:"),
        ("    verifyImages:\n", f"    exclude:\n      any:\n      - {text}\n    verifyImages:\n"),
    )


@pytest.mark.parametrize(
    ("text", "who", "expected"),
    [
        ("clusterRoles: [cluster-admin]", "administrator", "admitted"),
        ("clusterRoles: [view]", "administrator", "denied"),
        ("subjects: [{kind: User, name: kubernetes-*}]", "administrator", "admitted"),
        ("subjects: [{kind: User, name: kubernetes-*}]", "crossplane", "denied"),
        ("subjects: [{kind: Group, name: 'system:serviceaccounts:crossplane-system'}]", "crossplane", "admitted"),
        (
            "subjects: [{kind: ServiceAccount, name: crossplane, namespace: crossplane-system}]",
            "crossplane",
            "admitted",
        ),
        ("subjects: [{kind: ServiceAccount, name: other, namespace: crossplane-system}]", "crossplane", "denied"),
        ("roles: ['crossplane-system:x']", "administrator", "denied"),
        ("clusterRoles: [crossplane]", "crossplane", "cannot-tell"),
    ],
)
def test_who_asks(text: str, who: str, expected: str) -> None:
    assert answers(users(text), probe(who=who)) == expected


def test_a_doubt_about_users_does_not_matter_where_another_clause_decides() -> None:
    text = users("resources: {namespaces: [default]}\n        clusterRoles: [crossplane]")
    assert answers(text, probe(who="crossplane")) == "denied"


@pytest.mark.parametrize("section", ["all", "any"])
def test_an_empty_list_of_users_takes_everybody_out(section: str) -> None:
    """It is more than nothing, and asks for nobody (matchesResourceDescriptionExcludeHelper)."""
    text = changed(("    verifyImages:", f"    exclude: {{{section}: [{{subjects: []}}]}}\n    verifyImages:"))
    assert answers(text, UNSIGNED) == "admitted"


@pytest.mark.parametrize("namespace", ["kube-system", "kube-public", "kube-node-lease", "kyverno"])
def test_what_kyvernos_own_configuration_leaves_out(namespace: str) -> None:
    text = changed(("          namespaces: [crossplane-system]\n", ""))
    assert answers(text, probe(namespace=namespace)) == "admitted"


def test_a_policy_acts_in_its_own_namespace() -> None:
    text = changed(
        ("kind: ClusterPolicy", "kind: Policy"),
        ("  name: check-provider", "  name: check-provider\n  namespace: crossplane-system"),
        ("          namespaces: [crossplane-system]\n", ""),
    )
    assert answers(text, UNSIGNED) == "denied"
    assert answers(text, probe(namespace="default")) == "admitted"


@pytest.mark.parametrize(
    "one",
    [
        probe(where="initContainers"),
        probe(where="ephemeralContainers"),
        probe(kind="Deployment"),
        probe(operation="UPDATE"),
        probe("cgr.dev/chainguard/provider-x/evil:1"),
    ],
    ids=["init", "ephemeral", "deployment", "update", "sub-path"],
)
def test_every_place_of_an_image_is_looked_at(one: Probe) -> None:
    assert answers(changed(), one) == "denied"


def test_a_denial_names_rule_and_line() -> None:
    found = ask(changed(), UNSIGNED)
    assert (found.policy, found.rule) == ("check-provider", "signed")
    assert found.where == "policy.yaml:19:11"
    assert "no signatures found" in found.reason


def test_a_letter_that_cannot_be_seen_is_named() -> None:
    """The name is shown as it should be, for what cannot be seen is left out of what is shown."""
    text = block('      any:\n      - resources: {kinds: [Pod], namespaces: ["crossplane-system\\u200b"]}\n')
    (review,) = oracle.review(load(text.encode()))
    found = explain.untouched(review, UNSIGNED)
    assert found is not None
    assert "U+200B at character 18" in found.repair
