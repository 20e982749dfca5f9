"""What is read of a cluster, and what is left out."""

from __future__ import annotations

import json
from typing import Any

import pytest

from grader.errors import EnvironmentFault
from grader.evidence.cluster import admission_replicas, collect, versions
from grader.evidence.model import Cluster
from grader.kube import Kube
from tests.fake_api import FakeApi, Reply, failure
from tests.lab_records import config_map

POLICIES = "/apis/kyverno.io/v1/clusterpolicies"


def items(kind: str, *found: dict[str, Any], version: str = "v1") -> dict[str, Any]:
    return {"apiVersion": version, "kind": f"{kind}List", "metadata": {}, "items": list(found)}


def deployment(image: str, namespace: str = "kyverno", **container: Any) -> dict[str, Any]:
    pod = {"containers": [{"name": "a", "image": image, **container}]}
    return {
        "metadata": {"name": "a", "namespace": namespace},
        "spec": {"template": {"spec": pod}},
        "status": {"availableReplicas": 1},
    }


@pytest.fixture
def small(api: FakeApi) -> FakeApi:
    """A cluster that serves little."""
    api.answer("GET", "/version", {"gitVersion": "v1.35.4"})
    names = [{"metadata": {"name": name, "uid": f"uid of {name}"}} for name in ("default", "kube-system")]
    api.answer("GET", "/api/v1/namespaces", items("Namespace", *names))
    api.answer("GET", "/apis/apps/v1/deployments", items("Deployment", version="apps/v1"))
    return api


def test_the_cluster_is_named_by_kube_systems_uid(small: FakeApi, kube: Kube) -> None:
    found = collect(kube)
    assert (found.server, found.version, found.uid) == (small.url, "v1.35.4", "uid of kube-system")


def test_a_kind_that_is_not_served_is_told_from_one_that_may_not_be_read(small: FakeApi, kube: Kube) -> None:
    small.answer("GET", "/apis/argoproj.io/v1alpha1/applications", failure(403, "forbidden: no\x1b[1m", "Forbidden"))
    small.answer("GET", "/apis/pkg.crossplane.io/v1/providers", Reply(200, raw=b"nonsense"))
    found = collect(kube)
    assert "ClusterPolicy" in found.not_served
    assert "Application" not in found.not_served
    assert set(found.unreadable) == {"Application", "Provider"}
    assert "forbidden: no" in found.unreadable["Application"]
    assert "\x1b" not in found.unreadable["Application"]


def test_an_empty_list_is_served(small: FakeApi, kube: Kube) -> None:
    small.answer("GET", POLICIES, items("ClusterPolicy"))
    found = collect(kube)
    assert "ClusterPolicy" not in found.not_served
    assert found.all("ClusterPolicy") == ()


def test_the_first_version_that_is_served_counts(small: FakeApi, kube: Kube) -> None:
    small.answer(
        "GET",
        "/apis/policies.kyverno.io/v1beta1/imagevalidatingpolicies",
        items("ImageValidatingPolicy", {"metadata": {"name": "a"}}),
    )
    (policy,) = collect(kube).all("ImageValidatingPolicy")
    assert (policy["kind"], policy["apiVersion"]) == ("ImageValidatingPolicy", "policies.kyverno.io/v1beta1")


def test_managed_fields_are_told_shortly(small: FakeApi, kube: Kube) -> None:
    entry = {
        "manager": "kubectl",
        "operation": "Apply",
        "time": "t",
        "fieldsV1": {"f:spec": {}},
        "subresource": "status",
    }
    metadata = {"name": "a", "uid": "u", "resourceVersion": "7", "managedFields": [entry]}
    small.answer("GET", POLICIES, items("ClusterPolicy", {"metadata": metadata}, version="kyverno.io/v1"))
    found = collect(kube)
    (policy,) = found.all("ClusterPolicy")
    assert policy["metadata"]["managedFields"] == [
        {"manager": "kubectl", "operation": "Apply", "time": "t", "subresource": "status"}
    ]
    assert versions(found) == {"a": "u@7"}


def test_secrets_are_neither_read_nor_kept(small: FakeApi, kube: Kube) -> None:
    env = [{"name": "PASSWORD", "value": "hunter2"}, {"name": "INIT_CONFIG", "value": "settings"}]
    annotation = {"kubectl.kubernetes.io/last-applied-configuration": "hunter2", "other": "kept"}
    one = deployment("x", env=env, envFrom=[{"secretRef": {"name": "hunter2"}}])
    one["metadata"]["annotations"] = annotation
    small.answer("GET", "/apis/apps/v1/deployments", items("Deployment", one))
    found = collect(kube)
    assert "hunter2" not in json.dumps(found.objects)
    assert found.all("Deployment")[0]["metadata"]["annotations"] == {"other": "kept"}
    assert not any("secrets" in request.path for request in small.requests)


def test_custom_resource_definitions_are_metadata_only(small: FakeApi, kube: Kube) -> None:
    whole = {"metadata": {"name": "a.b"}, "spec": {"versions": [{"schema": {"big": True}}]}}
    small.answer(
        "GET", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", items("CustomResourceDefinition", whole)
    )
    (found,) = collect(kube).all("CustomResourceDefinition")
    assert found == {
        "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", "metadata": {"name": "a.b"}
    }  # fmt: skip


def test_webhooks_are_kept_without_their_certificates(small: FakeApi, kube: Kube) -> None:
    hook = {"name": "a", "clientConfig": {"caBundle": "LONG", "service": {"name": "s"}}, "failurePolicy": "Fail"}
    path = "/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations"
    small.answer("GET", path, items("MutatingWebhookConfiguration", {"metadata": {"name": "w"}, "webhooks": [hook]}))
    (found,) = collect(kube).all("MutatingWebhookConfiguration")
    assert found["webhooks"] == [{"name": "a", "clientConfig": {"service": {"name": "s"}}, "failurePolicy": "Fail"}]


@pytest.mark.parametrize(
    ("found", "path"),
    [
        (deployment("x", "policies", env=[{"name": "INIT_CONFIG", "value": "kv"}]), "policies/configmaps/kv"),
        (deployment("cgr.dev/chainguard/kyverno@sha256:ab", "door"), "door/configmaps/kyverno"),
    ],
)
def test_kyvernos_configuration_is_found_wherever_it_was_installed(
    small: FakeApi, kube: Kube, found: dict[str, Any], path: str
) -> None:
    small.answer("GET", "/apis/apps/v1/deployments", items("Deployment", found))
    where, _, called = path.split("/")
    config = {"metadata": {"name": called, "namespace": where}, "data": {"a": "b"}}
    small.answer("GET", f"/api/v1/namespaces/{path}", config)
    cluster = collect(kube)
    assert cluster.get("ConfigMap", called, where) == {"apiVersion": "v1", "kind": "ConfigMap", **config}


def test_only_named_configmaps_are_read(small: FakeApi, kube: Kube) -> None:
    small.answer("GET", "/apis/apps/v1/deployments", items("Deployment", deployment("nginx:1", "web")))
    collect(kube)
    read = [request.path for request in small.requests if "configmaps" in request.path]
    assert read == ["/api/v1/namespaces/platform-labs/configmaps/platform-labs"]


@pytest.mark.parametrize(
    ("version", "backend", "simulated"),
    [("v1.35.4", "kind", False), ("v1.35.4", "simulated", True), ("v1.35.4+simulated", "kind", True)],
)
def test_a_simulated_cluster_is_known_as_one(
    small: FakeApi, kube: Kube, version: str, backend: str, simulated: bool
) -> None:
    small.answer("GET", "/version", {"gitVersion": version})
    path = "/api/v1/namespaces/platform-labs/configmaps/platform-labs"
    small.answer("GET", path, config_map(backend=backend))
    assert collect(kube).simulated is simulated


@pytest.mark.parametrize(
    ("image", "count"),
    [
        ("reg.kyverno.io/kyverno/kyverno:v1.19.1", 1),
        ("kyverno", 1),
        ("reg.kyverno.io/kyverno/background-controller:v1.19.1", 0),
        ("example.org/not-kyverno:1", 0),
    ],
)
def test_admission_replicas_are_counted(image: str, count: int) -> None:
    assert admission_replicas(Cluster("s", "v", "u", objects={"Deployment": (deployment(image),)})) == count


def test_no_credentials_end_the_reading(api: FakeApi, kube: Kube) -> None:
    api.answer("GET", "/version", failure(401, "Unauthorized", "Unauthorized"))
    with pytest.raises(EnvironmentFault) as caught:
        collect(kube)
    assert "not accepted" in caught.value.diagnostics()


@pytest.mark.parametrize("body", [[], {"gitVersion": 3}, "x", None])
def test_what_is_no_api_server_is_told_so(api: FakeApi, kube: Kube, body: Any) -> None:
    api.answer("GET", "/version", body)
    with pytest.raises(EnvironmentFault, match="no Kubernetes API server"):
        collect(kube)


@pytest.mark.parametrize(
    "broken",
    [
        {"metadata": None, "spec": None, "status": "x"},
        {
            "metadata": {"annotations": 3, "managedFields": "x"},
            "spec": {"template": {"spec": {"containers": {"a": 1}}}},
        },
        {"spec": {"template": {"spec": {"containers": [None, {"env": [1, {"name": 3}], "image": 7}]}}}},
    ],
)
def test_objects_of_any_shape_are_borne(small: FakeApi, kube: Kube, broken: dict[str, Any]) -> None:
    small.answer("GET", "/apis/apps/v1/deployments", items("Deployment", broken))
    found = collect(kube)
    assert len(found.all("Deployment")) == 1
    assert admission_replicas(found) == 0
