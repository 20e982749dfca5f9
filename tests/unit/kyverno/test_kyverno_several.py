"""Several rules, policies, documents; failure policies; objects that are not modelled."""

from __future__ import annotations

import pytest

from grader.kyverno import oracle
from grader.manifest import load
from tests.unit.kyverno.policies import GOOD, OFFICIAL, TAGGED, answers, ask, changed, probe, review, reviews, signed

RULE = GOOD[GOOD.index("  - name: signed") :]


def rule(name: str, *pairs: tuple[str, str]) -> str:
    return changed(("name: signed", f"name: {name}"), *pairs, text=RULE)


def policy(name: str, *pairs: tuple[str, str]) -> str:
    return changed(("name: check-provider", f"name: {name}"), *pairs)


def test_any_failing_rule_denies() -> None:
    text = GOOD + rule("other", ("release.yaml", "other.yaml"))
    found = ask(text, signed())
    assert (found.answer.value, found.rule) == ("denied", "other")


def test_every_failing_rule_is_named() -> None:
    found = ask(GOOD + rule("other"), probe())
    assert list(found.denials["check-provider"]) == ["signed", "other"]


def test_apply_one_stops_after_the_first_rule_that_applies() -> None:
    text = changed(("  rules:", "  applyRules: One\n  rules:")) + rule("other", ("release.yaml", "other.yaml"))
    assert answers(text, signed()) == "admitted"


def test_apply_one_goes_on_past_rules_that_do_not_match() -> None:
    first = changed(("  rules:", "  applyRules: One\n  rules:"), ("[crossplane-system]", "[default]"))
    assert answers(first + rule("other"), probe()) == "denied"


def test_any_failing_policy_denies() -> None:
    text = policy("a") + "---\n" + policy("b", ("release.yaml", "other.yaml"))
    found = ask(text, signed())
    assert (found.answer.value, found.policy) == ("denied", "b")


def test_both_policies_are_named_in_the_denial() -> None:
    text = policy("a") + "---\n" + policy("b")
    found = ask(text, probe())
    assert sorted(found.denials) == ["a", "b"]


def test_the_last_of_a_name_is_live() -> None:
    text = GOOD + "---\n" + changed(("release.yaml", "other.yaml"))
    assert [one.live for one in reviews(text)] == [False, True]
    assert answers(text, signed()) == "denied"


def test_policies_of_two_kinds_do_not_replace_each_other() -> None:
    text = GOOD + "---\n" + changed(("kind: ClusterPolicy", "kind: Policy"))
    assert [one.replaced for one in reviews(text)] == [False, False]


def test_a_refused_policy_asks_nothing() -> None:
    text = changed(("              url: https://rekor.sigstore.dev", "              url: ''"))
    assert not review(text).accepted
    assert answers(text, probe()) == "admitted"


def test_a_pinned_image_is_what_the_next_policy_sees() -> None:
    """The validating webhook sees the digest that another policy wrote."""
    lax = ("      failureAction: Enforce\n", "      failureAction: Enforce\n      mutateDigest: false\n")
    assert answers(policy("a", lax), signed()) == "denied"
    assert answers(policy("a", lax) + "---\n" + policy("b"), signed()) == "denied"


IGNORE = ("  rules:", "  webhookConfiguration: {failurePolicy: Ignore}\n  rules:")


def test_failing_open_does_not_spare_what_is_refused() -> None:
    found = ask(changed(IGNORE), probe())
    assert (found.answer.value, found.webhook) == ("denied", "mutate.kyverno.svc-ignore")


def test_policies_that_fail_open_and_closed_on_one_image_cannot_be_told() -> None:
    text = policy("a", IGNORE) + "---\n" + policy("b")
    assert answers(text, signed()) == "cannot-tell"
    assert answers(text, probe()) == "denied"


def test_match_conditions_cannot_be_told_where_the_rule_speaks() -> None:
    text = changed(("  rules:", "  webhookConfiguration: {matchConditions: [{name: a, expression: 'true'}]}\n  rules:"))
    assert answers(text, probe()) == "cannot-tell"
    assert answers(text, probe(namespace="default")) == "admitted"
    assert answers(text, probe("docker.io/nginx")) == "admitted"


def test_a_mutate_rule_cannot_be_told_where_it_speaks() -> None:
    change = "{patchStrategicMerge: {metadata: {labels: {a: b}}}}"
    text = GOOD + f"  - name: change\n    match: {{any: [{{resources: {{kinds: [Pod]}}}}]}}\n    mutate: {change}\n"
    assert answers(text, probe()) == "cannot-tell"
    assert answers(text, probe(kind="Deployment", namespace="kube-system")) == "admitted"


def test_a_list_is_taken_apart() -> None:
    items = "".join(f"  {row}\n" for row in GOOD.splitlines())
    text = "apiVersion: v1\nkind: List\nitems:\n-" + items[1:]
    assert answers(text, probe()) == "denied"
    assert ask(text, probe()).where.startswith("policy.yaml:22:")


@pytest.mark.parametrize("kind", ["ImageValidatingPolicy", "ValidatingAdmissionPolicy"])
def test_objects_that_could_deny_too_are_named(kind: str) -> None:
    documents = load(f"apiVersion: x/v1\nkind: {kind}\nmetadata: {{name: a}}\n".encode())
    assert [place.value["kind"] for place in oracle.unmodelled(documents)] == [kind]
    assert oracle.review(documents) == []


def test_other_objects_are_left_out() -> None:
    documents = load(b"apiVersion: v1\nkind: ConfigMap\n---\n[1]\n---\nkind: ClusterPolicy\napiVersion: other.io/v1\n")
    assert (oracle.review(documents), oracle.unmodelled(documents)) == ([], [])


def test_a_denial_names_webhook_policy_and_rule() -> None:
    denied = ask(GOOD, probe())
    assert denied.webhook == "mutate.kyverno.svc-fail"
    assert {policy: [*rules] for policy, rules in denied.denials.items()} == {"check-provider": ["signed"]}


def test_signed_twice_is_signed() -> None:
    assert answers(GOOD, probe(TAGGED, [OFFICIAL, OFFICIAL])) == "admitted"
