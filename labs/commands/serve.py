"""`labs serve`: the learner's program in a browser."""

from __future__ import annotations

import asyncio
import sys

from grader.errors import UsageError
from labs.commands import served
from labs.commands.session import LabSession
from labs.console import say
from labs.serve import running
from labs.serve.entrance import Entrance
from labs.serve.site import Site

_EXPOSED = """\
Warning: {host} may be reached by other machines. What goes over the wire, the token too, is not encrypted: use it in a
network that you trust, or keep to this machine and reach it by ssh -L 8000:127.0.0.1:PORT."""


def serve(name: str | None, host: str, port: int, expose: bool) -> None:
    """Serves until Ctrl-C. Raises UsageError for an address beyond this machine without `expose`."""
    exposed = not running.is_loopback(host)
    if exposed and not expose:
        raise UsageError(
            f"{host} may be reached by other machines", advice="Add --expose if that is meant, or leave --host away."
        )
    session = LabSession(name)
    names = frozenset({host.lower()}) if running.is_name(host) else frozenset()
    site = Site([sys.executable, "-m", served.__name__, session.lab_name], Entrance(names), say)
    if exposed:
        say(_EXPOSED.format(host=host))
    if not session.has_lab():
        say(f"There is no lab {session.lab_name}: the text can be read, but nothing is marked. labs up makes one.")

    def begun(url: str) -> None:
        say(f"Open this address in a browser. Its token is a password, new each time:\n\n  {url}\n")
        say("Ctrl-C ends it, and every session with it.")

    try:
        served.begin_log()
    except OSError as error:
        say(f"{served.log()} cannot be written ({error.strerror}): faults of the sessions are kept nowhere.")
    asyncio.run(running.serve(site, host, port, begun))
