"""A kubeconfig read with suspicion.

kubectl obeys a kubeconfig: it may name a program to run, files to read, a proxy to send
everything through. Here only what stands in the file itself counts: the server, its
certificate authority, and a client certificate or a token. Anything else in the chosen
context is refused with its line, unless the caller trusts the file.

Fields: https://kubernetes.io/docs/reference/config-api/kubeconfig.v1/
"""

from __future__ import annotations

import base64
import binascii
import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from grader.errors import InputError
from grader.manifest import Document, Limits, load
from grader.manifest import Path as At
from grader.text import one_line, quoted, suspicious

_LIMITS = Limits(size=1 << 20, documents=1)
_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_CLUSTER_REFUSED = {
    "certificate-authority": "names a file with the certificate authority",
    "insecure-skip-tls-verify": "switches off the check of the server's certificate",
    "proxy-url": "sends everything through a proxy",
}
_USER_REFUSED = {
    "exec": "runs a program to sign in",
    "auth-provider": "signs in by a provider plugin",
    "client-certificate": "names a file with the client certificate",
    "client-key": "names a file with the client key",
    "tokenFile": "names a file with the token",
    "username": "signs in by name and password",
    "password": "signs in by name and password",
    "as": "acts as somebody else",
    "as-uid": "acts as somebody else",
    "as-groups": "acts as somebody else",
    "as-user-extra": "acts as somebody else",
}


@dataclass(frozen=True, slots=True)
class Access:
    """How to reach one API server. Certificates and key are PEM; secrets stay out of `repr`.

    `ca` None: the machine's own trust store. `refresh`, only of a trusted file, gives the
    Authorization header anew for each request.
    """

    server: str
    context: str = ""
    ca: bytes | None = None
    certificate: bytes | None = None
    key: bytes | None = field(default=None, repr=False)
    token: str | None = field(default=None, repr=False)
    server_name: str | None = None
    proxy: str | None = None
    verify: bool = True
    refresh: Any = field(default=None, repr=False)


def default_path(environment: Mapping[str, str] = os.environ) -> Path:
    """The kubeconfig that kubectl would read: `KUBECONFIG`, or `~/.kube/config`.

    Raises InputError where KUBECONFIG names several files.
    """
    named = [part for part in environment.get("KUBECONFIG", "").split(os.pathsep) if part]
    if len(named) > 1:
        raise InputError("KUBECONFIG names several files", advice="Choose one of them by --kubeconfig FILE.")
    return Path(named[0]) if named else Path.home() / ".kube" / "config"


def read(path: Path, context: str | None = None, *, trust: bool = False) -> Access:
    """The access that one context of a kubeconfig gives; by default its current context.

    Raises InputError: not there, not a kubeconfig, no such context, a field that is refused.
    """
    document = _document(path)
    name = _context_name(document, context)
    entry, at = _entry(document, "contexts", name, "context")
    cluster, cluster_at = _entry(document, "clusters", _text(document, entry, at, "cluster"), "cluster")
    user, user_at = ({}, at) if not entry.get("user") else _entry(document, "users", str(entry["user"]), "user")
    refused = _refused(cluster, _CLUSTER_REFUSED) or _refused(user, _USER_REFUSED)
    if refused and trust:
        from grader.kube.trusted import access

        return access(path, name)
    for kind, found, where, reasons in (
        ("cluster", cluster, cluster_at, _CLUSTER_REFUSED),
        ("user", user, user_at, _USER_REFUSED),
    ):
        if (word := _refused(found, reasons)) is not None:
            raise _refusal(document, kind, where, word, reasons[word])
    return _access(document, name, (cluster, cluster_at), (user, user_at))


def _document(path: Path) -> Document:
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise InputError("is not a file", where=str(path))
        with path.open("rb") as file:
            data = file.read(_LIMITS.size + 1)
    except FileNotFoundError:
        raise InputError(
            "there is no such kubeconfig",
            where=str(path),
            advice="Start a lab by `labs up`, or name a cluster's kubeconfig by --kubeconfig FILE.",
        ) from None
    except OSError as error:
        raise InputError(f"the kubeconfig cannot be read: {error.strerror}", where=str(path)) from None
    documents = load(data, str(path), _LIMITS)
    if len(documents) != 1 or not isinstance(documents[0].value, dict):
        raise InputError("is not a kubeconfig: a mapping with clusters, contexts and users", where=str(path))
    return documents[0]


def _context_name(document: Document, wanted: str | None) -> str:
    known = [str(entry.get("name")) for entry in _entries(document, "contexts")]
    name = wanted if wanted is not None else document.value.get("current-context")
    listed = ", ".join(quoted(context, 80) for context in known[:20]) or "none"
    if not isinstance(name, str) or not name:
        raise InputError(
            "the kubeconfig has no current context", where=document.name, advice=f"Choose by --context: {listed}."
        )
    if name not in known:
        raise InputError(
            f"there is no context {quoted(name)}", where=document.name, advice=f"Contexts of this file: {listed}."
        )
    return name


def _entries(document: Document, key: str) -> list[dict[str, Any]]:
    found = document.value.get(key)
    if found is None:
        return []
    if not isinstance(found, list) or not all(isinstance(entry, dict) for entry in found):
        raise InputError(f"{key} must be a list of named entries", where=document.where(key))
    return found


def _entry(document: Document, key: str, name: str, kind: str) -> tuple[dict[str, Any], At]:
    """The entry of that name and the path to it."""
    entries = _entries(document, key)
    indices = [index for index, entry in enumerate(entries) if entry.get("name") == name]
    if not indices:
        raise InputError(f"there is no {kind} {quoted(name)}", where=document.where(key))
    if len(indices) > 1:
        raise InputError(f"the {kind} {quoted(name)} stands here twice", where=document.where(key, indices[1]))
    found = entries[indices[0]].get(kind)
    if found is None:
        found = {}
    if not isinstance(found, dict):
        raise InputError(f"the {kind} {quoted(name)} must be a mapping", where=document.where(key, indices[0], kind))
    return found, (key, indices[0], kind)


def _refused(entry: Mapping[str, Any], reasons: Mapping[str, str]) -> str | None:
    """The first field of `entry` that is refused; empty ones and a plain `false` do nothing."""
    return next((word for word in reasons if entry.get(word)), None)


def _refusal(document: Document, kind: str, at: At, word: str, reason: str) -> InputError:
    name = document.value[at[0]][at[1]].get("name")
    return InputError(
        f"the {kind} {quoted(str(name))} {reason} ({word})",
        where=document.where(*at, word),
        advice="Use a kubeconfig that holds the certificate or token itself, "
        "or pass --trust-kubeconfig if you know where this file comes from.",
    )


def _access(
    document: Document, context: str, cluster: tuple[dict[str, Any], At], user: tuple[dict[str, Any], At]
) -> Access:
    certificate = _pem(document, *user, "client-certificate-data")
    key = _pem(document, *user, "client-key-data")
    if (certificate is None) != (key is None):
        missing = "client-key-data" if key is None else "client-certificate-data"
        raise InputError(f"{missing} is missing", where=document.where(*user[1]))
    return Access(
        server=_server(document, *cluster),
        context=context,
        ca=_pem(document, *cluster, "certificate-authority-data"),
        certificate=certificate,
        key=key,
        token=_token(document, *user),
        server_name=_optional(document, *cluster, "tls-server-name"),
    )


def _server(document: Document, entry: dict[str, Any], at: At) -> str:
    server = _text(document, entry, at, "server")
    where = document.where(*at, "server")
    try:
        parts = urlsplit(server)
        port_is_right = parts.port is None or parts.port > 0
    except ValueError:
        raise InputError(f"{quoted(server)} is not an address", where=where) from None
    plain = parts.scheme == "http" and parts.hostname in _LOOPBACK
    if not (parts.scheme == "https" or plain) or not parts.hostname or not port_is_right or suspicious(server):
        raise InputError(f"{quoted(server)} is not an https address", where=where)
    if parts.username is not None or parts.query or parts.fragment:
        raise InputError("the server's address may hold host, port and path only", where=where)
    return server.rstrip("/")


def _token(document: Document, entry: dict[str, Any], at: At) -> str | None:
    token = _optional(document, entry, at, "token")
    if token and (suspicious(token) or " " in token):
        raise InputError("the token holds a character that no token has", where=document.where(*at, "token"))
    return token


def _text(document: Document, entry: dict[str, Any], at: At, key: str) -> str:
    found = _optional(document, entry, at, key)
    if not found:
        raise InputError(f"{key} is missing", where=document.where(*at))
    return found


def _optional(document: Document, entry: dict[str, Any], at: At, key: str) -> str | None:
    found = entry.get(key)
    if found is not None and not isinstance(found, str):
        raise InputError(f"{one_line(key)} must be text", where=document.where(*at, key))
    return found or None


def _pem(document: Document, entry: dict[str, Any], at: At, key: str) -> bytes | None:
    found = _optional(document, entry, at, key)
    if found is None:
        return None
    try:
        data = base64.b64decode("".join(found.split()), validate=True)
    except (binascii.Error, ValueError):
        data = b""
    if b"-----BEGIN " not in data:
        raise InputError(f"{key} must be a PEM text in base64", where=document.where(*at, key))
    return data
