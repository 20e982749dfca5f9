"""Reading from OCI registries: manifests, blobs and what refers to them (distribution-spec 1.1)."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from grader.errors import EnvironmentFault, InputError
from grader.text import one_line
from labs.image.reference import Reference

if TYPE_CHECKING:
    import requests

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
_TIMEOUT = (5, 30)
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
    """Reads images. `own` maps a registry's name to the lab's endpoint, asked first.

    What the lab's own registry does not hold is asked of the real one.
    """

    def __init__(self, own: Mapping[str, Endpoint] | None = None) -> None:
        self.own = dict(own or {})
        self._session: requests.Session | None = None
        self._tokens: dict[tuple[str, str], str] = {}

    def manifest(self, reference: Reference) -> Manifest:
        """The manifest of a reference. Raises InputError where there is none."""
        found = self.find(reference)
        if found is None:
            raise InputError(f"{reference} is in no registry that was asked", advice="Check its name and tag.")
        return found

    def find(self, reference: Reference) -> Manifest | None:
        """The manifest of a reference, or None where the registry has none."""
        data = self._get(reference, f"manifests/{reference.at}", _MANIFEST)
        if data is None:
            return None
        digest = "sha256:" + hashlib.sha256(data).hexdigest()
        if reference.digest and digest != reference.digest:
            raise EnvironmentFault("the registry gave other content than asked for", where=str(reference))
        return Manifest(digest, _object(data, reference), len(data))

    def blob(self, reference: Reference, digest: str, limit: int = _BLOB) -> bytes:
        """A blob by its digest, which is checked."""
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
        items: list[Mapping[str, Any]] = [item for item in found or [] if isinstance(item, dict)]
        return items[:50]

    def _get(self, reference: Reference, path: str, limit: int) -> bytes | None:
        endpoint = self.own.get(reference.registry)
        if endpoint:
            found = self._fetch(endpoint, reference, path, limit)
            if found is not None:
                return found
        host = _HOSTS.get(reference.registry, reference.registry)
        try:
            return self._fetch(Endpoint(f"https://{host}"), reference, path, limit)
        except EnvironmentFault:
            if endpoint:  # without a network the lab's own answer counts
                return None
            raise

    def _fetch(self, endpoint: Endpoint, reference: Reference, path: str, limit: int) -> bytes | None:
        import requests

        url = f"{endpoint.url}/v2/{reference.repository}/{path}"
        if self._session is None:
            self._session = requests.Session()
        scope = (endpoint.url, reference.repository)
        try:
            for _ in range(2):
                response = self._session.get(
                    url,
                    headers={"Accept": _ACCEPT} | self._authorization(scope),
                    verify=str(endpoint.authority) if endpoint.authority else True,
                    timeout=_TIMEOUT,
                    stream=True,
                )
                if response.status_code == 401 and scope not in self._tokens:
                    self._tokens[scope] = self._token(response.headers.get("WWW-Authenticate", ""))
                    continue
                break
            return _body(response, reference, limit)
        except requests.RequestException as error:
            raise EnvironmentFault(
                f"the registry does not answer: {type(error).__name__}",
                where=str(reference),
                advice="Check the network, or ask for an image of the lab's own registry.",
            ) from None

    def _authorization(self, scope: tuple[str, str]) -> dict[str, str]:
        token = self._tokens.get(scope)
        return {"Authorization": f"Bearer {token}"} if token else {}

    def _token(self, challenge: str) -> str:
        """An anonymous token, where the registry wants one even for public images."""
        asked = dict(_CHALLENGE.findall(challenge))
        realm = asked.pop("realm", "")
        if not realm.startswith("https://") or self._session is None:
            return ""
        answer = self._session.get(realm, params=asked, timeout=_TIMEOUT)
        found = answer.json() if answer.ok else {}
        return str(found.get("token") or found.get("access_token") or "") if isinstance(found, dict) else ""


def _body(response: requests.Response, reference: Reference, limit: int) -> bytes | None:
    if response.status_code in (404, 400):
        return None
    if response.status_code in (401, 403):
        raise EnvironmentFault("the registry wants an account for this image", where=str(reference))
    if not response.ok:
        raise EnvironmentFault(f"the registry answered {response.status_code}", where=str(reference))
    data = bytearray()
    for chunk in response.iter_content(1 << 16):
        data += chunk
        if len(data) > limit:
            raise InputError(f"larger than {limit} bytes", where=str(reference))
    return bytes(data)


def _object(data: bytes, reference: Reference) -> Mapping[str, Any]:
    try:
        found = json.loads(data)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise EnvironmentFault("the registry's answer is no manifest", where=str(reference))
    return found
