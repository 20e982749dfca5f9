"""What Kyverno's policy webhook refuses, each with its reason, its line and a repair."""

from __future__ import annotations

import pytest

from tests.unit.kyverno.policies import GOOD, ISSUER, REKOR, SUBJECT, changed, line, review

ITEM = "      failureAction: Enforce\n"
KEYLESS = f"""\
        - keyless:
            subject: {SUBJECT}
            issuer: {ISSUER}
{REKOR}"""
NAMESPACES = "          namespaces: [crossplane-system]\n"
VERIFY = "    verifyImages:\n"


def test_the_right_policy_is_accepted() -> None:
    one = review(GOOD)
    assert (one.accepted, one.strictly_accepted, one.reason, one.warning) == (True, True, "", None)


Edit = tuple[str, str]
BLOCK = f"      any:\n      - resources:\n          kinds: [Pod]\n{NAMESPACES}"
REFERENCES = "    - imageReferences:\n      - cgr.dev/chainguard/provider-*\n      failure"
AUTOGEN_ALL = "annotations: {pod-policies.kyverno.io/autogen-controllers: all}"
OPERATION = "{key: '{{request.operation}}', operator: Equals, value: create}"


def top(text: str) -> Edit:
    """Further lines in the spec."""
    return "  rules:", f"  {text}\n  rules:"


def rule(text: str) -> Edit:
    """Further lines in the rule."""
    return VERIFY, f"    {text}\n{VERIFY}"


def overrides(text: str) -> Edit:
    return top(f"validationFailureActionOverrides: [{text}]")


def entry(text: str) -> Edit:
    """Another entry in place of the right one."""
    return KEYLESS, f"        - {text}\n"


ATTESTORS: list[tuple[Edit, str, str, str]] = [
    ((REKOR, ""), "keyless: Either Rekor URL or roots are required", "- keyless:", "rekor: {url: https://rekor"),
    ((REKOR, "            rekor: {}\n"), "keyless: An URL is required", "rekor: {}", "Write `url"),
    (("https://rekor.sigstore.dev", "''"), "keyless: An URL is required", "url:", "Write `url"),
    (("      - entries:", "      - count: 2\n        entries:"), "Count cannot exceed length", "count: 2", "1 entry"),
    ((f"      - entries:\n{KEYLESS}", "      - entries: []\n"), "An entry is required", "entries: []", "keyless"),
    (entry("annotations: {a: b}"), "keys, certificates, keyless, or a nested", "- annotations", "Add keyless"),
    (
        (KEYLESS, KEYLESS + "          keys: {kms: a}\n"),
        "keys, certificates, keyless, or a nested",
        "- keyless",
        "Keep one of keys, keyless",
    ),
    (entry("keys: {}"), "A public key, kms key or secret is required", "- keys", "publicKeys"),
    (entry("certificates: {}"), "cert or certChain required", "- certificates", "certChain"),
    (entry("attestor: {entries: []}"), "An entry is required", "- attestor", "keyless"),
    (entry("attestor: {entries: x}"), "failed to unmarshal attestor set", "- attestor", "list"),
    (entry("keys: {publicKeys: a, signatureAlgorithm: md5}"), "Invalid signature algorithm", "- keys", "sha256"),
]
ITEMS: list[tuple[Edit, str, str, str]] = [
    ((ITEM, ""), "mutateDigest must be set to false for", "- imageReferences", "add failureAction: Enforce"),
    (
        (ITEM, "      failureAction: Audit\n"),
        "mutateDigest must be set to false",
        "failureAction: Audit",
        "Write Enforce",
    ),
    ((REFERENCES, "    - failure"), "An image reference is required", "- failureAction", "imageReferences"),
    ((ITEM, ITEM + "      type: Notary\n"), "Keyless field is not allowed", "type: Notary", "Delete type"),
    (("provider-*", "provider-{{ a }}"), "not have variables in image reference", "imageReferences", "plain"),
]
MATCH: list[tuple[Edit, str, str, str]] = [
    (("          kinds: [Pod]\n", ""), "at least one element must be specified", "- resources", "kinds"),
    (
        (BLOCK, BLOCK + "      - resources: {namespaces: [crossplane-system]}\n"),
        "at least one element must be specified",
        "- resources: {namespaces",
        "write this entry's filters into that one",
    ),
    ((BLOCK, "      any: [{}]\n"), "match resources not specified", "any:", "resources"),
    (
        ("      any:", "      resources: {kinds: [Pod]}\n      any:"),
        "can't specify any/all together with match resources",
        "resources: {",
        "any",
    ),
    (rule(f"exclude:\n{BLOCK}".rstrip()), "Rule is matching an empty set", "exclude:", "Delete the exclude"),
    *(
        (rule(f"exclude: {empty}"), "Rule is matching an empty set", "exclude:", "Delete the exclude")
        for empty in ("{any: []}", "{all: []}", "{subjects: []}", "{resources: {kinds: []}}")
    ),
    (
        (NAMESPACES, NAMESPACES + "          selector: {}\n"),
        "requirements are not specified",
        "selector",
        "matchLabels",
    ),
    (
        (NAMESPACES, NAMESPACES + "          selector: {matchExpressions: [{key: a, operator: B}]}\n"),
        "not a valid label selector operator",
        "selector",
        "Mend",
    ),
    (
        ("      - resources:", "      - subjects: [{kind: User, name: a}]\n        resources:"),
        "only select variables are allowed in background mode",
        "subjects",
        "Delete it",
    ),
    (rule("exclude: {any: [{clusterRoles: [a]}]}"), "exclude/any[0]/clusterRoles", "exclude:", "Delete it"),
    (("[crossplane-system]", "['{{ request.namespace }}']"), "not have variables in match", "match:", "plain"),
    (
        ("kinds: [Pod]", "kinds: ['*']"),
        "path: spec.rules[0].match.any[0].kinds: wildcard policy not allowed in background mode",
        "kinds:",
        "Pod",
    ),
]
CONDITIONS: list[tuple[Edit, str, str, str]] = [
    (rule("preconditions: x"), "failed to unmarshal Conditions", "preconditions: x", "any or all"),
    (
        rule("preconditions: {all: {key: a, operator: Equals, value: b}}"),
        "failed to unmarshal Conditions",
        "preconditions",
        "a list below all",
    ),
    (rule("preconditions: {all: [{key: a, value: b}]}"), "missing or misspelled", "preconditions", "operator"),
    (rule("preconditions: [{key: a, operator: Is, value: b}]"), "`operator` is invalid", "preconditions", "one of"),
    (rule(f"preconditions: [{OPERATION}]"), "unknown value 'create'", "preconditions", "CREATE"),
    (
        rule("preconditions: [{key: '{{ unknown }}', operator: Equals, value: b}]"),
        "variable substitution failed",
        "- name: signed",
        "knows no variable",
    ),
    (rule("context: [{name: request, variable: {value: a}}]"), "a pre-defined variable", "context", "another name"),
    (rule("validate: {pattern: {a: b}}"), "Multiple operations defined", "verifyImages:", "rule of its own"),
]
WHOLE: list[tuple[Edit, str, str, str]] = [
    (top("admission: false"), "only allowed with validation policies", "admission", "Delete"),
    (top("admission: false\n  background: false"), "disabling both admission and background", "admission", "Delete"),
    (top("webhookTimeoutSeconds: 60"), "between 1 and 30 seconds", "webhookTimeout", "1 to 30"),
    (top("webhookConfiguration: {timeoutSeconds: 0}"), "between 1 and 30 seconds", "timeoutSeconds", "1 to 30"),
    (
        top("webhookTimeoutSeconds: 9\n  webhookConfiguration: {timeoutSeconds: 9}"),
        "remove the deprecated field",
        "webhookTimeoutSeconds",
        "Delete",
    ),
    (
        top("failurePolicy: Fail\n  webhookConfiguration: {failurePolicy: Fail}"),
        "remove the deprecated field",
        "  failurePolicy",
        "Delete",
    ),
    (("  name: check-provider", f"  name: {'a' * 64}"), "may not be more than 63 bytes", "name:", "Shorten"),
    (
        ("  name: check-provider", f"  name: check-provider\n  {AUTOGEN_ALL}"),
        "does not support 'all' anymore",
        "annotations",
        "Delete",
    ),
    (
        overrides("{action: Audit, namespaces: [a]}, {action: Enforce, namespaces: [a]}"),
        "conflicting namespaces found",
        "Overrides",
        "one action only",
    ),
    (
        overrides("{action: Audit, namespaces: ['a*']}, {action: Enforce, namespaces: [ab]}"),
        "wildcard pattern 'a*' matches with namespace 'ab'",
        "Overrides",
        "one action only",
    ),
    (overrides("{namespaces: [a]}"), "invalid action", "Overrides", "Write action"),
]


@pytest.mark.parametrize(("edit", "reason", "part", "repair"), ATTESTORS + ITEMS + MATCH + CONDITIONS + WHOLE)
def test_what_is_refused(edit: Edit, reason: str, part: str, repair: str) -> None:
    text = changed(edit)
    one = review(text)
    assert not one.accepted
    assert reason in one.reason
    assert one.problems[0].where.startswith(f"policy.yaml:{line(text, part)}:")
    assert repair in one.problems[0].repair


def test_a_rule_without_a_body_is_refused() -> None:
    text = GOOD[: GOOD.index("    verifyImages:")]
    assert "No operation defined in the rule 'signed'" in review(text).reason


def test_two_rules_of_one_name_are_refused() -> None:
    text = GOOD + GOOD[GOOD.index("  - name: signed") :]
    assert "Duplicate rule name: 'signed'" in review(text).reason


def test_the_audit_flag_goes_over_to_the_next_item() -> None:
    """An item that sets no action takes the flag of the one before it, not the policy's."""
    second = "    - imageReferences: [docker.io/*]\n"
    audit = changed(
        (ITEM, "      failureAction: Audit\n      mutateDigest: false\n"),
        ("  rules:", "  validationFailureAction: Enforce\n  rules:"),
    )
    assert "verifyImages[1].mutateDigest" in review(audit + second).reason
    assert review(GOOD + second).accepted


@pytest.mark.parametrize(
    ("kind", "guess"), [("Pods", "Pod"), ("pod", "Pod"), ("Depolyment", "Deployment"), ("core/v1/Pod", "Pod")]
)
def test_an_unknown_kind_is_taken_and_ends_the_validation(kind: str, guess: str) -> None:
    one = review(changed((REKOR, ""), ("kinds: [Pod]", f"kinds: [{kind}]")))
    assert one.accepted
    assert one.warning is not None
    assert one.warning.reason == (
        "the kind defined in the all match resource is invalid: "
        f"unable to convert GVK to GVR for kinds {kind}, err: resource not found"
    )
    assert guess in one.warning.repair


def test_what_comes_before_the_kinds_is_still_refused() -> None:
    assert not review(changed(("  rules:", "  admission: false\n  rules:"), ("kinds: [Pod]", "kinds: [Pods]"))).accepted


VALIDATE = "    validate: {message: stop, pattern: {spec: {containers: [{image: 'cgr.dev/*'}]}}}\n"


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("{message: a}", "one of pattern, anyPattern, deny, foreach, cel must be specified"),
        ("{pattern: {a: b}, deny: {}}", "only one of pattern, anyPattern, deny, foreach, cel can be specified"),
        ("{pattern: {'+(a)': b}}", "unsupported anchor +(a)"),
        ("{pattern: {'^(a)': b}}", "existence anchor should have value of type list"),
        ("{pattern: {metadata: {labels: {a: true}}}}", "labels and annotations supports only string values"),
        ("{pattern: {spec: {template: {metadata: {annotations: {a: 1}}}}}}", "supports only string values"),
        ("{anyPattern: [{metadata: {labels: {a: b}}}, {metadata: {labels: {a: }}}]}", "supports only string values"),
        ("{foreach: [{list: a, pattern: {metadata: {labels: {a: 1}}}}]}", "supports only string values"),
        (
            "{failureActionOverrides: [{action: Audit, namespaces: [a]}, {action: Enforce, namespaces: ['a*']}],"
            " pattern: {a: b}}",
            "wildcard pattern 'a*' matches with namespace 'a'",
        ),
    ],
)
def test_validate_rules_are_checked(body: str, reason: str) -> None:
    text = GOOD[: GOOD.index("    verifyImages:")] + f"    validate: {body}\n"
    assert reason in review(text).reason


@pytest.mark.parametrize(
    "body",
    [
        "{pattern: {metadata: {labels: {a: 'true'}, '=(annotations)': {b: 1}}}}",
        "{pattern: {metadata: {name: a}, spec: {template: {metadata: {labels: {a: 1}}}}}}",
    ],
    ids=["texts", "whichever Go's map gives first"],
)
def test_a_pattern_that_may_be_accepted_is(body: str) -> None:
    assert review(GOOD[: GOOD.index("    verifyImages:")] + f"    validate: {body}\n").accepted


def test_a_validate_rule_is_accepted() -> None:
    assert review(GOOD[: GOOD.index("    verifyImages:")] + VALIDATE).strictly_accepted
