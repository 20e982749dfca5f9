"""The site: one page, its few files, and the socket."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Sequence
from contextlib import suppress
from importlib.resources import files
from pathlib import Path
from string import Template

from aiohttp import WSCloseCode, WSMsgType, web

from labs.serve import headers, messages
from labs.serve.entrance import Entrance
from labs.serve.session import Session

MOST = 4
"""Sessions at one time: each is a program that watches the lab."""
_PAGE = Path(__file__).parent / "page"
_STATIC = Path(str(files("textual_serve"))) / "static"
FILES = {
    "page.css": _PAGE / "page.css",
    "start.js": _PAGE / "start.js",
    "icon.svg": _PAGE / "icon.svg",
    "xterm.css": _STATIC / "css/xterm.css",
    "textual.js": _STATIC / "js/textual.js",
    "mono.ttf": _STATIC / "fonts/RobotoMono-VariableFont_wght.ttf",
    "mono-italic.ttf": _STATIC / "fonts/RobotoMono-Italic-VariableFont_wght.ttf",
}
"""All that is served by name; nothing else of any folder is."""
_FULL = f"As many sessions are open as there may be ({MOST}). Close one of them, then load this page again.\n"


class Site:
    """Serves the program `command` through `entrance`. `told` hears what the one who serves should know."""

    def __init__(self, command: Sequence[str], entrance: Entrance, told: Callable[[str], None]) -> None:
        self.command = tuple(command)
        self.entrance = entrance
        self.told = told
        self._open: dict[web.WebSocketResponse, Session] = {}
        self._ending: set[asyncio.Task[None]] = set()

    def app(self) -> web.Application:
        """The aiohttp application."""
        app = web.Application(middlewares=[self.entrance.middleware()], client_max_size=1024)
        prefix = self.entrance.prefix
        app.router.add_get(f"{prefix}/", self._page)
        app.router.add_get(f"{prefix}/ws", self._socket)
        app.router.add_get(f"{prefix}/static/{{name}}", self._file)
        app.on_response_prepare.append(headers.add)
        app.on_shutdown.append(self._leave)
        app.on_cleanup.append(self._left)
        return app

    def kill(self) -> None:
        """Ends all programs at once."""
        for session in self._open.values():
            session.kill()

    async def _leave(self, _: web.Application) -> None:
        """Closes every socket, which ends its session."""
        closing = (socket.close(code=WSCloseCode.GOING_AWAY) for socket in list(self._open))
        await asyncio.gather(
            *closing, return_exceptions=True
        )  # one that is not open yet is closed by its handler's end

    async def _left(self, _: web.Application) -> None:
        """Waits until every program has ended."""
        while self._open:
            if self._ending:
                await asyncio.wait(self._ending)
            else:
                await asyncio.sleep(0.01)

    async def _page(self, request: web.Request) -> web.Response:
        if len(self._open) >= MOST:
            return web.Response(status=503, text=_FULL)
        nonce = secrets.token_urlsafe(16)
        text = Template((_PAGE / "index.html").read_text(encoding="utf-8")).substitute(nonce=nonce)
        response = web.Response(text=text, content_type="text/html")
        response[headers.NONCE] = nonce
        return response

    async def _file(self, request: web.Request) -> web.StreamResponse:
        path = FILES.get(request.match_info["name"])
        return web.FileResponse(path) if path else web.Response(status=404, text="There is no such file.\n")

    async def _socket(self, request: web.Request) -> web.StreamResponse:
        """A session, from the opening of its socket to its closing."""
        try:
            size = messages.size(request.query.get("width", "80"), request.query.get("height", "24"))
        except ValueError:
            return web.Response(status=400, text="Width and height are numbers of cells.\n")
        if len(self._open) >= MOST:
            return web.Response(status=503, text=_FULL)
        socket = web.WebSocketResponse(heartbeat=15, timeout=2, max_msg_size=messages.MOST, compress=False)
        self._open[socket] = session = self._session(socket)
        try:
            await socket.prepare(request)
            await session.start(size.width, size.height)
            await _converse(socket, session)
        finally:
            await asyncio.shield(self._finish(socket, session))
        return socket

    def _session(self, socket: web.WebSocketResponse) -> Session:
        async def send(data: bytes) -> None:
            """Once the socket is closed, what the program writes is taken and dropped, so that it can end."""
            if not socket.closed:
                with suppress(ConnectionError):
                    await socket.send_bytes(data)

        async def close() -> None:
            await socket.close()

        return Session(self.command, send, socket.send_str, close)

    def _finish(self, socket: web.WebSocketResponse, session: Session) -> asyncio.Task[None]:
        """Ends a session in a task of its own: a handler may be cancelled, the ending may not."""

        async def end() -> None:
            try:
                await session.end()
            finally:
                del self._open[socket]
            if session.status:
                self.told(f"A session ended with status {session.status}.")

        task = asyncio.create_task(end())
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)
        return task


async def _converse(socket: web.WebSocketResponse, session: Session) -> None:
    """Takes messages until the socket closes; a message that is none closes it."""
    async for message in socket:
        try:
            taken = messages.read(message.data if message.type is WSMsgType.TEXT else "")
        except ValueError:
            await socket.close(code=WSCloseCode.POLICY_VIOLATION)
            return
        if isinstance(taken, messages.Ping):
            await socket.send_json(["pong", taken.text])
        else:
            await session.take(taken)
