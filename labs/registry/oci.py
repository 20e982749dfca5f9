"""Pieces of an OCI registry: blobs, manifests and what a push is made of (image-spec 1.1)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

MANIFEST = "application/vnd.oci.image.manifest.v1+json"
INDEX = "application/vnd.oci.image.index.v1+json"
CONFIG = "application/vnd.oci.image.config.v1+json"
LAYER = "application/vnd.oci.image.layer.v1.tar+gzip"
EMPTY = "application/vnd.oci.empty.v1+json"


def digest(data: bytes) -> str:
    """`sha256:` and the hexadecimal hash."""
    return "sha256:" + hashlib.sha256(data).hexdigest()


@dataclass(frozen=True)
class Blob:
    """Content addressed by its digest, with the annotations of the descriptor that names it."""

    media_type: str
    data: bytes
    annotations: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def digest(self) -> str:
        """`sha256:…`."""
        return digest(self.data)

    def descriptor(self) -> dict[str, Any]:
        """How a manifest names it."""
        found: dict[str, Any] = {"mediaType": self.media_type, "digest": self.digest, "size": len(self.data)}
        return found | ({"annotations": dict(self.annotations)} if self.annotations else {})


@dataclass(frozen=True)
class Artifact:
    """A manifest or index of one repository, the blobs it needs and the tags it is pushed under.

    Without a tag it is pushed by its digest.
    """

    repository: str
    media_type: str
    data: bytes
    blobs: tuple[Blob, ...] = ()
    tags: tuple[str, ...] = ()
    artifact_type: str | None = None
    annotations: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def digest(self) -> str:
        """`sha256:…` of the manifest."""
        return digest(self.data)

    @property
    def references(self) -> tuple[str, ...]:
        """The tags, or the digest."""
        return self.tags or (self.digest,)

    def descriptor(self) -> dict[str, Any]:
        """How another manifest or index names it."""
        found: dict[str, Any] = {"mediaType": self.media_type, "digest": self.digest, "size": len(self.data)}
        if self.artifact_type:
            found["artifactType"] = self.artifact_type
        return found | ({"annotations": dict(self.annotations)} if self.annotations else {})


def manifest(
    repository: str,
    config: Blob,
    layers: Sequence[Blob],
    *,
    tags: Sequence[str] = (),
    subject: Artifact | None = None,
    artifact_type: str | None = None,
    annotations: Mapping[str, str] | None = None,
) -> Artifact:
    """An image manifest; with `subject` a referrer of that manifest."""
    content: dict[str, Any] = {"schemaVersion": 2, "mediaType": MANIFEST}
    if artifact_type:
        content["artifactType"] = artifact_type
    content |= {"config": config.descriptor(), "layers": [layer.descriptor() for layer in layers]}
    if subject:
        content["subject"] = {"mediaType": subject.media_type, "digest": subject.digest, "size": len(subject.data)}
    if annotations:
        content["annotations"] = dict(annotations)
    unique = {blob.digest: blob for blob in (config, *layers)}
    return Artifact(
        repository, MANIFEST, encode(content), tuple(unique.values()), tuple(tags), artifact_type, annotations or {}
    )


def index(repository: str, manifests: Sequence[Artifact], *, tags: Sequence[str]) -> Artifact:
    """An index over manifests of the same repository."""
    content = {"schemaVersion": 2, "mediaType": INDEX, "manifests": [one.descriptor() for one in manifests]}
    return Artifact(repository, INDEX, encode(content), (), tuple(tags))


def encode(content: Any) -> bytes:
    """JSON in the order given: manifests are addressed by their bytes."""
    return json.dumps(content, separators=(",", ":")).encode()
