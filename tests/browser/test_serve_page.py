"""`labs serve` in Chromium: the first screen is painted, what reaches the machine is refused, all is our own."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from tests.browser.chromium import Page, opened

pytestmark = pytest.mark.browser
PAINTED = "document.body?.classList.contains('-first-byte') === true"
LISTEN = """
window.seen = "";
window.WebSocket = class extends WebSocket {
  constructor(...given) {
    super(...given);
    const text = new TextDecoder();
    this.addEventListener("message", (event) => {
      if (typeof event.data !== "string") window.seen += text.decode(event.data, { stream: true });
    });
  }
};
"""
"""Keeps what the program writes, for a canvas cannot be read."""


@dataclass(frozen=True)
class Server:
    """One `labs serve`: the address that it printed."""

    address: str

    @property
    def site(self) -> str:
        return "{0.scheme}://{0.netloc}".format(urlsplit(self.address))

    @property
    def page(self) -> str:
        return self.site + urlsplit(self.address).path


@asynccontextmanager
async def serving(home: Path) -> AsyncIterator[Server]:
    """Serves a course without a lab, until Ctrl-C."""
    server = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "labs", "serve"),
        stdout=subprocess.PIPE,
        env={**os.environ, "LABS_HOME": str(home)},
    )
    assert server.stdout
    try:
        async with asyncio.timeout(60):
            while not (found := re.search(rb"http://\S+", await server.stdout.readline())):
                assert server.returncode is None
        yield Server(found[0].decode())
    finally:
        server.send_signal(signal.SIGINT)
        await server.stdout.read()
        assert await server.wait() == 0


async def shown(page: Page, server: Server) -> None:
    """Opens the address and waits for the first screen."""
    await page.call("Page.addScriptToEvaluateOnNewDocument", source=LISTEN)
    await page.call("Page.navigate", url=server.address)
    await page.until(PAINTED)
    await page.until("seen.includes('Getting started')")


@pytest.fixture(params=["webgl", "without-webgl"])
async def page(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Page]:
    """An empty page of a fresh browser, with and without what the terminal would rather draw with."""
    options = ("--disable-3d-apis", "--disable-gpu") if request.param == "without-webgl" else ()
    async with opened(tmp_path / "browser", *options) as found:
        yield found


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Server]:
    async with serving(tmp_path / "home") as found:
        yield found


async def test_the_first_screen(page: Page, server: Server, tmp_path: Path) -> None:
    empty = await page.picture()
    await shown(page, server)
    picture = await page.picture()
    (tmp_path / "first.png").write_bytes(picture)
    assert len(picture) > 3 * len(empty), "nothing is painted"
    assert page.complaints == []
    assert {urlsplit(asked).netloc for asked in page.requests} == {urlsplit(server.site).netloc}
    assert set(page.statuses.values()) == {200}
    assert await page.ask("location.href") == server.page, "the token is still in the address"
    assert await page.ask("document.cookie") == ""
    assert await page.ask("document.fonts.check('16px \"Roboto Mono\"')")
    assert await page.ask("document.querySelector('.note:not(#ended)').checkVisibility()") is False


async def test_keys_arrive_and_those_that_reach_the_machine_are_refused(page: Page, server: Server) -> None:
    await shown(page, server)
    await page.press("n")
    await page.until("seen.includes('may not make a lab')")
    await page.press("c")
    await page.until("seen.includes('Look around')")
    await page.press("t")
    await page.until("seen.includes('may not open a shell')")
    assert page.complaints == []


async def test_the_end_is_told_and_a_new_beginning_offered(page: Page, server: Server) -> None:
    await shown(page, server)
    await page.press("q")
    await page.until("document.querySelector('#ended').checkVisibility()")
    assert await page.ask("document.activeElement.id") == "again"
    await page.call("Page.navigate", url="about:blank")
    await page.call("Page.navigate", url=server.page)
    await page.until(PAINTED)


async def test_no_token_no_page(page: Page, server: Server) -> None:
    await page.call("Page.navigate", url=server.page)
    await page.until("document.body?.innerText.includes('with its token')")
    assert page.statuses[server.page] == 403


async def _answer(_: web.Request) -> web.Response:
    return web.Response(text="elsewhere", content_type="text/html")


async def test_another_page_cannot_reach_in(page: Page, server: Server) -> None:
    """A page of another port, which is the same site to the cookie, in the very browser that holds it."""
    await shown(page, server)
    other = web.Application()
    other.router.add_get("/", _answer)
    async with TestServer(other) as elsewhere:
        await page.call("Page.navigate", url=str(elsewhere.make_url("/")))
        await page.until("document.body?.innerText.includes('elsewhere')")
        socket = f"{server.page.replace('http', 'ws', 1)}ws"
        opening = (
            f"new Promise((told) => {{ const socket = new WebSocket('{socket}');"
            "socket.onopen = () => told('open'); socket.onerror = () => told('shut'); })"
        )
        assert await page.ask(opening) == "shut"
        asked = f"fetch('{server.page}', {{ credentials: 'include' }}).then(() => 'read', () => 'shut')"
        assert await page.ask(asked) == "shut"
