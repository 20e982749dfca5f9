"""A wire between a client and a server that a test can cut, and lay again."""

from __future__ import annotations

import contextlib
import socket
import threading


class Relay:
    """Passes bytes on to a port of this machine. `port` stays the same when it is cut and laid again."""

    def __init__(self, to: int) -> None:
        self._to = to
        self.port = 0
        self._open: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        self._flows = threading.Event()
        self._flows.set()
        self.lay()

    def lay(self) -> None:
        """Listens."""
        self._listener = socket.create_server(("127.0.0.1", self.port))
        self.port = self._listener.getsockname()[1]
        self._start(self._accept, self._listener)

    def freeze(self) -> None:
        """Holds back all bytes, and ends no connection: as a server does that hangs."""
        self._flows.clear()

    def thaw(self) -> None:
        """Lets the bytes flow again."""
        self._flows.set()

    def cut(self) -> None:
        """Ends all connections at once; nobody answers at the port any more."""
        self._flows.set()
        for one in (self._listener, *self._open):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(5)
        for one in (self._listener, *self._open):
            one.close()
        self._open, self._threads = [], []

    def _start(self, *action: object) -> None:
        target, *arguments = action
        thread = threading.Thread(target=target, args=arguments, daemon=True)  # type: ignore[arg-type]
        self._threads.append(thread)
        thread.start()

    def _accept(self, listener: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = listener.accept()
                far = socket.create_connection(("127.0.0.1", self._to))
                self._open += [near, far]
                self._start(self._pass, near, far)
                self._start(self._pass, far, near)

    def _pass(self, source: socket.socket, target: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(1 << 16):
                self._flows.wait()
                target.sendall(data)
        for one in (source, target):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
