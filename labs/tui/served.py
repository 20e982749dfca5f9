"""The program in a browser: text, marks, hints and solutions; nothing that reaches into the machine it runs on."""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from textual.driver import Driver
from textual.drivers.web_driver import WebDriver

from labs.tui.app import LabsApp

if TYPE_CHECKING:
    from labs.tui.session import Session

WELCOME = "In a browser you read, check, and take hints. For commands, the shell and your files, use a terminal: labs."


class ServedDriver(WebDriver):
    """Speaks with the server over two pipes; a server that is gone ends the program."""

    def run_input_thread(self) -> None:
        """Reads what the server sends; where it ends before the program does, so does the program."""
        super().run_input_thread()
        if not self.exit_event.is_set():
            os.kill(os.getpid(), signal.SIGTERM)

    def write(self, data: str) -> None:
        with suppress(BrokenPipeError):
            super().write(data)

    def write_meta(self, data: dict[str, object]) -> None:
        with suppress(BrokenPipeError):
            super().write_meta(data)


class ServedApp(LabsApp):
    """Always restricted. What Textual itself could ask of a browser or of the disk is refused too."""

    def __init__(self, session: Session, module: str | None = None) -> None:
        super().__init__(session, module, restricted=True)

    def get_driver_class(self) -> type[Driver]:
        """The server's pipes, whatever the surroundings say."""
        return ServedDriver

    def on_mount(self) -> None:
        self.notify(WELCOME, markup=False, timeout=10)

    def open_url(self, url: str, *, new_tab: bool = True) -> None:
        """Refused: an address is shown, and the person opens it."""
        self.refused("open an address")

    def deliver_text(self, *_: Any, **__: Any) -> None:
        """Refused: no file goes out."""
        self.refused("hand out a file")

    def deliver_binary(self, *_: Any, **__: Any) -> None:
        """Refused: no file goes out."""
        self.refused("hand out a file")
