"""What hangs on an image: legacy signatures and attestations by tag, Sigstore bundles by reference.

Sources: cosign 3.1.2, `pkg/oci/remote`; distribution-spec 1.1, "Listing Referrers"; BuildKit,
`docs/attestations/attestation-storage.md`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from labs.image.reference import Reference
from labs.image.source import Manifest, Source

BUNDLE = "application/vnd.dev.sigstore.bundle"
IN_TOTO = "application/vnd.in-toto+json"
_MOST = 50
_SIZE = 32 << 20


@dataclass(frozen=True, slots=True)
class Image:
    """An image as resolved: what was asked for, and the manifests it stands for.

    `index` is set where the reference names several platforms; `manifest` is the chosen one's.
    """

    reference: Reference
    manifest: Manifest
    index: Manifest | None = None

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
    platforms = _objects(found, "manifests")
    fitting = [one for one in platforms if _architecture(one) == architecture] or platforms
    chosen = source.manifest(reference.with_digest(str(fitting[0].get("digest")))) if fitting else found
    return Image(reference, chosen, found)


def _architecture(descriptor: Mapping[str, Any]) -> str:
    platform = descriptor.get("platform")
    return str(platform.get("architecture", "")) if isinstance(platform, dict) else ""


def find(source: Source, image: Image) -> Iterator[Attached]:
    """Everything attached to the image, at most fifty of a form."""
    for digest in image.digests:
        tag = digest.replace(":", "-")
        for form, suffix in (("signature", "sig"), ("attestation", "att")):
            yield from _legacy(source, image.reference, digest, f"{tag}.{suffix}", form)
        yield from _bundles(source, image.reference, digest)
    yield from _stated(source, image)


def _legacy(source: Source, reference: Reference, digest: str, tag: str, form: str) -> Iterator[Attached]:
    at = Reference(reference.registry, reference.repository, tag)
    holder = source.find(at)
    for layer in _objects(holder, "layers")[:_MOST] if holder else []:
        annotations = layer.get("annotations")
        data = source.blob(at, str(layer.get("digest")), _SIZE)
        yield Attached(form, digest, data, annotations if isinstance(annotations, dict) else {})


def _bundles(source: Source, reference: Reference, digest: str) -> Iterator[Attached]:
    for descriptor in source.referrers(reference, digest):
        if not str(descriptor.get("artifactType", "")).startswith(BUNDLE):
            continue
        holder = source.find(reference.with_digest(str(descriptor.get("digest"))))
        for layer in _objects(holder, "layers")[:1] if holder else []:
            annotations = descriptor.get("annotations")
            data = source.blob(reference, str(layer.get("digest")), _SIZE)
            yield Attached("bundle", digest, data, annotations if isinstance(annotations, dict) else {})


def _stated(source: Source, image: Image) -> Iterator[Attached]:
    """What BuildKit stores in the index beside a platform's manifest: statements that nobody signed."""
    for descriptor in _objects(image.index, "manifests") if image.index else []:
        about = descriptor.get("annotations")
        if not isinstance(about, dict) or about.get("vnd.docker.reference.digest") != image.manifest.digest:
            continue
        holder = source.find(image.reference.with_digest(str(descriptor.get("digest"))))
        for layer in _objects(holder, "layers")[:_MOST] if holder else []:
            if layer.get("mediaType") == IN_TOTO:
                data = source.blob(image.reference, str(layer.get("digest")), _SIZE)
                yield Attached("statement", image.manifest.digest, data, {})


def _objects(manifest: Manifest, key: str) -> list[Mapping[str, Any]]:
    found: Any = manifest.content.get(key)
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []
