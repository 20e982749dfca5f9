"""One lab's signatures, made once, and a small registry to push into."""

from __future__ import annotations

import hashlib
import io
import json
import ssl
import tarfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from labs.registry import build, manifests, trust
from labs.registry.authority import Authority
from labs.registry.build import Built
from labs.registry.runtime import Runtime
from labs.registry.trust import Trust
from tests.web import answering

CREATED = datetime(2026, 3, 1, 12, tzinfo=UTC)


def tar(**content: bytes) -> bytes:
    """A tar file of these members."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name, data in content.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return buffer.getvalue()


@pytest.fixture(scope="session")
def authority() -> Authority:
    return Authority(b"a seed for the tests of a lab___", CREATED)


@pytest.fixture(scope="session")
def runtime() -> Runtime:
    return Runtime((tar(pause=b"\x7fELF a program"),), version="3.10")


@pytest.fixture(scope="session")
def built(authority: Authority, runtime: Runtime) -> dict[str, Built]:
    return {one.sample.name: one for one in build.build_all(authority, runtime)}


@pytest.fixture(scope="session")
def trusted(authority: Authority) -> Trust:
    return trust.build(authority)


@dataclass
class Shelf:
    """What a registry holds, and what it was asked. `refuse` maps a method to the status it answers."""

    blobs: dict[tuple[str, str], bytes] = field(default_factory=dict)
    manifests: dict[tuple[str, str], bytes] = field(default_factory=dict)
    hosts: set[str] = field(default_factory=set)
    refuse: dict[str, int] = field(default_factory=dict)
    address: str = ""
    lock: threading.Lock = field(default_factory=threading.Lock)


class _Handler(BaseHTTPRequestHandler):
    """As much of the distribution API as a push needs, with the checks that distribution makes."""

    disable_nagle_algorithm = True
    protocol_version = "HTTP/1.1"
    shelf: Shelf

    def do_GET(self) -> None:
        self._answer(200, b"{}")

    def do_HEAD(self) -> None:
        repository, kind, reference = self._place()
        held = self.shelf.blobs if kind == "blobs" else self.shelf.manifests
        data = held.get((repository, reference))
        headers = {"Docker-Content-Digest": _digest(data)} if data is not None else {}
        self._answer(404 if data is None else 200, b"", **headers)

    def do_POST(self) -> None:
        if self._refused("POST"):
            return
        # as a registry behind another name does: an address of its own, and a state to hand back
        self._answer(202, b"", Location=f"https://elsewhere.invalid{self.path}one?_state=kept")

    def do_PUT(self) -> None:
        data = self.rfile.read(int(self.headers["Content-Length"]))
        if self._refused("PUT"):
            return
        repository, kind, reference = self._place()
        if kind == "manifests":
            self._take_manifest(repository, reference, data)
            return
        query = parse_qs(urlsplit(self.path).query)
        fits = query.get("_state") == ["kept"] and query["digest"] == [_digest(data)]
        if fits:
            with self.shelf.lock:
                self.shelf.blobs[repository, query["digest"][0]] = data
        self._answer(201 if fits else 400, b"")

    def _take_manifest(self, repository: str, reference: str, data: bytes) -> None:
        content = json.loads(data)
        blobs = [one["digest"] for one in [*content.get("layers", []), *filter(None, [content.get("config")])]]
        children = [one["digest"] for one in content.get("manifests", [])]
        there = all((repository, digest) in self.shelf.blobs for digest in blobs)
        there = there and all((repository, digest) in self.shelf.manifests for digest in children)
        if there and self.headers["Content-Type"] == content["mediaType"]:
            with self.shelf.lock:
                self.shelf.manifests[repository, reference] = self.shelf.manifests[repository, _digest(data)] = data
            self._answer(201, b"")
        else:
            self._answer(400, b'{"errors": [{"code": "MANIFEST_BLOB_UNKNOWN"}]}')

    def _place(self) -> tuple[str, str, str]:
        repository, kind, reference = urlsplit(self.path).path.removeprefix("/v2/").rsplit("/", 2)
        return repository.removesuffix("/blobs"), kind, reference

    def _refused(self, method: str) -> bool:
        status = self.shelf.refuse.get(method)
        if status:
            self._answer(status, b"no \x1b[31mroom")
        return status is not None

    def _answer(self, status: int, body: bytes, **headers: str) -> None:
        with self.shelf.lock:
            self.shelf.hosts.add(self.headers["Host"])
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        pass


def _digest(data: bytes) -> str:
    return "sha256:" + hashlib.sha256(data).hexdigest()


def _serve(context: ssl.SSLContext | None) -> Iterator[Shelf]:
    shelf = Shelf()
    with answering(type("Handler", (_Handler,), {"shelf": shelf}), context) as shelf.address:
        yield shelf


@pytest.fixture
def shelf() -> Iterator[Shelf]:
    """A registry over plain HTTP."""
    yield from _serve(None)


@pytest.fixture
def secure_shelf(authority: Authority, tmp_path: Path) -> Iterator[Shelf]:
    """A registry over TLS with the lab's certificate."""
    certificate = manifests.server(authority, manifests.Placement())
    (tmp_path / "tls.crt").write_bytes(certificate.chain)
    (tmp_path / "tls.key").write_bytes(certificate.key)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "tls.crt", tmp_path / "tls.key")
    yield from _serve(context)
