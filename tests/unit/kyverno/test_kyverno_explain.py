"""Which line is the reason, and what to write instead."""

from __future__ import annotations

import pytest

from grader.kyverno import explain
from grader.kyverno.clause import Clause
from grader.kyverno.request import Probe, Signature
from tests.unit.kyverno.policies import ISSUER, REKOR, SUBJECT, TAGGED, changed, line, probe, review, reviews, signed

ITEM = "      failureAction: Enforce\n"
NAMESPACES = "          namespaces: [crossplane-system]\n"
PATTERN = "cgr.dev/chainguard/provider-*"
VERIFY = "    verifyImages:\n"


def untouched(text: str, one: Probe | None = None) -> Clause:
    found = explain.untouched(review(text), one or probe())
    assert found is not None
    return found


def test_what_is_looked_at_is_not_untouched() -> None:
    assert explain.untouched(review(changed()), probe()) is None


def narrowed(text: str) -> tuple[str, str]:
    """One more field under `resources`."""
    return NAMESPACES, f"{NAMESPACES}          {text}\n"


def rule(text: str) -> tuple[str, str]:
    """One more field of the rule."""
    return VERIFY, f"    {text}\n{VERIFY}"


@pytest.mark.parametrize(
    ("edit", "name", "part", "repair"),
    [
        (("[crossplane-system]", "[crossplane-sytem]"), "namespaces", "namespaces:", "Write crossplane-system instead"),
        (("[crossplane-system]", "[a]"), "namespaces", "namespaces:", "Add crossplane-system"),
        (("kinds: [Pod]", "kinds: [Pods]"), "kinds", "kinds:", "Write Pod instead of"),
        (("kinds: [Pod]", "kinds: [Job]"), "kinds", "kinds:", "Add Pod to the kinds"),
        (narrowed("names: [x]"), "names", "names: [x]", "Delete names"),
        (narrowed("selector: {matchLabels: {a: b}}"), "selector", "selector", "Delete selector"),
        (narrowed("namespaceSelector: {matchLabels: {a: b}}"), "namespaceSelector", "namespaceSel", "metadata.name"),
        (narrowed("operations: [DELETE]"), "operations", "operations", "Add CREATE"),
        (narrowed("annotations: {a: b}"), "annotations", "annotations", "Delete annotations"),
        (rule("exclude: {any: [{resources: {namespaces: ['*']}}]}"), "exclude", "exclude", "Delete"),
        (rule("preconditions: [{key: a, operator: Equals, value: b}]"), "preconditions", "preconditions", "Delete"),
        ((PATTERN, "cgr.dev/chainguard/provider-"), "imageReferences", "imageReferences", "End"),
        ((PATTERN, "chainguard/provider-*"), "imageReferences", "imageReferences", "Begin"),
        ((PATTERN, f"https://{PATTERN}"), "imageReferences", "imageReferences", "Delete the scheme"),
        ((PATTERN, "docker.io/chainguard/provider-*"), "imageReferences", "imageReferences", "Write cgr.dev/ instead"),
        ((PATTERN, "cgr.dev/chaingaurd/provider-*"), "imageReferences", "imageReferences", "Write cgr.dev/chainguard/"),
        ((PATTERN, "cgr.dev/Chainguard/provider-*"), "imageReferences", "imageReferences", "small letters"),
        ((PATTERN, f"'{PATTERN} '"), "imageReferences", "imageReferences", "blank"),
        ((ITEM, ITEM + "      skipImageReferences: ['*']\n"), "skipImageReferences", "skipImage", "Delete it"),
        ((REKOR, ""), "refused", "- keyless:", "rekor"),
    ],
)
def test_the_clause_that_keeps_a_policy_from_looking(edit: tuple[str, str], name: str, part: str, repair: str) -> None:
    text = changed(edit)
    found = untouched(text)
    assert found.name == name
    assert found.where.startswith(f"policy.yaml:{line(text, part)}:")
    assert repair in found.repair


def test_a_replaced_policy_says_so() -> None:
    first, _ = reviews(changed() + "---\n" + changed())
    found = explain.untouched(first, probe())
    assert found is not None
    assert found.name == "replaced"


def test_a_policy_of_another_namespace_says_so() -> None:
    text = changed(("kind: ClusterPolicy", "kind: Policy"), (NAMESPACES, ""))
    found = untouched(text)
    assert (found.name, "ClusterPolicy" in found.repair) == ("namespace", True)


def test_a_deployment_that_no_rule_is_made_for() -> None:
    text = changed((NAMESPACES, NAMESPACES + "          names: ['*']\n"))
    found = untouched(text, probe(kind="Deployment"))
    assert found.name == "autogen"
    assert "names stands in match" in found.text


def test_of_several_rules_the_nearest_one_is_named() -> None:
    other = "  - name: other\n    match: {any: [{resources: {kinds: [ConfigMap]}}]}\n"
    item = "    verifyImages: [{imageReferences: ['*'], failureAction: Enforce}]\n"
    text = changed((PATTERN, "cgr.dev/other/*")) + other + item
    assert untouched(text).name == "imageReferences"


def test_an_action_that_only_reports() -> None:
    lax = "      failureAction: Audit\n      mutateDigest: false\n"
    text = changed((ITEM, lax))
    found = explain.toothless(review(text), probe())
    assert found is not None
    assert found.where == f"policy.yaml:{line(text, 'failureAction')}:7"
    assert "Write Enforce and delete mutateDigest: false" in found.repair
    assert explain.toothless(review(changed()), probe()) is None


@pytest.mark.parametrize(
    ("edit", "signature", "names"),
    [
        ((f"subject: {SUBJECT}", "subject: '*'"), Signature("a", ISSUER), ["subject"]),
        ((f"            subject: {SUBJECT}\n", ""), Signature("a", ISSUER), ["subject"]),
        ((f"            issuer: {ISSUER}\n", ""), Signature(SUBJECT, "a"), ["issuer"]),
        ((f"subject: {SUBJECT}", "subjectRegExp: release"), Signature(SUBJECT, ISSUER), ["subjectRegExp"]),
        ((f"subject: {SUBJECT}", "subjectRegExp: ^https.*$"), Signature(SUBJECT, ISSUER), ["subjectRegExp"]),
        ((f"subject: {SUBJECT}", f"subjectRegExp: ^{SUBJECT}$"), Signature(SUBJECT, ISSUER), []),
        ((REKOR, REKOR + "              ignoreTlog: true\n"), Signature(SUBJECT, ISSUER, log="no"), ["ignoreTlog"]),
        ((f"subject: {SUBJECT}", "subject: '*'"), Signature("a", "b"), []),
    ],
)
def test_what_is_loose_in_an_attestor_that_accepts(
    edit: tuple[str, str], signature: Signature, names: list[str]
) -> None:
    found = explain.accepting(review(changed(edit)), probe(TAGGED, [signature]))
    assert [one.name for one in found] == names


@pytest.mark.parametrize(
    ("expression", "anchored"),
    [
        ("^a$", True),
        ("(?i)^a$", True),
        (r"\Aa\z", True),
        ("^(a|b)$", True),
        ("^[|]$", True),
        ("a", False),
        ("^a", False),
        ("a$", False),
        (r"^a\$", False),
        ("^a|b$", False),
    ],
)
def test_anchors(expression: str, anchored: bool) -> None:
    from grader.kyverno.loose import anchored as is_anchored

    assert is_anchored(expression) is anchored


def test_why_a_namespace_is_taken_in() -> None:
    text = changed((NAMESPACES, ""))
    found = explain.namespace_clause(review(text), probe(namespace="default"))
    assert found is not None
    assert found.where == f"policy.yaml:{line(text, '- resources')}:9"
    assert "Add the list namespaces" in found.repair


def test_an_entry_without_a_namespace_is_found_beside_one_that_has_it() -> None:
    text = changed(("      - resources:\n", "      - resources:\n          kinds: [Pod]\n      - resources:\n"))
    found = explain.namespace_clause(review(text), probe(namespace="default"))
    assert found is not None
    assert found.where == f"policy.yaml:{line(text, '- resources')}:9"
    assert found.text.startswith("this entry names no namespace")


def test_why_an_image_is_taken_in() -> None:
    text = changed((PATTERN, "cgr.dev/*"))
    found = explain.image_clause(review(text), probe("cgr.dev/chainguard/nginx:1"))
    assert found is not None
    assert found.where == f"policy.yaml:{line(text, 'cgr.dev/*')}:9"


class TestDecidingLine:
    """One clause for every answer."""

    def at(self, text: str, one: Probe) -> Clause:
        found = explain.deciding_line(reviews(text), one)
        assert found is not None
        return found

    def test_of_a_denial(self) -> None:
        found = self.at(changed(), probe(TAGGED, [Signature("a", ISSUER)]))
        assert (found.name, found.where) == ("subject", f"policy.yaml:{line(changed(), 'subject:')}:13")

    def test_of_an_admission_by_its_signature(self) -> None:
        assert self.at(changed(), signed()).name == "attestors"

    def test_of_an_admission_without_any_check(self) -> None:
        text = changed((ITEM, ITEM + "      required: false\n"))
        assert self.at(text[: text.index("      attestors:")], probe()).name == "attestors"

    def test_of_what_no_policy_looks_at(self) -> None:
        assert self.at(changed(), probe(namespace="default")).name == "namespaces"

    def test_of_a_doubt(self) -> None:
        text = changed((ITEM, ITEM + "      repository: a.example/b\n"))
        found = self.at(text, signed())
        assert (found.name, found.where) == ("doubt", f"policy.yaml:{line(text, 'repository')}:7")

    def test_of_nothing(self) -> None:
        assert explain.deciding_line([], probe()) is None


RULE = changed()[changed().index("  - name: signed") :]
SECOND = RULE.replace("name: signed", "name: second")
UNWRITTEN = (ITEM, ITEM + "      mutateDigest: false\n")


@pytest.mark.parametrize(
    ("text", "part", "repair"),
    [
        (changed() + changed(UNWRITTEN, text=SECOND), "mutateDigest", "Delete mutateDigest: false"),
        (
            changed((PATTERN, f"{PATTERN}:*")) + changed((PATTERN, f"{PATTERN}@*"), text=SECOND),
            f"{PATTERN}@*",
            "Write one pattern for tags and digests",
        ),
        (changed()[: changed().index("      attestors")], "- imageReferences", "Put attestors inside this item"),
    ],
    ids=["the digest of another rule", "digests alone", "no attestors"],
)
def test_an_image_that_nobody_verified_has_several_reasons(text: str, part: str, repair: str) -> None:
    found = explain.deciding_line(reviews(text), signed())
    assert found is not None
    assert repair in found.repair
    assert abs(int(found.where.split(":")[1]) - line(text, part)) <= 1
