"""A server that drips, floods or sends elsewhere cannot hold or fill the reader."""

from __future__ import annotations

import io
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from typing import Any

import pytest
import requests

from grader.errors import LabsError
from labs.image import reference, transfer
from labs.image.source import Endpoint, Source

NAME = reference.parse("localhost:1/x/y")
_OK = b"HTTP/1.1 200 OK\r\n"
Start = Callable[[bytes, bytes], str]


@pytest.fixture
def dripping() -> Iterator[Start]:
    """Starts servers that send their first bytes at once, and then the second again and again, until they are left."""
    over = threading.Event()
    listening: list[socket.socket] = []

    def serve(listener: socket.socket, first: bytes, again: bytes) -> None:
        with suppress(OSError):
            while not over.is_set():
                connection, _ = listener.accept()
                with connection, suppress(OSError):
                    connection.recv(1 << 16)
                    connection.sendall(first)
                    while again and not over.wait(0.01):
                        connection.sendall(again)

    def start(first: bytes, again: bytes) -> str:
        listener = socket.create_server(("127.0.0.1", 0))
        listening.append(listener)
        threading.Thread(target=serve, args=(listener, first, again), daemon=True).start()
        return f"http://127.0.0.1:{listener.getsockname()[1]}"

    yield start
    over.set()
    for listener in listening:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()


@pytest.fixture
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Makes the deadline a short one."""
    monkeypatch.setattr(transfer, "LONGEST", 0.2)


def reader(url: str) -> Source:
    """Reads there what it is asked for; the registry of that name answers nobody."""
    return Source({"localhost:1": Endpoint(url)})


@pytest.mark.usefixtures("patience")
@pytest.mark.parametrize(
    ("first", "again"),
    [
        (_OK + b"Content-Length: 1000000\r\n\r\n", b" "),
        (_OK + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n"),
        (_OK + b"X-Long: ", b"x"),
        (_OK + b"Transfer-Encoding: chunked\r\n\r\n1;", b"x"),
    ],
    ids=["body", "chunks", "header", "chunk size"],
)
def test_a_registry_that_drips_is_left(dripping: Start, first: bytes, again: bytes) -> None:
    with pytest.raises(LabsError, match=r"more than 0\.2 seconds"):
        reader(dripping(first, again)).manifest(NAME)


def redirect(to: str) -> bytes:
    return f"HTTP/1.1 302 Found\r\nLocation: {to}\r\nContent-Length: 1000000000\r\n\r\n".encode()


def test_a_redirect_is_followed_without_reading_its_body_or_telling_the_token(dripping: Start) -> None:
    asked: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as end:

        def answer() -> None:
            connection, _ = end.accept()
            with connection:
                asked.append(connection.recv(1 << 16))
                connection.sendall(_OK + b"Content-Length: 3\r\n\r\nyes")

        thread = threading.Thread(target=answer, daemon=True)
        thread.start()
        away = dripping(redirect(f"http://127.0.0.1:{end.getsockname()[1]}/there"), b" ")
        found = transfer.Client().get(away, {"Authorization": "Bearer secret"}, limit=10)
        thread.join(5)
    assert found.body == b"yes"
    assert asked[0].startswith(b"GET /there ")
    assert b"secret" not in asked[0]


@pytest.mark.parametrize("to", ["/again", "file:///etc/passwd", "http://[", "gopher://x"])
def test_a_redirect_that_leads_nowhere(dripping: Start, to: str) -> None:
    with pytest.raises(transfer.Unreachable):
        transfer.Client().get(dripping(redirect(to), b""), {}, limit=10)


def test_a_lab_registry_leads_nowhere_else(dripping: Start) -> None:
    assert transfer.Client(direct=True).get(dripping(redirect("/again"), b""), {}, limit=10).status == 302


def test_more_than_is_taken(dripping: Start) -> None:
    with pytest.raises(transfer.TooLarge):
        transfer.Client().get(dripping(_OK + b"Content-Length: 1000000\r\n\r\n", b"x" * 100), {}, limit=1000)


def test_an_anonymous_token_is_fetched_where_the_registry_wants_one(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, object, object]] = []
    challenge = {"WWW-Authenticate": 'Bearer realm="https://auth.test/token",service="s",scope="pull"'}

    def get(_: transfer.Client, url: str, headers: Mapping[str, str], **how: Any) -> transfer.Answer:
        asked.append((url, headers.get("Authorization"), how.get("params")))
        if url.startswith("https://auth.test/"):
            return transfer.Answer(200, {}, b'{"token": "abc"}')
        return transfer.Answer(200, {}, b'{"layers": []}') if "Authorization" in headers else away

    away = transfer.Answer(401, challenge)
    monkeypatch.setattr(transfer.Client, "get", get)
    assert Source().manifest(reference.parse("r.test/x/y")).content == {"layers": []}
    at = "https://r.test/v2/x/y/manifests/latest"
    assert asked == [
        (at, None, None),
        ("https://auth.test/token", None, {"service": "s", "scope": "pull"}),
        (at, "Bearer abc", None),
    ]


def test_no_redirect_leads_from_https_to_http(monkeypatch: pytest.MonkeyPatch) -> None:
    answer = requests.Response()
    answer.status_code, answer.url = 302, "https://r.test/v2/"
    answer.headers["Location"] = "http://r.test/v2/"
    answer.raw = io.BytesIO()
    monkeypatch.setattr(requests.Session, "send", lambda *_, **__: answer)
    with pytest.raises(transfer.Unreachable, match="InvalidURL"):
        transfer.Client().get("https://r.test/v2/", {}, limit=10)
