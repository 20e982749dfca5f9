"""What a probe asks the cluster."""

from __future__ import annotations

from typing import Any

import pytest

from grader.course import ProbeSpec
from grader.evidence.questions import Question, Unaskable, question, running_pod
from grader.kube import Kube
from tests.fake_api import FakeApi
from tests.lab_records import lab

IMAGE = "cgr.dev/chainguard/provider-x4dc"
TAG, DIGEST = f"{IMAGE}:v1.2.3", f"{IMAGE}@sha256:{'b' * 64}"
BESIDE = "cgr.dev/chainguard/image-dbcb:v1.2.3"


def asked(**changes: Any) -> Question:
    values = {"id": "p", "check": "c", "sample": "unsigned", "namespace": "crossplane-system", "expect": "denied"}
    return question(ProbeSpec(**{**values, **changes}), lab(), lambda _: "host")


def images(question: Question) -> dict[str, list[str]]:
    spec = question.body["spec"]
    spec = spec["template"]["spec"] if "template" in spec else spec
    lists = ("initContainers", "containers", "ephemeralContainers")
    return {key: [one["image"] for one in spec[key]] for key in lists if key in spec}


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ("container", {"containers": [TAG]}),
        ("second", {"containers": [BESIDE, TAG]}),
        ("init", {"initContainers": [TAG], "containers": [BESIDE]}),
        ("ephemeral", {"ephemeralContainers": [TAG]}),
    ],
)
def test_where_the_image_stands(where: str, expected: dict[str, list[str]]) -> None:
    assert images(asked(where=where)) == expected


def test_by_tag_and_by_digest() -> None:
    assert (asked().image, asked(reference="digest").image) == (TAG, DIGEST)
    assert images(asked(reference="digest")) == {"containers": [DIGEST]}


def test_a_pod_is_posted_to_its_namespace() -> None:
    found = asked(namespace="default")
    assert (found.path, found.body["kind"], found.patch) == ("/api/v1/namespaces/default/pods", "Pod", False)
    assert found.body["metadata"]["namespace"] == "default"


def test_a_deployment_selects_its_own_pods() -> None:
    found = asked(kind="Deployment")
    assert found.path == "/apis/apps/v1/namespaces/crossplane-system/deployments"
    spec = found.body["spec"]
    assert spec["selector"]["matchLabels"] == spec["template"]["metadata"]["labels"]
    assert images(found) == {"containers": [TAG]}


def test_an_ephemeral_container_is_patched_onto_a_running_pod() -> None:
    found = asked(where="ephemeral")
    assert found.path == "/api/v1/namespaces/crossplane-system/pods/host/ephemeralcontainers"
    assert found.patch
    assert found.body["metadata"]["name"] == "host"


def test_who_asks() -> None:
    assert asked().identity is None
    identity = asked(identity="crossplane").identity
    assert identity is not None
    assert identity.user == "system:serviceaccount:crossplane-system:crossplane"


def test_names_are_never_the_same() -> None:
    assert len({asked().body["metadata"]["name"] for _ in range(50)}) == 50


def test_containers_keep_the_strictest_pod_security_level() -> None:
    (container,) = asked().body["spec"]["containers"]
    security = container["securityContext"]
    assert (security["runAsNonRoot"], security["allowPrivilegeEscalation"]) == (True, False)
    assert security["capabilities"] == {"drop": ["ALL"]}
    assert security["seccompProfile"] == {"type": "RuntimeDefault"}


def test_a_sample_that_the_lab_has_not() -> None:
    with pytest.raises(Unaskable, match="no sample image “forged-log”"):
        asked(sample="forged-log")


def test_no_pod_to_be_given_an_ephemeral_container() -> None:
    spec = ProbeSpec(
        id="p", check="c", sample="unsigned", namespace="empty", where="ephemeral", expect="denied"
    )  # fmt: skip
    with pytest.raises(Unaskable, match="no Pod runs in empty"):
        question(spec, lab(), lambda _: None)


def pod(name: str, image: str = "x:1", phase: str = "Running", **metadata: Any) -> dict[str, Any]:
    return {
        "metadata": {"name": name, **metadata},
        "spec": {"containers": [{"image": image}]},
        "status": {"phase": phase},
    }


def test_a_pod_without_a_providers_image_is_chosen(api: FakeApi, kube: Kube) -> None:
    found = [pod("a", "cgr.dev/chainguard/provider-aws:1"), pod("c"), pod("b")]
    api.answer("GET", "/api/v1/namespaces/n/pods", {"kind": "PodList", "items": found})
    assert running_pod(kube, "n") == "b"


def test_a_providers_pod_is_better_than_none(api: FakeApi, kube: Kube) -> None:
    api.answer("GET", "/api/v1/namespaces/n/pods", {"items": [pod("a", "cgr.dev/chainguard/provider-aws:1")]})
    assert running_pod(kube, "n") == "a"


@pytest.mark.parametrize(
    "found",
    [
        pod("a", phase="Pending"),
        pod("a", deletionTimestamp="2026-01-01T00:00:00Z"),
        pod("a", annotations={"kubernetes.io/config.mirror": "x"}),
        {"status": {"phase": "Running"}},
    ],
)
def test_a_pod_that_takes_no_ephemeral_container(api: FakeApi, kube: Kube, found: dict[str, Any]) -> None:
    api.answer("GET", "/api/v1/namespaces/n/pods", {"items": [found]})
    assert running_pod(kube, "n") is None
