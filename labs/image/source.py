"""Reading from OCI registries: manifests, blobs and what refers to them (distribution-spec 1.1)."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from grader.errors import EnvironmentFault, InputError
from grader.text import one_line
from labs.image.reference import Reference
from labs.image.shelf import Shelf

if TYPE_CHECKING:
    from labs.image.transfer import Answer, Client

_ACCEPT = ", ".join(
    (
        "application/vnd.oci.image.index.v1+json",
        "application/vnd.oci.image.manifest.v1+json",
        "application/vnd.docker.distribution.manifest.list.v2+json",
        "application/vnd.docker.distribution.manifest.v2+json",
    )
)
_MANIFEST = 4 << 20
_BLOB = 64 << 20
_TOKEN = 1 << 16
_PRINTABLE = re.compile(r"[!-~]+\Z")
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}\Z")
_HOSTS = {"docker.io": "registry-1.docker.io"}
_CHALLENGE = re.compile(r'(\w+)="([^"]*)"')


@dataclass(frozen=True, slots=True)
class Manifest:
    """A manifest or an index with the digest of its bytes."""

    digest: str
    content: Mapping[str, Any]
    size: int

    @property
    def media_type(self) -> str:
        return str(self.content.get("mediaType", ""))

    @property
    def is_index(self) -> bool:
        return "manifests" in self.content


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a registry's name really leads: for the lab's own, a port on loopback and its authority."""

    url: str
    authority: Path | None = None


class Source:
    """Reads images. `own` maps a registry's name to the lab's endpoint or shelf, asked first.

    A repository that the lab's own registry holds is read there alone; all others from the real one.
    """

    def __init__(self, own: Mapping[str, Endpoint | Shelf] | None = None) -> None:
        self.own = dict(own or {})
        self._held: set[tuple[str, str]] = set()
        self._tokens: dict[tuple[str, str], str] = {}

    def manifest(self, reference: Reference) -> Manifest:
        """The manifest of a reference. Raises InputError where there is none."""
        found = self.find(reference)
        if found is None:
            raise InputError(f"{reference} is in no registry that was asked", advice="Check its name and tag.")
        return found

    def find(self, reference: Reference) -> Manifest | None:
        """The manifest of a reference, or None where the registry has none."""
        if reference.digest and not _DIGEST.match(reference.digest):
            raise EnvironmentFault("the registry names a manifest by no digest", where=one_line(str(reference), 300))
        data = self._get(reference, f"manifests/{reference.at}", _MANIFEST)
        if data is None:
            return None
        digest = "sha256:" + hashlib.sha256(data).hexdigest()
        if reference.digest and digest != reference.digest:
            raise EnvironmentFault("the registry gave other content than asked for", where=str(reference))
        return Manifest(digest, _object(data, reference), len(data))

    def blob(self, reference: Reference, digest: str, limit: int = _BLOB) -> bytes:
        """A blob by its digest, which is checked."""
        if not _DIGEST.match(digest):
            raise EnvironmentFault(f"the registry names no digest: {one_line(digest)}", where=str(reference))
        data = self._get(reference, f"blobs/{digest}", limit)
        if data is None:
            raise EnvironmentFault(f"the registry lacks {one_line(digest)}", where=str(reference))
        if digest != "sha256:" + hashlib.sha256(data).hexdigest():
            raise EnvironmentFault("the registry gave other content than asked for", where=str(reference))
        return data

    def referrers(self, reference: Reference, digest: str) -> list[Mapping[str, Any]]:
        """Descriptors of what refers to `digest`: by the API, else by the fallback tag."""
        data = self._get(reference, f"referrers/{digest}", _MANIFEST)
        if data is None:
            tag = digest.replace(":", "-")
            data = self._get(reference, f"manifests/{tag}", _MANIFEST)
        found = _object(data, reference).get("manifests") if data else None
        listed = found if isinstance(found, list) else []
        items: list[Mapping[str, Any]] = [item for item in listed if isinstance(item, dict)]
        return items[:50]

    def own_holds(self, reference: Reference) -> bool:
        """Whether the lab's own registry answered for this repository."""
        return (reference.registry, reference.repository) in self._held

    def _get(self, reference: Reference, path: str, limit: int) -> bytes | None:
        endpoint = self.own.get(reference.registry)
        away: EnvironmentFault | None = None
        if endpoint:
            try:
                found = self._fetch(endpoint, reference, path, limit)
                if found is not None:
                    self._held.add((reference.registry, reference.repository))
                if found is not None or self.own_holds(reference):
                    return found
            except EnvironmentFault as fault:
                away = fault
        host = _HOSTS.get(reference.registry, reference.registry)
        try:
            found = self._fetch(Endpoint(f"https://{host}"), reference, path, limit)
        except EnvironmentFault as fault:
            raise away or fault from None
        if found is None and away:
            raise away
        return found

    @cached_property
    def _client(self) -> Client:
        from labs.image.transfer import Client

        return Client()

    @cached_property
    def _own_client(self) -> Client:
        from labs.image.transfer import Client

        return Client(direct=True)

    def _fetch(self, endpoint: Endpoint | Shelf, reference: Reference, path: str, limit: int) -> bytes | None:
        if isinstance(endpoint, Shelf):
            return endpoint.read(reference.repository, path)
        from labs.image import transfer

        own = endpoint in self.own.values()
        try:
            return _body(self._answer(endpoint, reference.repository, path, limit, own=own), reference)
        except transfer.Unreachable as fault:
            raise _silent(reference, own, str(fault)) from None
        except transfer.TooSlow:
            raise EnvironmentFault(
                f"the registry took more than {transfer.LONGEST:g} seconds", where=str(reference)
            ) from None
        except transfer.TooLarge:
            raise InputError(f"larger than {limit} bytes", where=str(reference)) from None

    def _answer(self, endpoint: Endpoint, repository: str, path: str, limit: int, *, own: bool) -> Answer:
        """The registry's answer; where it asks for a token, the one to the request with it."""
        client = self._own_client if own else self._client
        verify = str(endpoint.authority) if endpoint.authority else True
        scope = (endpoint.url, repository)
        for _ in range(2):
            answer = client.get(
                f"{endpoint.url}/v2/{repository}/{path}",
                {"Accept": _ACCEPT} | self._authorization(scope),
                limit=limit,
                verify=verify,
            )
            if answer.status != 401 or scope in self._tokens:
                break
            self._tokens[scope] = self._token(answer.headers.get("WWW-Authenticate", ""))
        return answer

    def _authorization(self, scope: tuple[str, str]) -> dict[str, str]:
        token = self._tokens.get(scope)
        return {"Authorization": f"Bearer {token}"} if token else {}

    def _token(self, challenge: str) -> str:
        """An anonymous token, where the registry wants one even for public images."""
        asked = dict(_CHALLENGE.findall(challenge))
        realm = asked.pop("realm", "")
        if not realm.startswith("https://"):
            return ""
        answer = self._client.get(realm, {}, limit=_TOKEN, params=asked)
        try:
            found = json.loads(answer.body) if answer.body else {}
        except (ValueError, RecursionError):
            found = {}
        token = (found.get("token") or found.get("access_token")) if isinstance(found, dict) else None
        return token if isinstance(token, str) and _PRINTABLE.match(token) else ""


def _silent(reference: Reference, own: bool, kind: str) -> EnvironmentFault:
    if own:
        return EnvironmentFault(
            f"the lab's registry does not answer: {kind}",
            where=str(reference),
            advice="labs status tells whether the lab runs; labs up brings it up.",
        )
    return EnvironmentFault(
        f"the registry {reference.registry} does not answer: {kind}",
        where=str(reference),
        advice="Check the network. Without one, ask for an image of the lab's own registry.",
    )


def _body(answer: Answer, reference: Reference) -> bytes | None:
    if answer.status in (404, 400):
        return None
    if answer.status in (401, 403):
        raise EnvironmentFault("the registry wants an account for this image", where=str(reference))
    if answer.status != 200:
        raise EnvironmentFault(f"the registry answered {answer.status}", where=str(reference))
    return answer.body


def _object(data: bytes, reference: Reference) -> Mapping[str, Any]:
    try:
        found = json.loads(data)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise EnvironmentFault("the registry's answer is no manifest", where=str(reference))
    return found
