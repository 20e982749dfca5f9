"""A site with a small program behind it, on a loopback port."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import ClientResponse, ClientSession, ClientWebSocketResponse
from aiohttp.test_utils import TestServer

from labs.serve.entrance import COOKIE, Entrance
from labs.serve.site import Site

PROGRAM = """
import json, os, signal, sys
write = lambda kind, data: os.write(1, kind + len(data).to_bytes(4, "big") + data)
meta = lambda **told: write(b"M", json.dumps(told).encode())
def packets():
    while head := sys.stdin.buffer.read(5):
        yield head[:1], sys.stdin.buffer.read(int.from_bytes(head[1:], "big"))
if MODE == "stubborn":
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
os.write(1, b"__GANGLION__\\n")
write(b"D", json.dumps([os.getpid(), os.environ["COLUMNS"], os.environ["ROWS"]]).encode())
for kind, data in packets():
    if kind == b"D" and data == b"ask":
        meta(type="open_url", url="https://example.org", new_tab=True)
        meta(type="deliver_file_start", key="k", path="/etc/passwd", open_method="download", mime_type="", encoding="")
        write(b"P", b"ls13:deliver_chunks1:k3:abce")
        write(b"D", b"asked")
    elif kind == b"D" and data == b"fail":
        sys.exit(7)
    elif kind == b"D" or b'"quit"' not in data:
        write(b"D", b"got " + data)
    elif MODE != "stubborn":
        break
"""
"""Speaks as the web driver of Textual does: what it got, it tells; `ask` and `fail` are what they say."""


def program(mode: str = "") -> list[str]:
    """The command of the small program."""
    return [sys.executable, "-c", f"MODE = {mode!r}\n{PROGRAM}"]


@dataclass
class Served:
    """A site that runs, and a browser that knows its cookie."""

    server: TestServer
    entrance: Entrance
    site: Site
    http: ClientSession
    told: list[str] = field(default_factory=list)

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.server.port}"

    @property
    def headers(self) -> dict[str, str]:
        """What a browser sends that has been let in."""
        return {"Cookie": f"{COOKIE}={self.entrance.cookie}", "Origin": f"http://{self.host}"}

    async def get(self, path: str, headers: dict[str, str] | None = None, method: str = "GET") -> ClientResponse:
        """Asks for a path below the prefix, or for a whole one that begins with `//`."""
        whole = path[1:] if path.startswith("//") else self.entrance.prefix + path
        found = await self.http.request(
            method, f"http://{self.host}{whole}", headers=self.headers if headers is None else headers
        )
        await found.read()
        return found

    async def socket(self, query: str = "") -> ClientWebSocketResponse:
        """A socket, let in."""
        return await self.http.ws_connect(
            f"http://{self.host}{self.entrance.prefix}/ws{query}", headers=self.headers, compress=0
        )


@asynccontextmanager
async def served(mode: str = "") -> AsyncIterator[Served]:
    """Serves, and ends all of it."""
    told: list[str] = []
    entrance = Entrance()
    site = Site(program(mode), entrance, told.append)
    server = TestServer(site.app())
    await server.start_server()
    try:
        async with ClientSession() as http:
            yield Served(server, entrance, site, http, told)
    finally:
        await server.close()
