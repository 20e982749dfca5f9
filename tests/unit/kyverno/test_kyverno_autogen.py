"""Rules that Kyverno makes for the controllers of Pods."""

from __future__ import annotations

import pytest

from grader.kyverno import autogen
from tests.unit.kyverno.policies import GOOD, answers, changed, probe, review

DEPLOYMENT = probe(kind="Deployment")
RESOURCES = "          namespaces: [crossplane-system]\n"
METADATA = "  name: check-provider\n"


def names(text: str, kind: str = "") -> list[str]:
    policy = review(text).policy
    assert policy is not None
    return [rule.name for rule in autogen.rules(policy, kind)]


def kinds(text: str) -> dict[str, list[str]]:
    policy = review(text).policy
    assert policy is not None
    return {rule.name: sorted(rule.kinds()) for rule in autogen.rules(policy)}


def annotated(value: str) -> str:
    return changed((METADATA, f"{METADATA}  annotations: {{pod-policies.kyverno.io/autogen-controllers: '{value}'}}\n"))


def test_two_rules_are_made_of_one_for_pods() -> None:
    assert kinds(GOOD) == {
        "signed": ["Pod"],
        "autogen-signed": [
            "apps/v1/DaemonSet",
            "apps/v1/Deployment",
            "apps/v1/ReplicaSet",
            "apps/v1/StatefulSet",
            "batch/v1/Job",
            "v1/ReplicationController",
        ],
        "autogen-cronjob-signed": ["batch/v1/CronJob"],
    }


def test_only_what_a_controller_needs_is_made_for_it() -> None:
    assert names(GOOD, "Deployment") == ["signed", "autogen-signed"]
    assert names(GOOD, "CronJob") == ["signed", "autogen-cronjob-signed"]
    assert names(GOOD, "Pod") == ["signed"]


@pytest.mark.parametrize(
    "text",
    [
        changed((RESOURCES, RESOURCES + "          names: ['*']\n")),
        changed((RESOURCES, RESOURCES + "          name: '*'\n")),
        changed((RESOURCES, RESOURCES + "          selector: {matchLabels: {'*': '*'}}\n")),
        changed((RESOURCES, RESOURCES + "          annotations: {'*': '*'}\n")),
        changed(("kinds: [Pod]", "kinds: [Pod, Job]")),
        changed(("kinds: [Pod]", "kinds: [v1/Pod]")),
        changed(
            (
                "    verifyImages:",
                "    exclude: {any: [{resources: {selector: {matchLabels: {a: b}}}}]}\n    verifyImages:",
            )
        ),
        annotated("none"),
        annotated(""),
    ],
    ids=["names", "name", "selector", "annotations", "mixed kinds", "v1/Pod", "exclude by selector", "none", "empty"],
)
def test_what_keeps_rules_from_being_made(text: str) -> None:
    assert names(text) == ["signed"]
    assert answers(text, DEPLOYMENT) == "admitted"


@pytest.mark.parametrize("value", ["Deployment", "Deployment,CronJob", "Deployment, Job"])
def test_an_annotation_chooses_the_controllers(value: str) -> None:
    assert answers(annotated(value), DEPLOYMENT) == "denied"


def test_an_annotation_may_choose_others() -> None:
    assert kinds(annotated("CronJob")) == {
        "signed": ["Pod"],
        "autogen-cronjob-signed": ["batch/v1/CronJob"],
    }
    assert answers(annotated("StatefulSet"), DEPLOYMENT) == "admitted"


def test_one_rules_selector_stops_all_rules() -> None:
    second = GOOD[GOOD.index("  - name: signed") :].replace("name: signed", "name: other")
    text = GOOD + second.replace(RESOURCES, RESOURCES + "          selector: {matchLabels: {a: b}}\n")
    assert names(text) == ["signed", "other"]


def test_a_rule_for_deployments_needs_none() -> None:
    text = changed(("kinds: [Pod]", "kinds: [Deployment]"))
    assert answers(text, DEPLOYMENT) == "denied"
    assert answers(text, probe()) == "admitted"


def test_a_rule_named_like_a_generated_one_makes_none() -> None:
    assert names(changed(("name: signed", "name: autogen-signed"))) == ["autogen-signed"]


def test_other_blocks_keep_their_kinds() -> None:
    text = changed(("      any:\n", "      any:\n      - resources: {kinds: [ConfigMap]}\n"))
    assert "ConfigMap" in kinds(text)["autogen-signed"]
    assert "ConfigMap" not in kinds(text)["autogen-cronjob-signed"]


def test_an_exclude_for_other_kinds_makes_none() -> None:
    text = changed(("    verifyImages:", "    exclude: {any: [{resources: {kinds: [Job]}}]}\n    verifyImages:"))
    assert names(text) == ["signed"]


def test_conditions_speak_of_the_template() -> None:
    condition = "{key: '{{ request.object.metadata.labels.app || `x` }}', operator: Equals, value: web}"
    text = changed(("    verifyImages:", f"    preconditions: {{all: [{condition}]}}\n    verifyImages:"))
    assert answers(text, probe(kind="Deployment", labels={"app": "web"})) == "denied"
    assert answers(text, probe(kind="Deployment", labels={"app": "db"})) == "admitted"
