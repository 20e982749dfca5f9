"""Filling the registry: a small client of the OCI distribution API (distribution-spec 1.1).

It looks before it uploads, so a push that was broken off is cheap to repeat.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3.util import Retry

from grader.text import one_line
from labs.errors import EnvironmentFault
from labs.registry import oci
from labs.registry.samples import REGISTRY

_WORKERS = 8
_TIMEOUT = (5.0, 30.0)  # seconds to connect, to wait for an answer
_MANIFESTS = f"{oci.MANIFEST}, {oci.INDEX}"


class RegistryFault(EnvironmentFault):
    """The lab's registry cannot be reached, or does not take what it is given."""


@dataclass(frozen=True)
class Pushed:
    """How many blobs and manifests were uploaded, and how many were there."""

    uploaded: int
    present: int


class Registry:
    """The registry that answers as `name`, reached at `address` (`HOST:PORT`).

    With `ca` (a PEM file) by TLS: no other authority is trusted, and the certificate has to be
    that of `name`. Without, by plain HTTP. Proxies and other settings of the environment are
    left aside. Use it in a `with` statement.
    """

    def __init__(self, address: str, *, ca: Path | None, name: str = REGISTRY) -> None:
        self.address = address
        self.name = name
        self._base = f"{'https' if ca else 'http'}://{address}"
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.headers["Host"] = name
        self._session.verify = str(ca) if ca else True
        if ca:
            self._session.mount("https://", _Named(name))

    def __enter__(self) -> Registry:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._session.close()

    def answers(self) -> bool:
        """Whether it can be used now."""
        try:
            return self._ask("GET", "/v2/").status_code == 200
        except RegistryFault:
            return False

    def push(self, artifacts: Sequence[oci.Artifact]) -> Pushed:
        """Brings everything in, blobs first, then manifests, then the indexes over them.

        Raises RegistryFault; what was uploaded until then stays.
        """
        blobs = {(one.repository, blob.digest): blob for one in artifacts for blob in one.blobs}
        named = [(one, reference) for one in artifacts for reference in one.references]
        rounds: list[Iterable[Callable[[], bool]]] = [
            [self._blob_job(repository, blob) for (repository, _), blob in blobs.items()],
            [self._manifest_job(*pair) for pair in named if pair[0].media_type != oci.INDEX],
            [self._manifest_job(*pair) for pair in named if pair[0].media_type == oci.INDEX],
        ]
        results: list[bool] = []
        with ThreadPoolExecutor(_WORKERS, thread_name_prefix="push") as pool:
            try:
                for jobs in rounds:
                    results += pool.map(lambda job: job(), list(jobs))
            except BaseException:
                pool.shutdown(cancel_futures=True)
                raise
        return Pushed(sum(results), len(results) - sum(results))

    def _blob_job(self, repository: str, blob: oci.Blob) -> Callable[[], bool]:
        return lambda: self._put_blob(repository, blob)

    def _manifest_job(self, artifact: oci.Artifact, reference: str) -> Callable[[], bool]:
        return lambda: self._put_manifest(artifact, reference)

    def _put_blob(self, repository: str, blob: oci.Blob) -> bool:
        """Whether it had to be uploaded."""
        if self._ask("HEAD", f"/v2/{repository}/blobs/{blob.digest}").status_code == 200:
            return False
        begun = self._expect(202, "POST", f"/v2/{repository}/blobs/uploads/")
        place = urlsplit(begun.headers.get("Location", ""))
        # the answer names the registry by its own idea of its address: only path and query count
        path = f"{place.path}?{place.query}{'&' if place.query else ''}digest={blob.digest}"
        kind = {"Content-Type": "application/octet-stream"}
        self._expect(201, "PUT", path, data=blob.data, headers=kind)
        return True

    def _put_manifest(self, artifact: oci.Artifact, reference: str) -> bool:
        """Whether it had to be uploaded."""
        path = f"/v2/{artifact.repository}/manifests/{reference}"
        found = self._ask("HEAD", path, headers={"Accept": _MANIFESTS})
        if found.status_code == 200 and found.headers.get("Docker-Content-Digest") == artifact.digest:
            return False
        self._expect(201, "PUT", path, data=artifact.data, headers={"Content-Type": artifact.media_type})
        return True

    def _expect(self, status: int, method: str, path: str, **how: Any) -> requests.Response:
        answer = self._ask(method, path, **how)
        if answer.status_code != status:
            raise RegistryFault(
                f"the lab's registry answered {answer.status_code} to {method} {path.partition('?')[0]}: "
                f"{one_line(answer.content[:1000].decode(errors='replace'))}",
                where=self.address,
                advice="See its log: kubectl --namespace platform-labs logs deployment/registry",
            )
        return answer

    def _ask(self, method: str, path: str, **how: Any) -> requests.Response:
        try:
            return self._session.request(method, self._base + path, timeout=_TIMEOUT, allow_redirects=False, **how)
        except requests.RequestException as fault:
            raise RegistryFault(
                f"the lab's registry cannot be reached: {_reason(fault)}",
                where=self.address,
                advice="See whether it runs: kubectl --namespace platform-labs get pods",
            ) from None


class _Named(HTTPAdapter):
    """Speaks TLS to one server by its name, whatever address it is reached at."""

    def __init__(self, name: str) -> None:
        self._name = name
        super().__init__(
            pool_maxsize=_WORKERS, max_retries=Retry(total=2, connect=2, read=0, other=0, backoff_factor=0.2)
        )

    def init_poolmanager(self, *arguments: Any, **how: Any) -> None:
        super().init_poolmanager(*arguments, server_hostname=self._name, assert_hostname=self._name, **how)


def _reason(fault: requests.RequestException) -> str:
    if isinstance(fault, requests.exceptions.SSLError):
        return f"its certificate is not the lab's ({one_line(str(fault), 160)})"
    return "it does not answer in time" if isinstance(fault, requests.Timeout) else one_line(str(fault), 160)
