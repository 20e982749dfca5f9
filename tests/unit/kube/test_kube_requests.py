"""What goes over the wire, and what comes back."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from datetime import UTC, datetime

import pytest

from grader.kube import Access, Identity, Kube, Refusal, Unreachable, connect, resource, transport
from tests.fake_api import FakeApi, Reply, failure

PODS = "/api/v1/namespaces/default/pods"


@pytest.mark.parametrize(
    ("arguments", "path"),
    [
        (("v1", "namespaces"), "/api/v1/namespaces"),
        (("v1", "pods", "a"), "/api/v1/namespaces/a/pods"),
        (("apps/v1", "deployments", "a", "b"), "/apis/apps/v1/namespaces/a/deployments/b"),
        (("v1", "pods", "a", "b", "ephemeralcontainers"), "/api/v1/namespaces/a/pods/b/ephemeralcontainers"),
        (("v1", "pods", "a/../b"), "/api/v1/namespaces/a%2F..%2Fb/pods"),
    ],
)
def test_paths(arguments: tuple[str, ...], path: str) -> None:
    assert resource(*arguments) == path


def test_get_gives_the_object(api: FakeApi, kube: Kube) -> None:
    api.answer("GET", "/version", {"gitVersion": "v1.35.4"})
    assert kube.get("/version") == {"gitVersion": "v1.35.4"}


def test_one_connection_serves_many_requests(api: FakeApi, kube: Kube) -> None:
    api.answer("GET", "/version", {})
    for _ in range(5):
        kube.get("/version")
    assert api.connections == 1


def test_list_follows_its_pages_and_names_each_kind(api: FakeApi, kube: Kube) -> None:
    def pages(request: object) -> Reply:
        more = getattr(request, "query").get("continue")  # noqa: B009
        metadata = {} if more else {"continue": "next"}
        item = {"metadata": {"name": "b" if more else "a"}}
        return Reply(200, {"apiVersion": "v1", "kind": "PodList", "metadata": metadata, "items": [item]})

    api.handle(pages)
    found = kube.list(PODS)
    assert [(pod["kind"], pod["apiVersion"], pod["metadata"]["name"]) for pod in found] == [
        ("Pod", "v1", "a"),
        ("Pod", "v1", "b"),
    ]
    assert api.requests[0].query == {"limit": "500"}


def test_metadata_alone_is_asked_for(api: FakeApi, kube: Kube) -> None:
    api.answer("GET", "/apis/x/v1/y", {"kind": "PartialObjectMetadataList", "items": []})
    kube.list("/apis/x/v1/y", metadata_only=True)
    assert "as=PartialObjectMetadataList" in api.requests[0].headers["accept"][0]


def test_a_dry_run_is_marked_as_one(api: FakeApi, kube: Kube) -> None:
    api.answer("POST", PODS, Reply(201, {"kind": "Pod"}))
    kube.create(PODS, {"kind": "Pod"}, dry_run=True)
    assert api.requests[0].query == {"dryRun": "All", "fieldManager": "platform-labs"}
    assert api.requests[0].body == {"kind": "Pod"}


def test_a_real_creation_is_no_dry_run(api: FakeApi, kube: Kube) -> None:
    api.answer("POST", PODS, Reply(201, {"kind": "Pod"}))
    kube.create(PODS, {"kind": "Pod"})
    assert "dryRun" not in api.requests[0].query


@pytest.mark.parametrize(
    ("kind", "media"),
    [
        ("merge", "application/merge-patch+json"),
        ("strategic", "application/strategic-merge-patch+json"),
        ("apply", "application/apply-patch+yaml"),
    ],
)
def test_patches_name_their_type(api: FakeApi, kube: Kube, kind: str, media: str) -> None:
    api.answer("PATCH", PODS, {})
    kube.patch(PODS, {}, kind)  # type: ignore[arg-type]
    assert api.requests[0].headers["content-type"] == [media]
    assert ("force" in api.requests[0].query) == (kind == "apply")


def test_another_identity_is_put_on_with_all_its_groups(api: FakeApi, kube: Kube) -> None:
    api.answer("POST", PODS, Reply(201, {}))
    kube.create(PODS, {}, identity=Identity.service_account("crossplane-system", "crossplane"))
    headers = api.requests[0].headers
    assert headers["impersonate-user"] == ["system:serviceaccount:crossplane-system:crossplane"]
    assert headers["impersonate-group"] == [
        "system:serviceaccounts",
        "system:serviceaccounts:crossplane-system",
        "system:authenticated",
    ]


def test_no_identity_is_put_on_unasked(api: FakeApi, kube: Kube) -> None:
    api.answer("GET", PODS, {})
    kube.get(PODS)
    assert not any(name.startswith("impersonate") for name in api.requests[0].headers)


def test_a_token_is_sent(api: FakeApi) -> None:
    api.answer("GET", "/version", {})
    with api.connect(user={"token": "abc.def"}) as kube:
        kube.get("/version")
    assert api.requests[0].headers["authorization"] == ["Bearer abc.def"]


def test_the_servers_clock(api: FakeApi, kube: Kube) -> None:
    api.answer("GET", "/version", {})
    assert abs((kube.now() - datetime.now(UTC)).total_seconds()) < 60


def test_a_refusal_keeps_the_servers_words(api: FakeApi, kube: Kube) -> None:
    api.answer("GET", PODS, failure(403, "pods is forbidden\x1b[31m", "Forbidden"))
    with pytest.raises(Refusal) as caught:
        kube.get(PODS)
    error = caught.value
    assert (error.status, error.reason, error.words) == (403, "Forbidden", "pods is forbidden")
    assert (error.exit_code, error.where) == (3, PODS)
    assert error.advice is not None


def test_a_refusal_that_is_not_json(api: FakeApi, kube: Kube) -> None:
    api.answer("GET", PODS, Reply(502, raw=b"<html>bad gateway</html>"))
    with pytest.raises(Refusal, match="bad gateway"):
        kube.get(PODS)


@pytest.mark.parametrize("status", [429, 503])
def test_a_busy_server_is_asked_once_more_after_its_pause(api: FakeApi, status: int) -> None:
    api.answer("POST", PODS, Reply(status, {}, {"Retry-After": "3"}), Reply(201, {"kind": "Pod"}))
    slept: list[float] = []
    with connect(api.kubeconfig(), sleep=slept.append) as kube:
        assert kube.create(PODS, {}) == {"kind": "Pod"}
    assert slept == [3.0]


def test_a_pause_is_never_long(api: FakeApi) -> None:
    api.answer("GET", PODS, Reply(429, {}, {"Retry-After": "86400"}), Reply(200, {}))
    slept: list[float] = []
    with connect(api.kubeconfig(), sleep=slept.append) as kube:
        kube.get(PODS)
    assert slept == [5.0]


def test_a_server_that_stays_busy_is_a_fault(api: FakeApi, kube: Kube) -> None:
    api.answer("GET", PODS, failure(503, "unavailable"))
    with pytest.raises(Refusal, match="unavailable"):
        kube.get(PODS)
    assert len(api.requests) == 2


def test_a_lost_connection_is_tried_again_for_what_changes_nothing(api: FakeApi, kube: Kube) -> None:
    api.answer("POST", PODS, Reply(drop=True), Reply(201, {"kind": "Pod"}))
    assert kube.create(PODS, {}, dry_run=True) == {"kind": "Pod"}


def test_a_lost_connection_is_not_tried_again_for_what_changes_something(api: FakeApi, kube: Kube) -> None:
    api.answer("POST", PODS, Reply(drop=True), Reply(201, {"kind": "Pod"}))
    with pytest.raises(Unreachable, match="broke off"):
        kube.create(PODS, {})
    assert len(api.requests) == 1


def test_nobody_answers(api: FakeApi) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with api.connect(cluster={"server": f"https://127.0.0.1:{port}"}) as kube, pytest.raises(Unreachable) as caught:
        kube.get("/version")
    assert "nobody answers" in str(caught.value)
    assert "labs st" in caught.value.diagnostics()


def test_a_server_with_another_certificate_is_not_believed(api: FakeApi) -> None:
    with (
        api.connect(cluster={"certificate-authority-data": None}) as kube,
        pytest.raises(Unreachable, match="certificate is not"),
    ):
        kube.get("/version")
    assert api.requests == []


def test_the_name_in_the_certificate_may_be_given(api: FakeApi) -> None:
    api.answer("GET", "/version", {})
    with api.connect(cluster={"tls-server-name": "fake"}) as kube:
        assert kube.get("/version") == {}


def test_the_name_in_the_certificate_must_be_right(api: FakeApi) -> None:
    with api.connect(cluster={"tls-server-name": "other"}) as kube, pytest.raises(Unreachable, match="certificate"):
        kube.get("/version")


def test_a_time_limit_ends_in_a_fault() -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        access = Access(server=f"http://127.0.0.1:{silent.getsockname()[1]}")
        with Kube(access) as kube, pytest.raises(Unreachable, match="did not answer in time"):
            kube.get("/version", seconds=0.05)


@pytest.mark.parametrize(
    "raw", [b"not json", b"[" * 100_000, b"", b'{"a": ' + b"9" * 5000 + b"}", b"NaN"], ids=lambda raw: repr(raw)[:20]
)
def test_an_answer_that_is_not_json_is_a_fault(api: FakeApi, kube: Kube, raw: bytes) -> None:
    api.answer("GET", "/version", Reply(raw=raw))
    with pytest.raises(Unreachable, match="not JSON"):
        kube.get("/version")


def test_an_answer_is_bounded(api: FakeApi, kube: Kube, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "MAX_BYTES", 1000)
    api.answer("GET", "/version", Reply(raw=json.dumps("x" * 2000).encode()))
    with pytest.raises(Unreachable, match="larger than"):
        kube.get("/version")


def test_a_packed_answer_is_refused(api: FakeApi, kube: Kube) -> None:
    api.answer("GET", "/version", Reply(headers={"Content-Encoding": "gzip"}, raw=b"x"))
    with pytest.raises(Unreachable, match="packed"):
        kube.get("/version")


def test_a_redirection_is_not_followed(api: FakeApi, kube: Kube) -> None:
    api.answer("GET", "/version", Reply(302, {}, {"Location": "/elsewhere"}))
    with pytest.raises(Refusal):
        kube.get("/version")
    assert [request.path for request in api.requests] == ["/version"]


def test_the_big_client_is_not_loaded() -> None:
    code = "import sys, grader.kube; sys.exit(bool({'kubernetes', 'urllib3'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_half_a_surrogate_pair_is_replaced(api: FakeApi, kube: Kube) -> None:
    api.answer("GET", "/version", Reply(raw=b'{"a": "x\\ud800y \\ud83d\\ude00"}'))
    assert kube.get("/version") == {"a": "x?y \U0001f600"}
