"""The server's life: load the state, listen, run the controllers, end in good order."""

from __future__ import annotations

import asyncio
import fcntl
import json
import logging
import os
import signal
import socket
from importlib import import_module
from pathlib import Path
from typing import IO

from aiohttp import web

from labs.cluster.simulated import tls
from labs.cluster.simulated.api.clock import WallClock
from labs.cluster.simulated.api.cluster import Cluster
from labs.cluster.simulated.api.journal import Journal
from labs.cluster.simulated.api.store import Store
from labs.cluster.simulated.controllers.manager import Manager
from labs.cluster.simulated.place import Place
from labs.cluster.simulated.server.app import Server
from labs.state import write

_SOON = "labs.cluster.simulated.controllers.platform"
"""Needed with the first definition of a platform's part: loaded aside, once the server answers."""
_LOOK = 1.0


def main(folder: Path, ready: int | None) -> int:
    """Serves until SIGTERM. `ready` is a file descriptor that is closed when the server answers.

    Returns 1 where another server already lives in the folder.
    """
    place = Place(folder)
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    lock = _locked(place)
    if lock is None:
        return 1
    with lock:
        asyncio.run(_serve(place, ready))
    return 0


def _locked(place: Place) -> IO[bytes] | None:
    file = place.lock.open("wb")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        return None
    return file


async def _serve(place: Place, ready: int | None) -> None:
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    loop.add_signal_handler(signal.SIGHUP, lambda: None)
    store = Store()
    with Journal(place.root, store) as journal:
        watching = asyncio.create_task(_end_with(place, stopping))
        await _run(place, store, ready, stopping)
        watching.cancel()
        if place.lock.exists():
            journal.compact()


async def _end_with(place: Place, stopping: asyncio.Event) -> None:
    """Ends a server whose folder is gone: nobody could find it any more."""
    while place.lock.exists():
        await asyncio.sleep(_LOOK)
    stopping.set()


async def _run(place: Place, store: Store, ready: int | None, stopping: asyncio.Event) -> None:
    cluster = Cluster(store, WallClock())
    cluster.load()
    manager = Manager(cluster, place)
    runner = web.AppRunner(Server(cluster, place.token()).app(), access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    listening = _listen(place.port())
    await web.SockSite(runner, listening, ssl_context=tls.context(place)).start()
    manager.start()
    record = {"pid": os.getpid(), "port": listening.getsockname()[1]}
    write(place.record, json.dumps(record).encode())
    if ready is not None:
        os.close(ready)
    asyncio.get_running_loop().run_in_executor(None, import_module, _SOON)
    await stopping.wait()
    manager.stop()
    await runner.cleanup()


def _listen(port: int) -> socket.socket:
    """A loopback socket on the port of last time, or on a free one."""
    made = socket.socket()
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        made.bind(("127.0.0.1", port))
    except OSError:
        made.bind(("127.0.0.1", 0))
    made.listen(128)
    return made
