"""Serving until told to stop."""

from __future__ import annotations

import asyncio
import signal
import socket
from collections.abc import Callable
from ipaddress import ip_address

from aiohttp import web

from labs.errors import EnvironmentFault
from labs.serve.site import Site


def is_loopback(host: str) -> bool:
    """Whether an address is only this machine's. A name counts only where it is localhost."""
    return host.lower() == "localhost" if is_name(host) else ip_address(host).is_loopback


def is_name(host: str) -> bool:
    """Whether it is a host name and no address."""
    try:
        ip_address(host)
    except ValueError:
        return True
    return False


async def serve(site: Site, host: str, port: int, begun: Callable[[str], None]) -> None:
    """Serves until SIGINT, SIGTERM or SIGHUP; a second one ends the programs at once.

    `begun` hears the address to open. Raises EnvironmentFault where the address cannot be had.
    """
    runner = web.AppRunner(site.app(), access_log=None, handle_signals=False, shutdown_timeout=2.0)
    await runner.setup()
    try:
        try:
            await web.TCPSite(runner, host, port).start()
        except OSError as error:
            raise _taken(host, port, error) from None
        stopped = _when_stopped(site)
        begun(site.entrance.url(_shown(host, runner)))
        await stopped.wait()
    finally:
        await runner.cleanup()


def _when_stopped(site: Site) -> asyncio.Event:
    stopped = asyncio.Event()

    def stop() -> None:
        if stopped.is_set():
            site.kill()
        stopped.set()

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, stop)
    return stopped


def _shown(host: str, runner: web.AppRunner) -> str:
    """Host and port as they stand in an address; of all addresses, this machine's own."""
    address = next((address for address in runner.addresses if isinstance(address, tuple)), (host, 0))
    name = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 (compared, not bound)
    return f"[{name}]:{address[1]}" if ":" in name else f"{name}:{address[1]}"


def _taken(host: str, port: int, error: OSError) -> EnvironmentFault:
    why = str(error) if isinstance(error, socket.gaierror) else (error.strerror or str(error))
    advice = "--port 0 takes a port that is free; --host takes an address of this machine."
    return EnvironmentFault(f"{host} port {port} cannot be served: {why}", advice=advice)
