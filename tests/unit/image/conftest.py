"""A registry in this process, filled with the samples of a lab or with whatever a test puts there."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest

from labs.image import trusts
from labs.image.roots import Roots
from labs.image.source import Endpoint, Source
from labs.registry import build, oci, trust
from labs.registry.authority import Authority
from labs.registry.build import Built
from labs.registry.runtime import Runtime
from tests.web import answering


class Shelf:
    """What the registry answers by path: a body, or a status alone. `asked` lists the paths asked for."""

    def __init__(self) -> None:
        self.answers: dict[str, bytes | int] = {}
        self.asked: list[str] = []
        self.url = ""

    def put(self, artifact: oci.Artifact) -> None:
        """Takes in a manifest under all its names, and its blobs."""
        for name in (artifact.digest, *artifact.tags):
            self.answers[f"/v2/{artifact.repository}/manifests/{name}"] = artifact.data
        for blob in artifact.blobs:
            self.answers[f"/v2/{artifact.repository}/blobs/{blob.digest}"] = blob.data

    def source(self) -> Source:
        """Reads here what is called cgr.dev."""
        return Source({"cgr.dev": Endpoint(self.url)})


class _Handler(BaseHTTPRequestHandler):
    disable_nagle_algorithm = True
    protocol_version = "HTTP/1.1"
    shelf: Shelf

    def do_GET(self) -> None:
        self.shelf.asked.append(self.path)
        answer = self.shelf.answers.get(self.path, 404)
        self.send_response(answer if isinstance(answer, int) else 200)
        body = b"" if isinstance(answer, int) else answer
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture(scope="session")
def authority() -> Authority:
    return Authority(b"a seed for the tests of images__", datetime(2026, 3, 1, 12, tzinfo=UTC))


@pytest.fixture(scope="session")
def built(authority: Authority) -> dict[str, Built]:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        member = tarfile.TarInfo("pause")
        member.size = 4
        archive.addfile(member, io.BytesIO(b"\x7fELF"))
    runtime = Runtime((buffer.getvalue(),), version="3.10")
    return {one.sample.name: one for one in build.build_all(authority, runtime)}


@pytest.fixture(scope="session")
def tuf(authority: Authority, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The lab's trust as it lies in its folder."""
    folder = tmp_path_factory.mktemp("tuf")
    trust.build(authority).store(folder)
    return folder


@pytest.fixture(scope="session")
def both(tuf: Path) -> tuple[Roots, ...]:
    """Public trust first, then the lab's."""
    return (trusts.public(), trusts.of_lab(tuf))


@pytest.fixture
def shelf() -> Iterator[Shelf]:
    """A registry without anything in it."""
    shelf = Shelf()
    with answering(type("Handler", (_Handler,), {"shelf": shelf})) as address:
        shelf.url = f"http://{address}"
        yield shelf


@pytest.fixture
def lab_shelf(shelf: Shelf, built: dict[str, Built]) -> Shelf:
    """The registry with all samples of the lab."""
    for artifact in build.artifacts(tuple(built.values())):
        shelf.put(artifact)
    return shelf
