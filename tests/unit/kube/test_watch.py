"""Watches over the wire, and requests that another thread ends."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from grader.kube import Kube, Refusal, Unreachable, connect, events
from tests.fake_api import FakeApi, Reply, failure

PATH = "/api/v1/namespaces"


def lines(*values: Any) -> Reply:
    return Reply(200, raw=b"".join(json.dumps(value).encode() + b"\n" for value in values))


def told(kind: str, version: str = "5", **more: Any) -> dict[str, Any]:
    return {"type": kind, "object": {"metadata": {"name": "a", "resourceVersion": version}, **more}}


def test_events_come_in_order_with_their_versions(api: FakeApi, kube: Kube) -> None:
    api.answer("GET", PATH, lines(told("ADDED"), told("BOOKMARK", "9")))
    with kube.watch(PATH, "4", fields="metadata.name=a") as stream:
        assert [(event.type, event.version) for event in stream] == [("ADDED", "5"), ("BOOKMARK", "9")]
    query = api.requests[0].query
    assert (query["watch"], query["resourceVersion"], query["fieldSelector"]) == ("true", "4", "metadata.name=a")
    assert query["allowWatchBookmarks"] == "true"
    assert 300 < int(query["timeoutSeconds"]) < 900


def test_metadata_alone_can_be_watched(api: FakeApi, kube: Kube) -> None:
    api.answer("GET", PATH, lines())
    with kube.watch(PATH, "4", metadata_only=True) as stream:
        assert list(stream) == []
    assert "as=PartialObjectMetadata;" in api.requests[0].headers["accept"][0]


def test_an_error_in_the_stream_is_a_refusal(api: FakeApi, kube: Kube) -> None:
    status = {"kind": "Status", "code": 410, "reason": "Expired", "message": "too old resource version"}
    api.answer("GET", PATH, lines(told("ADDED"), {"type": "ERROR", "object": status}))
    with kube.watch(PATH, "4") as stream, pytest.raises(Refusal, match="too old") as caught:
        list(stream)
    assert caught.value.status == 410


@pytest.mark.parametrize("error", [None, "words", {"code": "x"}])
def test_an_error_of_another_shape_is_one_too(api: FakeApi, kube: Kube, error: Any) -> None:
    api.answer("GET", PATH, lines({"type": "ERROR", "object": error}))
    with kube.watch(PATH, "4") as stream, pytest.raises(Refusal) as caught:
        list(stream)
    assert caught.value.status == 500


def test_a_watch_that_is_not_allowed_is_refused_before_it_begins(api: FakeApi, kube: Kube) -> None:
    api.answer("GET", PATH, failure(403, "may not watch", "Forbidden"))
    with pytest.raises(Refusal, match="may not watch"), kube.watch(PATH, "4"):
        pass


@pytest.mark.parametrize("line", [b"no json\n", b"[" * 100_000 + b"\n", b'{"type": NaN}\n'])
def test_a_line_that_is_no_json_ends_it(api: FakeApi, kube: Kube, line: bytes) -> None:
    api.answer("GET", PATH, Reply(200, raw=line))
    with kube.watch(PATH, "4") as stream, pytest.raises(Unreachable, match="not JSON"):
        list(stream)


@pytest.mark.parametrize("value", [[], None, {"object": 3}, {"type": 7, "object": {"metadata": []}}])
def test_events_of_another_shape_have_no_version(api: FakeApi, kube: Kube, value: Any) -> None:
    api.answer("GET", PATH, lines(value))
    with kube.watch(PATH, "4") as stream:
        assert [event.version for event in stream] == [""]


def test_an_event_without_end_is_not_read(api: FakeApi, kube: Kube, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "MAX_LINE", 1000)
    api.answer("GET", PATH, Reply(200, raw=b"x" * 200_000))
    with kube.watch(PATH, "4") as stream, pytest.raises(Unreachable, match="larger"):
        list(stream)


@pytest.fixture
def silent(api: FakeApi, tmp_path: Path) -> Iterator[tuple[Kube, threading.Event]]:
    """A client of a server that takes connections and never says a word, and when the first has come."""
    listener = socket.create_server(("127.0.0.1", 0))
    came, kept = threading.Event(), []

    def accept() -> None:
        kept.append(listener.accept())
        came.set()

    threading.Thread(target=accept, daemon=True).start()
    address = f"https://127.0.0.1:{listener.getsockname()[1]}"
    with connect(api.kubeconfig(cluster={"server": address})) as kube:
        yield kube, came
    listener.close()
    for connection, _ in kept:
        connection.close()


def ended(action: Any) -> tuple[threading.Thread, list[BaseException]]:
    """Runs an action in a thread; what it raises is kept."""
    raised: list[BaseException] = []

    def run() -> None:
        try:
            action()
        except Unreachable as error:
            raised.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    return thread, raised


def test_a_request_ends_at_once_when_it_is_interrupted(silent: tuple[Kube, threading.Event]) -> None:
    kube, came = silent
    thread, raised = ended(lambda: kube.get("/version", seconds=60))
    assert came.wait(20)
    kube.interrupt()
    thread.join(20)
    assert not thread.is_alive()
    assert len(raised) == 1


def test_an_interrupted_client_asks_nothing_more(api: FakeApi, kube: Kube) -> None:
    api.answer("GET", "/version", {})
    kube.get("/version")
    kube.interrupt()
    with pytest.raises(Unreachable, match="closed"):
        kube.get("/version")
    assert len(api.requests) == 1


def test_a_watch_is_cut_from_another_thread(api: FakeApi, kube: Kube) -> None:
    going, over = threading.Event(), threading.Event()

    def hold(request: Any) -> Reply | None:
        if request.query.get("watch"):
            going.set()
            over.wait(60)
        return None

    api.handle(hold)

    def watch() -> None:
        with kube.watch(PATH, "4") as stream:
            list(stream)

    thread, raised = ended(watch)
    assert going.wait(20)
    kube.interrupt()
    thread.join(20)
    over.set()
    assert not thread.is_alive()
    assert len(raised) == 1
