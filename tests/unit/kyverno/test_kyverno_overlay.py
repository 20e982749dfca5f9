"""`validate` rules beside image verification: patterns, anchors, `deny`."""

from __future__ import annotations

import pytest

from grader.kyverno.request import Image
from tests.unit.kyverno.policies import DIGEST, GOOD, TAGGED, answers, ask, changed, probe, signed

HEAD = GOOD[: GOOD.index("    verifyImages:")]
NGINX = Image("docker.io/nginx:1", "initContainers", DIGEST)


def pattern(text: str, action: str = "Enforce") -> str:
    return (
        f"{HEAD}    validate:\n      failureAction: {action}\n      message: only Chainguard\n      pattern: {text}\n"
    )


IMAGES = "{spec: {'=(initContainers)': [{image: 'cgr.dev/*'}], containers: [{image: 'cgr.dev/*'}]}}"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{spec: {containers: [{image: 'cgr.dev/*'}]}}", "admitted"),
        ("{spec: {containers: [{image: 'docker.io/*'}]}}", "denied"),
        ("{spec: {containers: [{image: 'docker.io/* | cgr.dev/*'}]}}", "admitted"),
        ("{spec: {containers: [{image: 'cgr.dev/* & !*provider*'}]}}", "denied"),
        ("{spec: {containers: [{image: '!docker.io/*'}]}}", "admitted"),
        ("{spec: {containers: [{'(image)': 'docker.io/*', name: x}]}}", "admitted"),
        ("{spec: {containers: [{'(image)': 'cgr.dev/*', name: x}]}}", "denied"),
        ("{spec: {'^(containers)': [{image: 'docker.io/*'}]}}", "denied"),
        ("{spec: {'X(initContainers)': 'null'}}", "admitted"),
        ("{spec: {'X(containers)': 'null'}}", "denied"),
        ("{metadata: {labels: {app: '?*'}}}", "denied"),
        ("{metadata: {'=(labels)': {app: '?*'}}}", "admitted"),
        ("{metadata: {'(namespace)': default}, spec: {containers: [{image: x}]}}", "admitted"),
        ("{metadata: {name: '*'}}", "admitted"),
    ],
)
def test_patterns(text: str, expected: str) -> None:
    assert answers(pattern(text), probe()) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{metadata: {namespace: '!x'}}", "denied"),
        ("{metadata: {namespace: '?* | !x'}}", "denied"),
        ("{metadata: {namespace: null}}", "admitted"),
        ("{metadata: {namespace: 5}}", "denied"),
        ("{metadata: {namespace: false}}", "denied"),
        ("{metadata: {namespace: '0'}}", "cannot-tell"),
        ("{metadata: {namespace: '<= 1h'}}", "cannot-tell"),
    ],
)
def test_a_missing_value_fits_no_text_not_even_a_negated_one(text: str, expected: str) -> None:
    """A Deployment's template has no namespace; what is missing counts as 0 in comparisons (pattern.go)."""
    assert answers(pattern(text), probe(kind="Deployment")) == expected


def test_optional_lists_are_looked_at_where_they_are() -> None:
    assert answers(pattern(IMAGES), probe()) == "admitted"
    assert answers(pattern(IMAGES), probe(beside=[NGINX])) == "denied"


def test_a_pattern_for_pods_speaks_of_the_template_of_a_deployment() -> None:
    assert answers(pattern(IMAGES), probe(kind="Deployment")) == "admitted"
    assert answers(pattern(IMAGES), probe("docker.io/nginx", kind="Deployment")) == "denied"


def test_an_auditing_pattern_lets_in() -> None:
    assert answers(pattern(IMAGES, "Audit"), probe("docker.io/nginx")) == "admitted"


def test_the_message_is_kyvernos() -> None:
    found = ask(pattern(IMAGES), probe("docker.io/nginx"))
    assert found.reason == "validation error: only Chainguard. rule signed failed at path /spec/containers/0/image/"
    assert found.webhook == "validate.kyverno.svc-fail"


def test_one_of_any_pattern_is_enough() -> None:
    text = pattern("x").replace("pattern: x", "anyPattern: [{spec: {containers: [{image: 'a/*'}]}}, " + IMAGES + "]")
    assert answers(text, probe()) == "admitted"
    assert answers(text, probe("docker.io/nginx")) == "denied"


def test_deny() -> None:
    condition = "{key: '{{ request.namespace }}', operator: Equals, value: crossplane-system}"
    text = pattern("x").replace("pattern: x", f"deny: {{conditions: {{any: [{condition}]}}}}")
    assert answers(text, probe()) == "denied"
    assert answers(text.replace("value: crossplane-system", "value: default"), probe()) == "admitted"


def test_what_a_probe_does_not_tell_cannot_be_told() -> None:
    assert answers(pattern("{spec: {serviceAccountName: x}}"), probe()) == "cannot-tell"
    assert answers(pattern("{spec: {replicas: '>1'}}"), probe()) == "cannot-tell"


@pytest.mark.parametrize("form", ["cel: {expressions: [{expression: 'true'}]}", "podSecurity: {level: baseline}"])
def test_other_forms_cannot_be_told(form: str) -> None:
    assert answers(pattern("x").replace("pattern: x", form), probe()) == "cannot-tell"


def test_it_sees_the_digest_that_verification_wrote() -> None:
    rule = "  - name: pinned\n    match: {any: [{resources: {kinds: [Pod]}}]}\n    validate:\n"
    text = (
        changed()
        + rule
        + "      failureAction: Enforce\n      pattern: {spec: {containers: [{image: '*@sha256:*'}]}}\n"
    )
    assert answers(text, signed()) == "admitted"
    assert answers(text, probe("docker.io/nginx")) == "denied"


def test_an_old_violation_is_kept_only_where_the_rule_itself_enforces() -> None:
    """Kyverno looks at the old object by the action of the rule or the policy, not by overrides."""
    beside = [Image("docker.io/nginx:1", "containers", DIGEST)]
    override = "validationFailureActionOverrides: [{action: Enforce, namespaces: [crossplane-system]}]"
    text = changed(("  rules:", f"  {override}\n  rules:"), text=pattern(IMAGES))
    bare = changed(("      failureAction: Enforce\n", ""), text=text)
    assert answers(text, probe(where="ephemeralContainers", beside=beside)) == "admitted"
    assert answers(bare, probe(where="ephemeralContainers", beside=beside)) == "denied"


def test_an_ephemeral_container_may_keep_an_old_violation() -> None:
    beside = [Image("docker.io/nginx:1", "containers", DIGEST)]
    assert answers(pattern(IMAGES), probe(where="ephemeralContainers", beside=beside)) == "admitted"
    ephemeral = "{spec: {'=(ephemeralContainers)': [{image: 'docker.io/*'}]}}"
    assert answers(pattern(ephemeral), probe(where="ephemeralContainers", beside=beside)) == "denied"


def test_both_kinds_of_rules_together() -> None:
    second = pattern(IMAGES)[len(HEAD) :]
    text = changed() + HEAD[HEAD.index("  - name: signed") :].replace("signed", "registry") + second
    assert answers(text, signed()) == "admitted"
    assert answers(text, signed(beside=[NGINX])) == "denied"
    assert ask(text, probe(TAGGED)).rule == "signed"
