"""A registry without a server: what a lab built, read from memory by the paths of the distribution API."""

from __future__ import annotations

from collections.abc import Iterable

from labs.registry.oci import Artifact


class Shelf:
    """Answers as the registry would that these artifacts were pushed to."""

    def __init__(self, artifacts: Iterable[Artifact]) -> None:
        self._found: dict[tuple[str, str], bytes] = {}
        for one in artifacts:
            for reference in (one.digest, *one.tags):
                self._found[one.repository, f"manifests/{reference}"] = one.data
            for blob in one.blobs:
                self._found[one.repository, f"blobs/{blob.digest}"] = blob.data

    def read(self, repository: str, path: str) -> bytes | None:
        """What is at `/v2/REPOSITORY/PATH`, or None."""
        return self._found.get((repository, path))
