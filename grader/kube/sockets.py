"""The open sockets of one client, so that another thread can end what waits on them."""

from __future__ import annotations

import contextlib
import socket
import threading
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

if TYPE_CHECKING:
    import urllib3


class Sockets:
    """Knows every open connection by a second handle on its socket.

    A TLS handshake takes the first handle away from its owner; shutting the second one down ends
    the handshake as well as any read. The second handle is closed with its connection.
    """

    def __init__(self) -> None:
        self.cut = False
        self._handles: WeakKeyDictionary[object, socket.socket] = WeakKeyDictionary()
        self._lock = threading.Lock()

    def add(self, owner: object, made: socket.socket) -> None:
        """Takes note of a connection's socket; after `cut_all` it is ended at once."""
        handle = made.dup()
        with self._lock:
            earlier = self._handles.pop(owner, None)
            self._handles[owner] = handle
            cut = self.cut
        if earlier:
            earlier.close()
        if cut:
            _shut(handle)

    def drop(self, owner: object) -> None:
        """Forgets a connection that is closed."""
        with self._lock:
            handle = self._handles.pop(owner, None)
        if handle:
            handle.close()

    def end(self, owner: object) -> None:
        """Ends what waits on one connection."""
        with self._lock:
            if handle := self._handles.get(owner):
                _shut(handle)

    def cut_all(self) -> None:
        """Ends what waits on any socket, for good."""
        with self._lock:
            self.cut = True
            for handle in self._handles.values():
                _shut(handle)

    def follow(self, manager: urllib3.PoolManager) -> None:
        """Has the manager's connections told here."""
        from urllib3 import connection, connectionpool

        sockets = self

        class Told:
            def _new_conn(self) -> Any:
                made = super()._new_conn()  # type: ignore[misc]
                sockets.add(self, made)
                return made

            def close(self) -> None:
                sockets.drop(self)
                super().close()  # type: ignore[misc]

        pools = {"http": connectionpool.HTTPConnectionPool, "https": connectionpool.HTTPSConnectionPool}
        kinds = {"http": connection.HTTPConnection, "https": connection.HTTPSConnection}
        manager.pool_classes_by_scheme = {
            scheme: type("Pool", (pool,), {"ConnectionCls": type("Connection", (Told, kinds[scheme]), {})})
            for scheme, pool in pools.items()
        }


def _shut(handle: socket.socket) -> None:
    with contextlib.suppress(OSError):
        handle.shutdown(socket.SHUT_RDWR)
