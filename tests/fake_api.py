"""A small API server over TLS that plays recorded answers, for tests of what talks to a cluster."""

from __future__ import annotations

import base64
import ipaddress
import json
import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import yaml

from grader.kube import Kube, connect


@dataclass(frozen=True, slots=True)
class Request:
    """What the server was asked. Header names in lower case, with all their values."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, list[str]]
    body: Any


@dataclass(frozen=True, slots=True)
class Reply:
    """What it answers. `raw` instead of `body` is sent as it is."""

    status: int = 200
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    raw: bytes | None = None
    drop: bool = False


Handler = Callable[[Request], Reply | None]


def failure(status: int, message: str, reason: str = "") -> Reply:
    """A Kubernetes Status."""
    return Reply(status, {"kind": "Status", "status": "Failure", "message": message, "reason": reason, "code": status})


@cache
def pair() -> tuple[bytes, bytes]:
    """A self-signed certificate for 127.0.0.1 and its key, both PEM."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "fake api")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1")), x509.DNSName("fake")]),
            critical=False,
        )
        .sign(key, hashes.SHA256())
    )
    return (
        certificate.public_bytes(serialization.Encoding.PEM),
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()),
    )


class FakeApi:
    """Answers by `handlers`, the last one first; what none knows is 404. `requests` are kept in order."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.requests: list[Request] = []
        self.connections = 0
        self.client_names: list[str] = []
        self._handlers: list[Handler] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler_class())
        self._server.daemon_threads = True
        self._secure()
        self.url = f"https://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()

    def handle(self, handler: Handler) -> None:
        """Adds a handler; one that returns None leaves the request to those before it."""
        self._handlers.append(handler)

    def answer(self, method: str, path: str, *replies: Reply | Any) -> None:
        """Fixed answers for a path, one after the other; the last one stays."""
        left = [reply if isinstance(reply, Reply) else Reply(200, reply) for reply in replies]

        def handler(request: Request) -> Reply | None:
            if (request.method, request.path) != (method, path):
                return None
            return left.pop(0) if len(left) > 1 else left[0]

        self.handle(handler)

    def config(self, **changes: Any) -> dict[str, Any]:
        """The kubeconfig of this server as data; `cluster` and `user` replace those entries' fields."""
        certificate, key = (base64.b64encode(part).decode() for part in pair())
        cluster = {"server": self.url, "certificate-authority-data": certificate} | changes.get("cluster", {})
        user = {"client-certificate-data": certificate, "client-key-data": key} | changes.get("user", {})
        return {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": "fake",
            "clusters": [{"name": "fake", "cluster": cluster}],
            "users": [{"name": "fake", "user": user}],
            "contexts": [{"name": "fake", "context": {"cluster": "fake", "user": "fake"}}],
        }

    def kubeconfig(self, **changes: Any) -> Path:
        """The same, written to a file."""
        path = self.folder / "kubeconfig"
        path.write_text(yaml.safe_dump(self.config(**changes)), encoding="utf-8")
        return path

    def connect(self, **changes: Any) -> Kube:
        """A client that never really sleeps."""
        return connect(self.kubeconfig(**changes), sleep=lambda _: None)

    def close(self) -> None:
        """Stops listening."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)

    def _secure(self) -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        certificate, key = pair()
        path = self.folder / "server.pem"
        path.write_bytes(certificate + key)
        context.load_cert_chain(path)
        context.load_verify_locations(cadata=certificate.decode())
        context.verify_mode = ssl.CERT_OPTIONAL
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True, do_handshake_on_connect=False)

    def reply(self, request: Request) -> Reply:
        """The first answer that a handler has."""
        self.requests.append(request)
        for handler in reversed(self._handlers):
            found = handler(request)
            if found is not None:
                return found
        return failure(404, "the server could not find the requested resource", "NotFound")

    def _handler_class(self) -> type[BaseHTTPRequestHandler]:
        fake = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True
            wbufsize = -1

            def setup(self) -> None:
                fake.connections += 1
                super().setup()

            def handle(self) -> None:
                try:
                    super().handle()
                except (OSError, ValueError):
                    self.close_connection = True

            def answer(self) -> None:
                parts = urlsplit(self.path)
                length = int(self.headers.get("Content-Length") or 0)
                data = self.rfile.read(length)
                headers: dict[str, list[str]] = {}
                for name, value in self.headers.items():
                    headers.setdefault(name.lower(), []).append(value)
                body = json.loads(data) if data else None
                found = fake.reply(Request(self.command, parts.path, dict(parse_qsl(parts.query)), headers, body))
                if found.drop:
                    self.close_connection = True
                    return
                raw = found.raw if found.raw is not None else json.dumps(found.body).encode()
                self.send_response(found.status)
                for name, value in {"Content-Type": "application/json", **found.headers}.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(raw)))
                self.end_headers()
                self.wfile.write(raw)

            do_GET = do_POST = do_PATCH = do_DELETE = answer  # noqa: N815

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002
                pass

        return Handler


@pytest.fixture
def api(tmp_path: Path) -> Iterator[FakeApi]:
    """A running server."""
    found = FakeApi(tmp_path)
    yield found
    found.close()


@pytest.fixture
def kube(api: FakeApi) -> Iterator[Kube]:
    """A client of it."""
    with api.connect() as found:
        yield found
