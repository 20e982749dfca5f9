"""What Kyverno's own configuration leaves out is found, and its defaults are not held against anybody."""

from __future__ import annotations

import json
from typing import Any

import pytest

from grader.checks.kyverno_config import exclusions, selects
from grader.outcome import Status
from tests.unit.checks.live_contexts import changed, cluster_of, verdict, with_objects

NAMESPACE = "crossplane-system"
NAME = "kubernetes.io/metadata.name"
DEFAULT_SELECTOR = {"matchExpressions": [{"key": NAME, "operator": "NotIn", "values": ["kube-system"]}]}
DEFAULTS = {
    "resourceFilters": "[*/*,kyverno,*] [Event,*,*] [*/*,kube-system,*] [Node,*,*] [Pod/binding,*,*] "
    "[Pod/?*,kyverno,x-*] [ReplicaSet,*,*] [Pod,kyverno,kyverno-admission-controller-*]",
    "webhooks": json.dumps({"namespaceSelector": DEFAULT_SELECTOR}),
    "excludeGroups": "system:nodes",
}


def configured(**data: str) -> list[tuple[str, str]]:
    config = {"metadata": {"name": "kyverno", "namespace": "kyverno"}, "data": {**DEFAULTS, **data}}
    return list(exclusions(cluster_of(with_objects("ConfigMap", [config])), NAMESPACE))


def test_the_charts_defaults_leave_nothing_out() -> None:
    assert configured() == []


@pytest.mark.parametrize(
    "filters",
    ["[Pod,crossplane-system,*]", "[*/*,crossplane-system,*]", "[*,crossplane-*,*]", "[v1/Pod,*,*]", "[Pod,*,?*]"],
)
def test_a_filter_over_the_namespaces_pods_is_found(filters: str) -> None:
    [(place, reason)] = configured(resourceFilters=f"[Event,*,*] {filters}")
    assert (place, filters in reason) == ("ConfigMap/kyverno/kyverno", True)


@pytest.mark.parametrize(
    "filters",
    ["[Pod,crossplane-system,crossplane-*]", "[Pod/exec,crossplane-system,*]", "[Pod]", "[Deployment,*,*]", "[,,]"],
)
def test_a_filter_over_something_else_is_not(filters: str) -> None:
    assert configured(resourceFilters=filters) == []


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("excludeGroups", "system:nodes,system:masters"),
        ("excludeGroups", "system:serviceaccounts:*"),
        ("excludeUsernames", "kubernetes-admin"),
        ("excludeClusterRoles", "cluster-*"),
    ],
)
def test_users_left_out_are_found(key: str, value: str) -> None:
    assert [key in reason for _, reason in configured(**{key: value})] == [True]


def test_an_included_user_is_no_exclusion() -> None:
    assert configured(excludeUsernames="!kubernetes-admin") == []


@pytest.mark.parametrize("webhooks", ["", "{", "[]", '{"namespaceSelector": 3}', "[" * 5000])
def test_nonsense_in_the_configuration_is_no_exclusion(webhooks: str) -> None:
    assert configured(webhooks=webhooks) == []


def test_a_webhooks_selector_that_leaves_the_namespace_out_fails_readiness() -> None:
    def leave_out(found: Any) -> None:
        expression = {"key": NAME, "operator": "NotIn", "values": [NAMESPACE]}
        found["webhooks"] = [{"name": "w", "namespaceSelector": {"matchExpressions": [expression]}}]

    told = verdict(changed("MutatingWebhookConfiguration", leave_out), "kyverno.ready")
    assert (told.status, told.where) == (
        Status.FAILED,
        "MutatingWebhookConfiguration/kyverno-resource-mutating-webhook-cfg",
    )
    assert told.next == "kubectl get mutatingwebhookconfiguration kyverno-resource-mutating-webhook-cfg -o yaml"


def test_a_namespaces_label_that_kyverno_avoids_fails_readiness() -> None:
    config = {"metadata": {"name": "kyverno", "namespace": "kyverno"}, "data": dict(DEFAULTS)}
    avoided = {"matchExpressions": [{"key": "unchecked", "operator": "DoesNotExist"}]}
    config["data"]["webhooks"] = json.dumps([{"namespaceSelector": avoided}])
    evidence = with_objects("ConfigMap", [config])
    labelled = {"metadata": {"name": NAMESPACE, "labels": {"unchecked": "yes"}}}
    assert verdict(evidence, "kyverno.ready").status is Status.PASSED
    told = verdict(with_objects("Namespace", [labelled], evidence), "kyverno.ready")
    assert (told.status, "namespaceSelector under webhooks" in told.seen) == (Status.FAILED, True)


@pytest.mark.parametrize(
    ("selector", "selected"),
    [
        ({}, True),
        ({"matchLabels": {"a": "1"}}, True),
        ({"matchLabels": {"a": "2"}}, False),
        ({"matchExpressions": [{"key": "a", "operator": "In", "values": ["1"]}]}, True),
        ({"matchExpressions": [{"key": "a", "operator": "Exists"}, {"key": "b", "operator": "Exists"}]}, False),
        ({"matchExpressions": [{"key": "b", "operator": "NotIn", "values": ["1"]}]}, True),
        ({"matchExpressions": [{"key": "a", "operator": "DoesNotExist"}]}, False),
    ],
)
def test_selectors_are_read_as_kubernetes_does(selector: Any, selected: bool) -> None:
    assert selects(selector, {"a": "1"}) is selected
