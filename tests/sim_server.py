"""A simulated cluster that answers over HTTPS from a thread of the test's own process."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from aiohttp import web

from labs.cluster.simulated import kubeconfig, tls
from labs.cluster.simulated.api.clock import WallClock
from labs.cluster.simulated.api.cluster import Cluster
from labs.cluster.simulated.api.store import Store
from labs.cluster.simulated.controllers.manager import Manager
from labs.cluster.simulated.place import Place
from labs.cluster.simulated.server.app import Server
from labs.cluster.simulated.settings import Settings, save
from tests.sim_world import images


class Served:
    """A running server: its kubeconfig, its address, and its cluster (to be touched by `call` alone)."""

    def __init__(self, folder: Path, remotes: Mapping[str, str]) -> None:
        self.place = Place(folder)
        save(self.place.settings, Settings(images=images(), remotes=remotes))
        self.kubeconfig = folder / "kubeconfig"
        self.port = 0
        self._ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()), daemon=True)

    async def _run(self) -> None:
        self.loop = asyncio.get_running_loop()
        self._stopping = asyncio.Event()
        self.cluster = Cluster(Store(), WallClock())
        context = tls.context(self.place)
        manager = Manager(self.cluster, self.place)
        server = Server(self.cluster, self.place.token())
        runner = web.AppRunner(server.app(), access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context)
        await site.start()
        self.port = runner.addresses[0][1]
        manager.start()
        kubeconfig.save(self.kubeconfig, self.place, "test", self.port)
        self._ready.set()
        await self._stopping.wait()
        manager.stop()
        await site.stop()
        for transport in list(self.loop._transports.values()):  # type: ignore[attr-defined]  # in a handshake too
            transport.abort()
        await runner.cleanup()
        for _ in range(3):  # a transport, the TLS above it, and the protocol hear of it one after the other
            await asyncio.sleep(0)

    def call(self, action: Callable[[Cluster], Any]) -> Any:
        """Does something to the cluster in its own thread."""

        async def run() -> Any:
            return action(self.cluster)

        return asyncio.run_coroutine_threadsafe(run(), self.loop).result(30)

    def start(self) -> None:
        self._thread.start()
        assert self._ready.wait(30)

    def stop(self) -> None:
        self.loop.call_soon_threadsafe(self._stopping.set)
        self._thread.join(30)


@contextmanager
def served(folder: Path, remotes: Mapping[str, str] | None = None) -> Iterator[Served]:
    """A server for as long as the block runs."""
    server = Served(folder, remotes or {})
    server.start()
    try:
        yield server
    finally:
        server.stop()
