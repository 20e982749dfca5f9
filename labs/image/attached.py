"""What hangs on an image: legacy signatures and attestations by tag, Sigstore bundles by reference.

Sources: cosign 3.1.2, `pkg/oci/remote`; distribution-spec 1.1, "Listing Referrers"; BuildKit,
`docs/attestations/attestation-storage.md`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from labs.image import platforms
from labs.image.budget import Budget
from labs.image.platforms import Platform
from labs.image.reference import Reference
from labs.image.source import Manifest, Source

BUNDLE = "application/vnd.dev.sigstore.bundle"
IN_TOTO = "application/vnd.in-toto+json"
_MOST = 50
_SIZE = 32 << 20


@dataclass(frozen=True, slots=True)
class Image:
    """An image as resolved: what was asked for, and the manifests it stands for.

    `index` is set where the reference names several platforms; `manifest` is the one
    chosen, for `platform`.
    """

    reference: Reference
    manifest: Manifest
    index: Manifest | None = None
    platform: Platform | None = None

    @property
    def digest(self) -> str:
        """What the reference points at: that is what gets signed."""
        return (self.index or self.manifest).digest

    @property
    def digests(self) -> tuple[str, ...]:
        """All that things may hang on: the reference's own first."""
        return (self.index.digest, self.manifest.digest) if self.index else (self.manifest.digest,)


@dataclass(frozen=True, slots=True)
class Attached:
    """One thing attached to the manifest `digest`.

    `form` is `signature` or `attestation` (legacy), `bundle`, or `statement` (BuildKit's, unsigned).
    """

    form: str
    digest: str
    data: bytes
    annotations: Mapping[str, Any]


def resolve(source: Source, reference: Reference, architecture: str = "amd64") -> Image:
    """Resolves a reference to one platform's manifest. Raises InputError where there is none."""
    found = source.manifest(reference)
    if not found.is_index:
        return Image(reference, found)
    chosen = platforms.choose(_objects(found, "manifests"), architecture)
    if chosen is None:
        return Image(reference, found, found)
    descriptor, platform = chosen
    return Image(reference, source.manifest(reference.with_digest(str(descriptor.get("digest")))), found, platform)


def find(source: Source, image: Image) -> Iterator[Attached]:
    """Everything attached to the image, at most fifty of a form to each of its manifests.

    Raises InputError or EnvironmentFault where that exceeds the budget.
    """
    hung = _Hung(source, image)
    for digest in image.digests:
        tag = digest.replace(":", "-")
        for form, suffix in (("signature", "sig"), ("attestation", "att")):
            yield from hung.legacy(digest, f"{tag}.{suffix}", form)
        yield from hung.bundles(digest)
    yield from islice(hung.stated(), _MOST)


class _Hung:
    """What hangs on one image, read within one budget."""

    def __init__(self, source: Source, image: Image) -> None:
        self._source = source
        self._image = image
        self._budget = Budget(image.reference)

    def legacy(self, digest: str, tag: str, form: str) -> Iterator[Attached]:
        reference = self._image.reference
        for layer in self._layers(Reference(reference.registry, reference.repository, tag))[:_MOST]:
            yield Attached(form, digest, self._blob(layer), _annotations(layer))

    def bundles(self, digest: str) -> Iterator[Attached]:
        for descriptor in self._source.referrers(self._image.reference, digest):
            if str(descriptor.get("artifactType", "")).startswith(BUNDLE):
                for layer in self._layers(self._named(descriptor))[:1]:
                    yield Attached("bundle", digest, self._blob(layer), _annotations(descriptor))

    def stated(self) -> Iterator[Attached]:
        """What BuildKit stores in the index beside a platform's manifest: statements that nobody signed."""
        own = self._image.manifest.digest
        listed = _objects(self._image.index, "manifests") if self._image.index else []
        about = (one for one in listed if _annotations(one).get("vnd.docker.reference.digest") == own)
        for descriptor in islice(about, _MOST):
            for layer in self._layers(self._named(descriptor)):
                if layer.get("mediaType") == IN_TOTO:
                    yield Attached("statement", own, self._blob(layer), {})

    def _named(self, descriptor: Mapping[str, Any]) -> Reference:
        return self._image.reference.with_digest(str(descriptor.get("digest")))

    def _layers(self, holder: Reference) -> list[Mapping[str, Any]]:
        found = self._source.find(holder)
        self._budget.spend(found.size if found else 0)
        return _objects(found, "layers") if found else []

    def _blob(self, layer: Mapping[str, Any]) -> bytes:
        data = self._source.blob(self._image.reference, str(layer.get("digest")), _SIZE)
        self._budget.spend(len(data))
        return data


def _annotations(descriptor: Mapping[str, Any]) -> Mapping[str, Any]:
    found = descriptor.get("annotations")
    return found if isinstance(found, dict) else {}


def _objects(manifest: Manifest, key: str) -> list[Mapping[str, Any]]:
    found: Any = manifest.content.get(key)
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []
