"""HTTP to one API server: TLS, kept connections, time limits, bounded answers."""

from __future__ import annotations

import contextlib
import os
import ssl
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from grader.errors import InputError
from grader.kube.errors import Unreachable
from grader.kube.kubeconfig import Access
from grader.kube.sockets import Sockets
from grader.text import one_line

if TYPE_CHECKING:
    import urllib3

Headers = Iterable[tuple[str, str]]
"""Request headers; a name may stand there more than once."""

MAX_BYTES = 32 << 20
_CHUNK = 1 << 16
_CONNECT_SECONDS = 5.0
_LONGEST_PAUSE = 5.0
_AGAIN = (429, 503)


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer, read to its end. Header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Transport:
    """Requests to one server over kept connections; safe to use from several threads.

    `connections` is how many are kept. `sleep` waits before a second attempt, in seconds.
    """

    def __init__(self, access: Access, connections: int, sleep: Callable[[float], None] = time.sleep) -> None:
        self._access = access
        self._sleep = sleep
        self._sockets = Sockets()
        self._pool = _pool(access, connections)
        self._sockets.follow(self._pool)

    def close(self) -> None:
        """Closes the connections."""
        self._pool.clear()

    def interrupt(self) -> None:
        """Ends all requests of other threads, for good: they and all later ones raise Unreachable."""
        self._sockets.cut_all()

    def send(
        self, method: str, target: str, body: bytes | None, headers: Headers, seconds: float, *, again: bool
    ) -> Answer:
        """One request; a second attempt after 429 and 503, and, where `again` allows, a lost connection.

        `seconds` bounds each wait for the server and the whole answer. Raises Unreachable.
        """
        for last in (False, True):
            try:
                answer = self._once(method, target, body, headers, seconds)
            except Unreachable as error:
                if last or not again or not isinstance(error.__cause__, _lost()):
                    raise
                continue
            if answer.status not in _AGAIN or last:
                break
            self._sleep(_pause(answer.headers.get("retry-after", "")))
        return answer

    def _once(self, method: str, target: str, body: bytes | None, headers: Headers, seconds: float) -> Answer:
        end = time.monotonic() + seconds + _CONNECT_SECONDS
        with self._opened(method, target, body, headers, seconds) as response:
            data = _read(response, end)
            response.release_conn()
        return Answer(response.status, {name.lower(): value for name, value in response.headers.items()}, data)

    @contextlib.contextmanager
    def stream(
        self, target: str, headers: Headers, silence: float
    ) -> Iterator[tuple[int, Iterator[bytes], Callable[[], None]]]:
        """The status of an answer that goes on, its parts as they come, and how another thread ends it.

        Raises Unreachable, also after `silence` seconds without a part.
        """
        with self._opened("GET", target, None, headers, silence) as response:
            owner = response.connection
            try:
                yield response.status, response.stream(_CHUNK, decode_content=False), lambda: self._sockets.end(owner)
            finally:
                response.close()

    @contextlib.contextmanager
    def _opened(
        self, method: str, target: str, body: bytes | None, headers: Headers, seconds: float
    ) -> Iterator[urllib3.BaseHTTPResponse]:
        """An answer to be read; its connection is closed where reading fails. Raises Unreachable."""
        import urllib3

        if self._sockets.cut:
            raise Unreachable("the client was closed", where=self._access.server)
        try:
            response = self._pool.request(
                method,
                self._access.server + target,
                body=body,
                headers=self._headed(headers),
                timeout=urllib3.Timeout(connect=_CONNECT_SECONDS, read=seconds),
                retries=False,
                redirect=False,
                preload_content=False,
                decode_content=False,
            )
            try:
                yield response
            except BaseException:
                response.close()
                raise
        except (urllib3.exceptions.HTTPError, OSError) as error:
            raise _unreachable(error, self._access.server) from error

    def _headed(self, headers: Headers) -> urllib3.HTTPHeaderDict:
        import urllib3

        found = urllib3.HTTPHeaderDict({"User-Agent": "platform-labs-grader"})
        for name, value in headers:
            found.add(name, value)
        access = self._access
        authorization = access.refresh() if access.refresh else f"Bearer {access.token}" if access.token else None
        if authorization:
            found["Authorization"] = authorization
        return found


def _pool(access: Access, connections: int) -> urllib3.PoolManager:
    import urllib3

    options: dict[str, Any] = {"num_pools": 1, "maxsize": connections, "block": False}
    if access.server.startswith("https:"):
        options |= {"ssl_context": _context(access), "assert_hostname": access.server_name if access.verify else False}
        options |= {"cert_reqs": "CERT_REQUIRED" if access.verify else "CERT_NONE"}
        if access.server_name:
            options["server_hostname"] = access.server_name
    return urllib3.ProxyManager(access.proxy, **options) if access.proxy else urllib3.PoolManager(**options)


def _context(access: Access) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cadata=access.ca.decode("ascii") if access.ca else None)
        if not access.verify:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        if access.certificate and access.key:
            with _private_file(access.certificate + b"\n" + access.key) as path:
                context.load_cert_chain(path, password=_no_password)
    except (ssl.SSLError, ValueError) as error:
        raise InputError(f"the kubeconfig's certificates cannot be used: {one_line(str(error))}") from None
    return context


def _no_password() -> str:
    raise ValueError("the client key is locked by a password")


@contextlib.contextmanager
def _private_file(data: bytes) -> Iterator[str]:
    """A path that holds `data` while the block runs: OpenSSL reads certificates by path only.

    On Linux the file is in memory and in no folder; elsewhere it is readable by its owner alone.
    """
    if hasattr(os, "memfd_create"):
        descriptor, path = os.memfd_create("client"), ""
        name = f"/proc/self/fd/{descriptor}"
    else:
        descriptor, path = tempfile.mkstemp()
        name = path
    try:
        os.write(descriptor, data)
        yield name
    finally:
        os.close(descriptor)
        if path:
            os.unlink(path)


def _read(response: urllib3.BaseHTTPResponse, end: float) -> bytes:
    if response.headers.get("content-encoding", "identity") != "identity":
        raise Unreachable("the server packed its answer although it was asked not to")
    parts: list[bytes] = []
    size = 0
    while chunk := response.read(_CHUNK, decode_content=False):
        size += len(chunk)
        if size > MAX_BYTES:
            raise Unreachable(f"the server's answer is larger than {MAX_BYTES >> 20} MiB")
        if time.monotonic() > end:
            raise Unreachable("the server took too long over its answer")
        parts.append(chunk)
    return b"".join(parts)


def _pause(retry_after: str) -> float:
    return min(float(retry_after), _LONGEST_PAUSE) if retry_after.isdecimal() else 1.0


def _lost() -> tuple[type[BaseException], ...]:
    """What a connection that broke off raises; a time limit or a refused certificate is no such thing."""
    from urllib3 import exceptions

    return (exceptions.ProtocolError, ConnectionResetError, BrokenPipeError)


def _unreachable(error: Exception, server: str) -> Unreachable:
    from urllib3 import exceptions

    if isinstance(error, exceptions.SSLError | ssl.SSLError):
        message, advice = (
            "its certificate is not the one that the kubeconfig trusts",
            "The kubeconfig may be of an older cluster of the same name: fetch it anew.",
        )
    elif isinstance(error, exceptions.NewConnectionError | ConnectionRefusedError):
        message, advice = (
            "nobody answers there",
            "Is the cluster running? `labs status` shows it, `labs start` wakes it.",
        )
    elif isinstance(error, exceptions.ConnectTimeoutError | exceptions.ReadTimeoutError | TimeoutError):
        message, advice = "it did not answer in time", "Is the machine overloaded? `labs status` shows the lab."
    else:
        message, advice = "the connection broke off", "Try again; `labs status` shows the lab."
    detail = one_line(str(error.__cause__ or error), 160)
    return Unreachable(f"the API server cannot be reached: {message} ({detail})", where=server, advice=advice)
