"""Who may come in: one address, one token, one cookie, and only from the page itself."""

from __future__ import annotations

import hmac
import ipaddress
import re
import secrets
from dataclasses import dataclass, field

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

_HOST = re.compile(r"(?P<name>[a-z0-9._-]{1,253}|\[[0-9a-f:.]{2,45}\])(?::[0-9]{1,5})?", re.IGNORECASE)
_FROM_HERE = ("same-origin", "none")
COOKIE = "labs_session"
_OPENING = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta http-equiv="refresh" content="0;url=./">
<title>Platform Labs</title></head><body>Opening…</body></html>
"""


def _random() -> str:
    return secrets.token_urlsafe(32)


@dataclass(frozen=True)
class Entrance:
    """The secrets of one run of the server.

    `prefix` is the path everything lies under. It is random because a cookie is sent to every port of a host
    (RFC 6265, 8.5), but only under its path. `names` are host names that may be asked for beside the address itself.
    """

    names: frozenset[str] = frozenset()
    prefix: str = field(default_factory=lambda: "/" + secrets.token_urlsafe(9))
    token: str = field(default_factory=_random)
    cookie: str = field(default_factory=_random)

    def url(self, host: str) -> str:
        """The address to open; `host` with its port."""
        return f"http://{host}{self.prefix}/?token={self.token}"

    def middleware(self) -> Middleware:
        """Stands before every route, those that do not exist too."""

        @web.middleware
        async def admit(request: web.Request, handler: Handler) -> web.StreamResponse:
            refused = self._refused(request)
            if refused:
                return _forbidden(refused)
            if request.path == f"{self.prefix}/" and "token" in request.query:
                return self._enter(request)
            if request.headers.get("Sec-Fetch-Site", "none") not in _FROM_HERE:
                return _forbidden("Another page asked for this.")
            if not _same(request.cookies.get(COOKIE, ""), self.cookie):
                return _forbidden("Open the whole address that labs serve printed, with its token.")
            return await handler(request)

        return admit

    def _refused(self, request: web.Request) -> str:
        """Why a request is refused before any secret is looked at; empty where it is not.

        A foreign Host is DNS rebinding. A foreign Origin is another site's page; a browser sends Origin
        with every websocket (RFC 6455, 10.2), which the same-origin policy does not hold back.
        """
        hosts, origins = request.headers.getall("Host", []), request.headers.getall("Origin", [])
        if len(hosts) != 1 or not self.serves(hosts[0], _local(request)):
            return "This name is not served here. Open the address that labs serve printed."
        if request.method not in ("GET", "HEAD"):
            return "Nothing can be sent here."
        ours = {f"{scheme}://{hosts[0].lower()}" for scheme in ("http", "https")}
        if any(origin.lower() not in ours for origin in origins) or len(origins) > 1:
            return "Another page asked for this."
        if "Upgrade" in request.headers and not origins:
            return "A websocket must say which page opened it."
        return ""

    def serves(self, host: str, local: str) -> bool:
        """Whether a Host header names this server. `local` is the address at which the request came in."""
        found = _HOST.fullmatch(host)
        if found is None:
            return False
        name = found["name"].lower()
        here = _address(local)
        if name in self.names:
            return True
        if name == "localhost":
            return here is not None and here.is_loopback
        return here is not None and _address(name.strip("[]")) == here

    def _enter(self, request: web.Request) -> web.Response:
        """Takes the token, gives the cookie, and leads to the address without the token.

        The page itself leads on: after a redirect from a link on another site, a browser would not send a cookie
        that is SameSite=Strict.
        """
        if not _same(request.query["token"], self.token):
            return _forbidden("This token is not the one of this server. Open the address that labs serve printed.")
        response = web.Response(text=_OPENING, content_type="text/html")
        response.set_cookie(COOKIE, self.cookie, path=f"{self.prefix}/", httponly=True, samesite="Strict")
        return response


def _forbidden(why: str) -> web.Response:
    return web.Response(status=403, text=why + "\n")


def _same(given: str, secret: str) -> bool:
    return hmac.compare_digest(given.encode(errors="surrogateescape"), secret.encode())


def _local(request: web.Request) -> str:
    socket = request.transport.get_extra_info("sockname") if request.transport else None
    return str(socket[0]) if isinstance(socket, tuple) else ""


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """An address; one of IPv4 that is written as IPv6 is the same."""
    try:
        found = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return getattr(found, "ipv4_mapped", None) or found
