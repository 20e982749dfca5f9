"""The API over HTTPS, asked by the unmodified Kubernetes client and by raw requests."""

from __future__ import annotations

import json
import ssl
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from kubernetes import client, config, watch
from kubernetes.client.exceptions import ApiException
from kubernetes.dynamic import DynamicClient

from grader.evidence.cluster import collect
from grader.kube import Identity, Refusal, connect, resource
from labs.cluster.simulated.helm.actions import install
from tests.sim_server import Served
from tests.sim_world import TRUST, policy


@pytest.fixture(scope="module")
def api(server: Served) -> Iterator[client.ApiClient]:
    """The Kubernetes client, as anybody would make it."""
    load: Any = config.new_client_from_config
    with load(str(server.kubeconfig)) as made:
        yield made


def raw(server: Served, path: str, *, method: str = "GET", body: Any = None, **headers: str) -> tuple[int, Any, Any]:
    """Status, JSON and headers of an answer."""
    context = ssl.create_default_context(cafile=str(server.place.authority))
    given = {"Authorization": f"Bearer {server.place.token()}", **{k.replace("_", "-"): v for k, v in headers.items()}}
    data = body
    if body is not None and not isinstance(body, bytes):
        data, given = json.dumps(body).encode(), {"Content-Type": "application/json", **given}
    request = urllib.request.Request(f"https://127.0.0.1:{server.port}{path}", data, given, method=method)
    try:
        with urllib.request.urlopen(request, context=context, timeout=30) as answer:
            return answer.status, json.loads(answer.read()), answer.headers
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.loads(error.read()), error.headers


def test_it_says_that_it_is_simulated(api: client.ApiClient) -> None:
    assert client.VersionApi(api).get_code().git_version == "v1.35.4+simulated"


def test_nobody_gets_in_without_the_token(server: Served) -> None:
    status, told, _ = raw(server, "/api/v1/pods", Authorization="Bearer wrong")
    assert (status, told["reason"], told["kind"]) == (401, "Unauthorized", "Status")


def test_a_typed_client_creates_reads_and_deletes(api: client.ApiClient) -> None:
    core: Any = client.CoreV1Api(api)
    body = client.V1ConfigMap(metadata=client.V1ObjectMeta(name="typed"), data={"a": "1"})
    made = core.create_namespaced_config_map("default", body)
    assert made.metadata.uid
    changed = core.patch_namespaced_config_map("typed", "default", {"data": {"b": "2"}})
    assert changed.data == {"a": "1", "b": "2"}
    assert "typed" in [one.metadata.name for one in core.list_namespaced_config_map("default").items]
    core.delete_namespaced_config_map("typed", "default")
    with pytest.raises(ApiException) as caught:
        core.read_namespaced_config_map("typed", "default")
    assert caught.value.status == 404


def test_a_dynamic_client_finds_every_kind(api: client.ApiClient) -> None:
    dynamic: Any = DynamicClient(api)  # type: ignore[no-untyped-call]
    found = dynamic.resources.get(api_version="apps/v1", kind="Deployment")
    assert (found.name, found.namespaced) == ("deployments", True)


def test_a_watch_tells_what_happens(server: Served, api: client.ApiClient) -> None:
    core: Any = client.CoreV1Api(api)
    version = core.list_namespaced_config_map("default").metadata.resource_version
    seen: list[tuple[str, str]] = []

    def follow() -> None:
        watching: Any = watch.Watch()  # type: ignore[no-untyped-call]
        for event in watching.stream(
            core.list_namespaced_config_map,
            "default",
            resource_version=version,
            label_selector="seen",
            timeout_seconds=20,
        ):
            seen.append((event["type"], event["object"].metadata.name))
            if len(seen) == 3:
                watching.stop()

    thread = threading.Thread(target=follow)
    thread.start()
    labels = client.V1ObjectMeta(name="watched", labels={"seen": "yes"})
    core.create_namespaced_config_map("default", client.V1ConfigMap(metadata=labels))
    core.patch_namespaced_config_map("watched", "default", {"data": {"a": "b"}})
    core.patch_namespaced_config_map("watched", "default", {"metadata": {"labels": None}})
    thread.join(20)
    assert seen == [("ADDED", "watched"), ("MODIFIED", "watched"), ("DELETED", "watched")]
    core.delete_namespaced_config_map("watched", "default")


def events(server: Served, query: str) -> list[Any]:
    """All that a watch of namespaces sends before it ends."""
    context = ssl.create_default_context(cafile=str(server.place.authority))
    address = f"https://127.0.0.1:{server.port}/api/v1/namespaces?watch=true&timeoutSeconds=1&{query}"
    request = urllib.request.Request(address, headers={"Authorization": f"Bearer {server.place.token()}"})
    with urllib.request.urlopen(request, context=context, timeout=30) as answer:
        return [json.loads(line) for line in answer]


def test_a_watch_that_wants_everything_first(server: Served) -> None:
    found = events(server, "sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true")
    marks = [one["object"]["metadata"].get("annotations") for one in found if one["type"] == "BOOKMARK"]
    assert marks[0] == {"k8s.io/initial-events-end": "true"}
    assert {one["object"]["metadata"]["name"] for one in found if one["type"] == "ADDED"} >= {"default", "kube-system"}


def test_a_version_that_is_forgotten_is_gone(server: Served) -> None:
    (found,) = events(server, "resourceVersion=99999999")
    assert found["type"] == "ERROR"
    assert (found["object"]["code"], found["object"]["reason"]) == (410, "Expired")


def test_lists_in_parts(server: Served) -> None:
    _, first, _ = raw(server, "/api/v1/namespaces?limit=3")
    assert len(first["items"]) == 3
    assert first["metadata"]["remainingItemCount"] >= 1
    _, rest, _ = raw(server, f"/api/v1/namespaces?limit=300&continue={first['metadata']['continue']}")
    names = [one["metadata"]["name"] for one in (*first["items"], *rest["items"])]
    assert names == sorted(set(names))
    assert raw(server, "/api/v1/namespaces?continue=junk")[0] == 410


def test_warnings_are_headers(server: Served) -> None:
    body = {"metadata": {"name": "warned"}, "dta": {}}
    path = "/api/v1/namespaces/default/configmaps?dryRun=All"
    _, _, headers = raw(server, path, method="POST", body=body)
    assert headers["Warning"] == r'299 - "unknown field \"dta\""'
    status, told, _ = raw(server, f"{path}&fieldValidation=Strict", method="POST", body=body)
    assert (status, told["reason"]) == (400, "BadRequest")


@pytest.mark.parametrize(
    ("method", "path", "media", "body", "code"),
    [
        ("GET", "/api/v1/nothings", "", None, 404),
        ("GET", "/apis/none/v1/things", "", None, 404),
        ("GET", "/api/v1/namespaces/default/pods/a/proxy", "", None, 404),
        ("GET", "/api/v1/namespaces/default/pods/a/exec", "", None, 404),
        ("PATCH", "/api/v1/namespaces/default/pods/a/exec", "application/merge-patch+json", b"{}", 405),
        ("POST", "/api/v1/pods", "application/json", b"{}", 405),
        ("DELETE", "/api/v1/namespaces", "", None, 405),
        ("POST", "/api/v1/namespaces", "application/json", b"{", 400),
        ("POST", "/api/v1/namespaces", "application/json", b"[" * 100_000, 400),
        ("POST", "/api/v1/namespaces", "text/plain", b"x", 415),
        ("POST", "/api/v1/namespaces", "application/vnd.kubernetes.protobuf", b"x", 400),
        ("POST", "/api/v1/namespaces", "application/json", b"[]", 400),
        ("POST", "/api/v1/namespaces", "application/json", b'{"metadata": []}', 400),
        ("POST", "/api/v1/namespaces?dryRun=Some", "application/json", b"{}", 422),
        ("POST", "/api/v1/namespaces?fieldValidation=Perhaps", "application/json", b"{}", 422),
        ("GET", "/api/v1/pods?limit=x", "", None, 400),
        ("PATCH", "/api/v1/namespaces/default", "application/json", b"{}", 415),
        ("PATCH", "/api/v1/namespaces/default", "application/merge-patch+json", b"[]", 400),
        ("PATCH", "/api/v1/namespaces/default", "application/apply-patch+yaml", b"{}", 422),
        ("PATCH", "/api/v1/namespaces/default?fieldManager=m", "application/apply-patch+yaml", b"a: *x", 400),
        ("POST", "/api/v1/namespaces", "application/json", b" " * (4 << 20), 413),
    ],
)
def test_bad_requests_get_a_status(server: Served, method: str, path: str, media: str, body: Any, code: int) -> None:
    status, told, _ = raw(server, path, method=method, body=body, **({"Content_Type": media} if media else {}))
    assert (status, told["kind"], told["code"]) == (code, "Status", code)


def test_only_known_forms_are_given(server: Served) -> None:
    assert raw(server, "/api/v1/pods", Accept="application/vnd.kubernetes.protobuf")[0] == 406
    _, found, _ = raw(
        server, "/api/v1/namespaces", Accept="application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"
    )
    assert found["kind"] == "PartialObjectMetadataList"
    assert all("spec" not in one for one in found["items"])


def test_discovery_in_both_forms(server: Served) -> None:
    accept = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json"
    _, found, headers = raw(server, "/apis", Accept=accept)
    assert "as=APIGroupDiscoveryList" in headers["Content-Type"]
    assert "apps" in [one["metadata"]["name"] for one in found["items"]]
    _, old, _ = raw(server, "/apis/apps/v1")
    assert "deployments/scale" in [one["name"] for one in old["resources"]]
    assert raw(server, "/apis/apps")[1]["preferredVersion"]["version"] == "v1"


def test_every_openapi_document_is_whole(server: Served) -> None:
    for path in raw(server, "/openapi/v3")[1]["paths"]:
        document = raw(server, f"/openapi/v3/{path}")[1]
        schemas = document["components"]["schemas"]
        wanted = {word.split('"')[0] for word in json.dumps(document).split("#/components/schemas/")[1:]}
        assert wanted <= set(schemas)


def test_another_identity_may_do_less(server: Served) -> None:
    crossplane = Identity.service_account("crossplane-system", "crossplane")
    deployment = {
        "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "d"},
        "spec": {
            "selector": {"matchLabels": {"a": "b"}},
            "template": {"metadata": {"labels": {"a": "b"}}, "spec": {"containers": [{"name": "c", "image": "d"}]}},
        },
    }  # fmt: skip
    with connect(server.kubeconfig) as kube:
        place = resource("apps/v1", "deployments", "default")
        assert kube.create(place, deployment, dry_run=True, identity=crossplane)["kind"] == "Deployment"
        pod = {"metadata": {"name": "p"}, "spec": {"containers": [{"name": "c", "image": "d"}]}}
        with pytest.raises(Refusal) as caught:
            kube.create(resource("v1", "pods", "default"), pod, dry_run=True, identity=crossplane)
    assert caught.value.status == 403
    assert 'cannot create resource "pods" in API group "" in the namespace "default"' in caught.value.words


def test_the_grader_sees_a_simulated_cluster_with_kyverno(server: Served) -> None:
    with connect(server.kubeconfig) as kube:
        install(kube, "kyverno", "kyverno", "kyverno", TRUST, create_namespace=True)
        kube.patch(resource("kyverno.io/v1", "clusterpolicies", name="verify"), policy(), "apply")
        found = collect(kube)
    assert found.simulated
    assert found.version == "v1.35.4+simulated"
    assert not found.unreadable
    assert "ClusterPolicy" not in found.not_served
    assert [one["metadata"]["name"] for one in found.all("ClusterPolicy")] == ["verify"]
    images = [c["image"] for one in found.all("Deployment") for c in one["spec"]["template"]["spec"]["containers"]]
    assert "reg.kyverno.io/kyverno/kyverno:v1.19.1" in images


def test_the_kubeconfig_is_for_its_owner_alone(server: Served) -> None:
    assert Path(server.kubeconfig).stat().st_mode & 0o777 == 0o600
