"""One person's program: a process of its own, which ends with its socket."""

from __future__ import annotations

import asyncio
import os
import signal
from asyncio.subprocess import PIPE, Process
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress

from textual_serve.app_service import AppService
from textual_serve.download_manager import DownloadManager

from labs import process
from labs.serve.messages import Focus, Message, Ping, Resized, Typed

LEAVE = 5.0
"""Seconds a program has to leave by itself."""
GRACE = 2.0
"""Seconds it then has after SIGTERM."""


class Session(AppService):
    """Carries bytes between a socket and the program `command`.

    What the program may ask a browser for (open an address, hand out a file) is not passed on.
    `send`, `say` and `close` write bytes, write text and close the socket.
    """

    def __init__(
        self,
        command: Sequence[str],
        send: Callable[[bytes], Awaitable[None]],
        say: Callable[[str], Awaitable[None]],
        close: Callable[[], Awaitable[None]],
    ) -> None:
        none = DownloadManager()
        super().__init__(command[0], write_bytes=send, write_str=say, close=close, download_manager=none)
        self._argv = tuple(command)

    @property
    def status(self) -> int | None:
        """The program's exit status, once it has ended."""
        return self._process.returncode if self._process else None

    async def take(self, message: Message) -> None:
        """Hands a message to the program."""
        match message:
            case Typed(data):
                await self.send_bytes(data)
            case Resized(width, height):
                await self.set_terminal_size(width, height)
            case Focus(gained):
                await (self.focus() if gained else self.blur())
            case Ping():
                pass

    async def end(self) -> None:
        """Asks the program to leave, and ends whatever is left of it."""
        if self._process is None or self._task is None:
            return
        asked = asyncio.create_task(self.send_meta({"type": "quit"}))
        await asyncio.wait({asked, self._task}, timeout=LEAVE)
        asked.cancel()
        await asyncio.to_thread(process.end_group, self._process.pid, GRACE)
        await self._process.wait()
        self._task.cancel()
        await asyncio.gather(asked, self._task, return_exceptions=True)

    def kill(self) -> None:
        """Ends the program at once."""
        if self._process and self._process.returncode is None:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)

    async def run(self) -> None:
        """Passes on what the program writes; a program that has ended closes the socket."""
        try:
            await super().run()
        finally:
            await self.remote_close()

    async def on_meta(self, data: bytes) -> None:
        """Nothing that the program asks of a browser is passed on; its end is told by the end of its output."""

    async def on_packed(self, payload: bytes) -> None:
        """No file is handed out."""

    async def _open_app_process(self, width: int = 80, height: int = 24) -> Process:
        """Starts the program without a shell, in a process group of its own, so that no Ctrl-C but ours reaches it."""
        self._process = started = await asyncio.create_subprocess_exec(
            *self._argv,
            stdin=PIPE,
            stdout=PIPE,
            stderr=PIPE,
            env=self._build_environment(width, height),
            start_new_session=True,
        )
        self._stdin = started.stdin
        return started
