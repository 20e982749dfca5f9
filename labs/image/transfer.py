"""GET requests whose time and size are bounded, whatever the server does."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from threading import Thread
from time import monotonic
from typing import TypeVar
from urllib.parse import urljoin, urlsplit

import requests
from urllib3.exceptions import HTTPError

LONGEST = 120.0
"""Seconds for one answer, all redirects on the way to it included."""
_TIMEOUT = (5, 30)
_CHUNK = 1 << 16
_HOPS = 5
_REDIRECTS = (301, 302, 303, 307, 308)

T = TypeVar("T")


class Unreachable(Exception):
    """No answer; the text names the kind of fault."""


class TooSlow(Exception):
    """The answer was not there in `LONGEST` seconds."""


class TooLarge(Exception):
    """The answer is longer than the reader takes."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server answered. Only an answer of status 200 has a body here."""

    status: int
    headers: Mapping[str, str]
    body: bytes = b""


class _Session(requests.Session):
    """Follows nothing by itself: `requests` reads a redirect's own body first, however long."""

    def get_redirect_target(self, resp: requests.Response) -> None:
        return None


class Client:
    """Asks one request after the other. With `direct` no proxy and no other setting of the environment comes between.

    `direct` servers lead nowhere else; of others redirects are followed, but never from https to http.
    """

    def __init__(self, *, direct: bool = False) -> None:
        self._session = _Session()
        self._session.trust_env = not direct
        self._hops = 0 if direct else _HOPS

    def get(
        self,
        url: str,
        headers: Mapping[str, str],
        *,
        limit: int,
        params: Mapping[str, str] | None = None,
        verify: bool | str = True,
    ) -> Answer:
        """The answer, of at most `limit` bytes. Raises Unreachable, TooSlow or TooLarge.

        It is waited for in a thread of its own: each byte of a status line, a header or a chunk's
        length may come just before the timeout of a read, where no other deadline reaches.
        """
        until = monotonic() + LONGEST
        try:
            return _waited(LONGEST, lambda: self._answer(url, headers, limit, params, verify, until))
        except TimeoutError:
            raise TooSlow from None
        except (requests.RequestException, HTTPError, OSError, ValueError) as fault:
            raise Unreachable(type(fault).__name__) from None

    def _answer(
        self,
        url: str,
        headers: Mapping[str, str],
        limit: int,
        params: Mapping[str, str] | None,
        verify: bool | str,
        until: float,
    ) -> Answer:
        sent = {"Accept-Encoding": "identity"} | dict(headers)
        for _ in range(self._hops + 1):
            with self._session.get(
                url, headers=sent, params=params, verify=verify, timeout=_TIMEOUT, stream=True
            ) as response:
                target = _target(response)
                if target is None or not self._hops:
                    body = _body(response, limit, until) if response.status_code == 200 else b""
                    return Answer(response.status_code, response.headers, body)
            if urlsplit(target).netloc != urlsplit(url).netloc:
                sent.pop("Authorization", None)
            url, params = target, None
        raise requests.TooManyRedirects


def _waited(seconds: float, work: Callable[[], T]) -> T:
    """What `work` gives. Raises what it raises, and TimeoutError where it takes longer; it is then left to itself."""
    found: Future[T] = Future()

    def run() -> None:
        try:
            found.set_result(work())
        except BaseException as fault:
            found.set_exception(fault)

    Thread(target=run, name="registry", daemon=True).start()
    return found.result(seconds)


def _target(response: requests.Response) -> str | None:
    """Where a redirect leads, or None where it is none. Raises InvalidURL where that may not be followed."""
    to = response.headers.get("Location")
    if response.status_code not in _REDIRECTS or not to:
        return None
    target = urljoin(response.url, to)
    if urlsplit(target).scheme not in ("https", urlsplit(response.url).scheme):
        raise requests.exceptions.InvalidURL
    return target


def _body(response: requests.Response, limit: int, until: float) -> bytes:
    """The bytes as sent: what comes is looked at after every read, however little it is."""
    data = bytearray()
    while piece := response.raw.read1(_CHUNK, decode_content=False):
        data += piece
        if len(data) > limit:
            raise TooLarge
        if monotonic() > until:
            raise TooSlow
    return bytes(data)
