"""All samples of a lab made: images, signatures and bills of materials in both forms."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from labs.registry import attachment, bundle, envelope, images, oci, samples, sbom
from labs.registry.authority import Authority
from labs.registry.runtime import Runtime
from labs.registry.samples import Place, Sample
from labs.registry.signer import Signer


@dataclass(frozen=True)
class Built:
    """One sample: its row, its place, its image, and what is pushed beside it."""

    sample: Sample
    place: Place
    image: oci.Artifact
    attached: tuple[oci.Artifact, ...]

    @property
    def artifacts(self) -> tuple[oci.Artifact, ...]:
        """All manifests, in an order in which each finds what it names."""
        return (self.image, *self.attached)


def build_all(authority: Authority, runtime: Runtime) -> tuple[Built, ...]:
    """Every sample, in the table's order. The same lab and runtime give the same bytes."""
    places = samples.places(authority)
    made = {row.name: _image(authority, row, places[row.name], runtime) for row in samples.SAMPLES}
    builder = samples.builder(authority)
    return tuple(
        Built(row, places[row.name], made[row.name], _attached(authority, builder, row, places, made, runtime))
        for row in samples.SAMPLES
    )


def artifacts(built: tuple[Built, ...]) -> list[oci.Artifact]:
    """All that a push has to bring."""
    return [artifact for one in built for artifact in one.artifacts]


def lab_samples(built: tuple[Built, ...]) -> dict[str, dict[str, str]]:
    """What a lab publishes about its samples (docs/architecture.md, `samples`)."""
    return {
        one.sample.name: {
            "image": one.place.image,
            "tag": one.place.tag,
            "digest": one.image.digest,
            "signature": one.sample.signature,
        }
        for one in built
    }


def _image(authority: Authority, row: Sample, place: Place, runtime: Runtime) -> oci.Artifact:
    return images.image(place.repository, place.tag, runtime, authority.created, provider=row.provider)


def _attached(
    authority: Authority,
    builder: Signer,
    row: Sample,
    places: Mapping[str, Place],
    made: Mapping[str, oci.Artifact],
    runtime: Runtime,
) -> tuple[oci.Artifact, ...]:
    """Signature and bill of materials, each in the legacy form and as a bundle.

    The bill is signed by whoever signed the image. Where nobody did, or the signature belongs to
    another image, the lab's builder signs it: a verifier that takes any bundle for a signature
    (Kyverno's `SigstoreBundle` type does) must not find a good one there.
    """
    image, place = made[row.name], places[row.name]
    about, digest = (places[row.copies], made[row.copies].digest) if row.copies else (place, image.digest)
    signer = samples.signer_of(authority, row)
    bundles: list[oci.Artifact] = []
    attached: list[oci.Artifact] = []
    if signer:
        attached.append(attachment.attach(image, "sig", [attachment.signature(signer, about.image, digest)]))
        bundles.append(_bundle(signer, image, about.image, digest, bundle.SIGNATURE, {}))
    stating = signer if signer and not row.copies else builder
    bill = sbom.document(image, place.tag, runtime, authority.created)
    stated = envelope.statement(envelope.STATEMENT_BEFORE, place.image, image.digest, sbom.PREDICATE, bill)
    legacy = attachment.attestation(stating, envelope.seal(stating, stated), sbom.PREDICATE)
    attached.append(attachment.attach(image, "att", [legacy]))
    bundles.append(_bundle(stating, image, place.image, image.digest, sbom.PREDICATE, bill))
    return (*attached, *bundles, bundle.referrers(image, bundles))


def _bundle(
    signer: Signer, image: oci.Artifact, name: str, digest: str, predicate_type: str, predicate: object
) -> oci.Artifact:
    stated = envelope.statement(envelope.STATEMENT, name, digest, predicate_type, predicate)
    sealed = bundle.bundle(signer, envelope.seal(signer, stated))
    return bundle.referrer(image, sealed, predicate_type, signer.time)
