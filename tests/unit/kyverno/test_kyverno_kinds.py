"""Kinds and their spellings."""

from __future__ import annotations

import pytest

from grader.kyverno import kinds
from grader.kyverno.kinds import POD, Resource, Selector

EPHEMERAL = POD._replace(subresource="ephemeralcontainers")
DEPLOYMENT = Resource("apps", "v1", "Deployment")


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("Pod", ("*", "*", "Pod", "")),
        ("v1/Pod", ("*", "v1", "Pod", "")),
        ("*/Pod", ("*", "*", "Pod", "")),
        ("apps/v1/Deployment", ("apps", "v1", "Deployment", "")),
        ("Pod/status", ("*", "*", "Pod", "status")),
        ("Pod.status", ("*", "*", "Pod", "status")),
        ("v1/Pod/status", ("*", "v1", "Pod", "status")),
        ("v1/Pod.status", ("*", "v1", "Pod", "status")),
        ("apps/v1/Deployment/scale", ("apps", "v1", "Deployment", "scale")),
        ("*/*", ("*", "*", "*", "*")),
        ("*/scale", ("*", "*", "*", "scale")),
        ("/v1/Pod", ("", "v1", "Pod", "")),
        ("a/b/c/d/e", ("", "", "", "")),
    ],
)
def test_spellings(text: str, parts: tuple[str, str, str, str]) -> None:
    assert kinds.parse(text) == Selector(*parts)


@pytest.mark.parametrize("text", ["Pod", "v1/Pod", "*/Pod", "/v1/Pod", "P?d", "*", "*/*", "Pod/*"])
def test_spellings_that_take_in_a_pod(text: str) -> None:
    assert kinds.matches(text, POD)


@pytest.mark.parametrize(
    "text", ["pod", "Pods", "pods", "core/v1/Pod", "apps/v1/Pod", "v2/Pod", "v*/Pod", "Deployment", "Pod/status"]
)
def test_spellings_that_do_not_take_in_a_pod(text: str) -> None:
    assert not kinds.matches(text, POD)


def test_pods_bring_their_ephemeral_containers() -> None:
    assert kinds.matches("Pod", EPHEMERAL)
    assert kinds.reaches("Pod", EPHEMERAL)
    assert not kinds.matches("Deployment", EPHEMERAL)


def test_a_subresource_alone_does_not_bring_the_resource_to_the_webhook() -> None:
    assert not kinds.reaches("Pod/*", POD)
    assert kinds.reaches("Pod/*", EPHEMERAL)
    assert kinds.reaches("Pod/ephemeralcontainers", EPHEMERAL)
    assert not kinds.reaches("Pod/status", EPHEMERAL)


def test_everything_reaches_the_webhook_by_two_stars() -> None:
    assert kinds.reaches("*/*", POD)
    assert kinds.reaches("*/*", DEPLOYMENT)


@pytest.mark.parametrize(
    "text", ["Pod", "Deployment", "batch/v1/CronJob", "Provider", "ClusterPolicy", "Deployment/scale"]
)
def test_kinds_that_the_cluster_knows(text: str) -> None:
    assert kinds.found(text)


@pytest.mark.parametrize("text", ["Pods", "pod", "Deployments", "batch/v1/Deployment", "Foo", "Pod/scale"])
def test_kinds_that_it_does_not_know(text: str) -> None:
    assert not kinds.found(text)


@pytest.mark.parametrize(
    ("text", "kind"),
    [("Pod", "Pod"), ("v1/Pod", "Pod"), ("Pod/status", "Pod"), ("Pod.status", "Pod"), ("v1/Pod/status", "Pod"),
     ("apps/v1/Deployment", "Deployment"), ("apps/v1/Deployment/scale", "Deployment"), ("*/Pod", "Pod")],
)  # fmt: skip
def test_the_bare_kind(text: str, kind: str) -> None:
    assert kinds.bare(text) == kind
