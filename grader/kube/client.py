"""Kubernetes' REST verbs on raw JSON."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any, Literal, Self
from urllib.parse import quote, urlencode

from grader.kube import events, kubeconfig
from grader.kube.answers import METADATA_ONLY, checked, items
from grader.kube.errors import TooMuch, Unreachable
from grader.kube.events import Stream
from grader.kube.kubeconfig import Access
from grader.kube.transport import MAX_BYTES, Transport

MANAGER = "platform-labs"
"""The field manager of everything that is written through here."""

_PAGE = 500
_PATCHES = {
    "merge": "application/merge-patch+json",
    "strategic": "application/strategic-merge-patch+json",
    "apply": "application/apply-patch+yaml",
}


@dataclass(frozen=True, slots=True)
class Identity:
    """Who asks, by impersonation: a user name and its groups."""

    user: str
    groups: tuple[str, ...] = ()

    @classmethod
    def service_account(cls, namespace: str, name: str) -> Identity:
        """A service account with the groups that the API server gives it."""
        return cls(
            f"system:serviceaccount:{namespace}:{name}",
            ("system:serviceaccounts", f"system:serviceaccounts:{namespace}", "system:authenticated"),
        )


def resource(
    version: str, plural: str, namespace: str | None = None, name: str | None = None, subresource: str | None = None
) -> str:
    """The path of a collection, an object or a subresource. `version` is `v1` or `group/version`."""
    parts = ["", "api" if "/" not in version else "apis", version]
    parts += ["namespaces", quote(namespace, safe="")] if namespace else []
    parts += [plural, *(quote(part, safe="") for part in (name, subresource) if part)]
    return "/".join(parts)


def connect(
    path: Path | None = None,
    context: str | None = None,
    *,
    trust: bool = False,
    connections: int = 16,
    sleep: Callable[[float], None] = time.sleep,
) -> Kube:
    """A client for one context of a kubeconfig, by default the one that kubectl would use.

    Nothing is sent yet. `trust` allows the kubeconfig to run programs and to name files.
    Raises InputError for a kubeconfig that cannot be used.
    """
    return Kube(kubeconfig.read(path or kubeconfig.default_path(), context, trust=trust), connections, sleep)


class Kube:
    """One API server. All methods raise Unreachable without an answer, Refusal for a failure.

    A request has `seconds` to be answered. It is sent a second time after 429 or 503 (after the
    server's Retry-After, at most 5 s), and where it changes nothing also after a lost connection.
    """

    def __init__(self, access: Access, connections: int = 16, sleep: Callable[[float], None] = time.sleep) -> None:
        self.server = access.server
        self.context = access.context
        self._transport = Transport(access, connections, sleep)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Closes the connections."""
        self._transport.close()

    def get(self, path: str, *, seconds: float = 15.0) -> Any:
        """One object."""
        return self._json("GET", path, {}, seconds=seconds)

    def list(self, path: str, *, metadata_only: bool = False, seconds: float = 15.0) -> tuple[Any, ...]:
        """All objects of a collection, each with the kind and apiVersion that lists leave out.

        `metadata_only` asks for no more than metadata; a server that does not know how gives all.
        """
        return self.listed(path, metadata_only=metadata_only, seconds=seconds)[0]

    def listed(
        self, path: str, *, fields: str = "", metadata_only: bool = False, seconds: float = 15.0
    ) -> tuple[tuple[Any, ...], str]:
        """The objects as `list` gives them, and the version of the collection from which to watch it.

        `fields` is a field selector.
        """
        found: list[Any] = []
        wanted = {"limit": str(_PAGE), **({"fieldSelector": fields} if fields else {})}
        parameters, size = wanted, 0
        accept = METADATA_ONLY if metadata_only else "application/json"
        while True:
            page, length = self._sized(path, parameters, accept, seconds)
            size += length
            if size > MAX_BYTES:
                raise TooMuch(f"the list is larger than {MAX_BYTES >> 20} MiB", where=path)
            found += items(page)
            metadata = page.get("metadata")
            told: dict[str, Any] = metadata if isinstance(metadata, dict) else {}
            token = told.get("continue")
            if not isinstance(token, str) or not token:
                return tuple(found), str(told.get("resourceVersion") or "")
            parameters = {**wanted, "continue": token}

    def watch(
        self, path: str, version: str, *, fields: str = "", metadata_only: bool = False
    ) -> AbstractContextManager[Stream]:
        """The changes of a collection after that version, as they come; see `grader.kube.events`."""
        return events.watch(self._transport, path, version, fields=fields, metadata_only=metadata_only)

    def interrupt(self) -> None:
        """Ends all requests of other threads, for good: they and all later ones raise Unreachable."""
        self._transport.interrupt()

    def create(
        self,
        path: str,
        body: Mapping[str, Any],
        *,
        dry_run: bool = False,
        strict: bool = False,
        identity: Identity | None = None,
        seconds: float = 15.0,
    ) -> Any:
        """The created object; with `dry_run` only what it would be, after all admission.

        `strict` has the server refuse unknown and repeated fields, as `kubectl` does by default.
        """
        parameters = _dry(dry_run) | ({"fieldValidation": "Strict"} if strict else {})
        return self._json("POST", path, parameters, body, identity=identity, seconds=seconds)

    def patch(
        self,
        path: str,
        body: Mapping[str, Any],
        kind: Literal["merge", "strategic", "apply"] = "merge",
        *,
        dry_run: bool = False,
        identity: Identity | None = None,
        seconds: float = 15.0,
    ) -> Any:
        """The patched object. Server-side apply (`apply`) takes over fields that others manage."""
        parameters = _dry(dry_run) | ({"force": "true"} if kind == "apply" else {})
        return self._json("PATCH", path, parameters, body, media=_PATCHES[kind], identity=identity, seconds=seconds)

    def delete(self, path: str, *, seconds: float = 15.0) -> Any:
        """The deleted object, or the server's Status."""
        return self._json("DELETE", path, {}, seconds=seconds)

    def now(self) -> datetime:
        """The server's clock, to the second, by the Date of an answer."""
        answer = self._transport.send("GET", "/version", None, _headers(), 15.0, again=True)
        try:
            return parsedate_to_datetime(answer.headers["date"]).astimezone(UTC)
        except (KeyError, ValueError, TypeError):
            raise Unreachable("the API server's answer has no date", where=self.server) from None

    def _json(
        self,
        method: str,
        path: str,
        parameters: Mapping[str, str],
        body: Mapping[str, Any] | None = None,
        *,
        media: str = "application/json",
        identity: Identity | None = None,
        seconds: float,
    ) -> Any:
        harmless = method == "GET" or "dryRun" in parameters
        if body is not None:
            parameters = {**parameters, "fieldManager": MANAGER}
        target = f"{path}?{urlencode(parameters)}" if parameters else path
        data = None if body is None else json.dumps(body, separators=(",", ":")).encode()
        headers = _headers(identity) + ([("Content-Type", media)] if data is not None else [])
        answer = self._transport.send(method, target, data, headers, seconds, again=harmless)
        return checked(answer.status, answer.body, path)

    def _sized(
        self, path: str, parameters: Mapping[str, str], accept: str, seconds: float
    ) -> tuple[dict[str, Any], int]:
        target = f"{path}?{urlencode(parameters)}"
        answer = self._transport.send("GET", target, None, _headers(accept=accept), seconds, again=True)
        page = checked(answer.status, answer.body, path)
        if not isinstance(page, dict):
            raise Unreachable("the API server's answer is not a list", where=path)
        return page, len(answer.body)


def _dry(dry_run: bool) -> dict[str, str]:
    return {"dryRun": "All"} if dry_run else {}


def _headers(identity: Identity | None = None, accept: str = "application/json") -> list[tuple[str, str]]:
    headers = [("Accept", accept)]
    if identity:
        headers += [("Impersonate-User", identity.user), *(("Impersonate-Group", group) for group in identity.groups)]
    return headers
