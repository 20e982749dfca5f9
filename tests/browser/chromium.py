"""Headless Chromium, driven by its DevTools protocol over aiohttp."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import shutil
import signal
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

from aiohttp import ClientSession, ClientWebSocketResponse, WSMsgType

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
OPTIONS = (
    "--headless=new",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-sandbox",  # a container's root has none; the pages are this project's own
    "--disable-dev-shm-usage",
    "--enable-unsafe-swiftshader",
    "--remote-debugging-port=0",
    "--window-size=1280,800",
)
LIMIT = 30.0
"""Seconds that anything may take."""


def found() -> str | None:
    """The browser on this machine, if there is one."""
    return next(filter(None, map(shutil.which, NAMES)), None)


class Page:
    """One page. `requests` are all addresses it asked for, `complaints` what its console and policy said."""

    def __init__(self, socket: ClientWebSocketResponse) -> None:
        self.requests: list[str] = []
        self.statuses: dict[str, int] = {}
        self.complaints: list[str] = []
        self._socket = socket
        self._number = 0
        self._answers: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._reader = asyncio.create_task(self._read())

    async def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """A command of the protocol, and its result."""
        self._number += 1
        answer = self._answers[self._number] = asyncio.get_running_loop().create_future()
        await self._socket.send_json({"id": self._number, "method": method, "params": parameters})
        async with asyncio.timeout(LIMIT):
            found = await answer
        assert "error" not in found, f"{method}: {found['error']}"
        result: dict[str, Any] = found["result"]
        return result

    async def ask(self, script: str) -> Any:
        """What a script in the page comes to."""
        found = await self.call("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        return found["result"].get("value")

    async def until(self, script: str) -> None:
        """Waits until a script in the page is true."""
        late = time.monotonic() + LIMIT
        while not await self.ask(script):
            assert time.monotonic() < late, f"not so after {LIMIT:.0f} s: {script}"
            await asyncio.sleep(0.05)

    async def press(self, key: str) -> None:
        """Types one letter."""
        await self.call("Input.dispatchKeyEvent", type="keyDown", text=key, key=key)
        await self.call("Input.dispatchKeyEvent", type="keyUp", key=key)

    async def picture(self) -> bytes:
        """The page as PNG."""
        return base64.b64decode((await self.call("Page.captureScreenshot"))["data"])

    async def close(self) -> None:
        """Ends the reading."""
        self._reader.cancel()
        await asyncio.gather(self._reader, return_exceptions=True)

    async def _read(self) -> None:
        async for message in self._socket:
            if message.type is not WSMsgType.TEXT:
                continue
            found = json.loads(message.data)
            waiting = self._answers.pop(found.get("id", 0), None)
            if waiting and not waiting.done():
                waiting.set_result(found)
            self._note(found.get("method", ""), found.get("params", {}))

    def _note(self, method: str, told: dict[str, Any]) -> None:
        if method == "Network.requestWillBeSent":
            self.requests.append(told["request"]["url"])
        elif method == "Network.webSocketCreated":
            self.requests.append(told["url"])
        elif method == "Network.responseReceived":
            self.statuses[told["response"]["url"]] = told["response"]["status"]
        elif method == "Log.entryAdded":
            self.complaints.append(told["entry"]["text"])
        elif method == "Runtime.exceptionThrown":
            self.complaints.append(json.dumps(told["exceptionDetails"])[:500])


@asynccontextmanager
async def opened(folder: Path, *options: str) -> AsyncIterator[Page]:
    """A fresh browser with one empty page; its profile is in `folder`, and it begins with `options` too."""
    browser = found()
    assert browser, "there is no Chromium on this machine"
    process = await asyncio.create_subprocess_exec(
        browser,
        *OPTIONS,
        *options,
        f"--user-data-dir={folder}",
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        port = await _port(folder / "DevToolsActivePort")
        async with ClientSession() as http, http.put(f"http://127.0.0.1:{port}/json/new?about:blank") as answer:
            address = (await answer.json())["webSocketDebuggerUrl"]
            async with http.ws_connect(address, max_msg_size=64 << 20) as socket:
                page = Page(socket)
                for domain in ("Page", "Network", "Log", "Runtime"):
                    await page.call(f"{domain}.enable")
                yield page
                await page.close()
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()


async def _port(file: Path) -> int:
    async with asyncio.timeout(LIMIT):
        while not file.exists() or "\n" not in file.read_text():
            await asyncio.sleep(0.05)
    return int(file.read_text().splitlines()[0])
