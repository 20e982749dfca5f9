"""The exercise's probes as questions to the oracle, with the signatures that a lab's samples carry."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from grader.course import ProbeSpec
from grader.evidence.kustomize import NAMES
from grader.kyverno import oracle, public_good
from grader.kyverno.oracle import Answer, Prediction
from grader.kyverno.request import Image, Probe, identity
from grader.kyverno.response import Status
from grader.kyverno.review import PolicyReview
from grader.kyverno.trust import Known
from grader.manifest import Document, load
from labs.registry.samples import Sample, of
from labs.registry.table import signatures

_PLACES = {
    "container": "containers",
    "second": "containers",
    "init": "initContainers",
    "ephemeral": "ephemeralContainers",
}
_DIGEST = "sha256:" + "5" * 64

LAB = Known(
    roots={"public": "".join(public_good.WORLD.roots.values())},
    rekor_keys={"public": public_good.REKOR},
    ct_keys={"public": public_good.CTFE},
    complete=True,
)
"""What a lab's Kyverno makes of a policy that pins: the public good instance signed none of its samples."""


def documents(folder: Path) -> list[Document]:
    """The manifests of a solution or mutant. Raises ManifestError where one cannot be read."""
    paths = (path for path in sorted(folder.rglob("*")) if path.is_file())
    kept = [path for path in paths if path.name != "about.yaml" and path.name not in NAMES]
    return [document for path in kept for document in load(path.read_bytes(), path.name)]


def unmet(policies: list[PolicyReview], specs: tuple[ProbeSpec, ...]) -> set[str]:
    """The probes whose predicted answer is not the one expected."""
    return {spec.id for spec in specs if not _met(spec, oracle.answer(policies, question(spec), public_good.WORLD))}


def _met(spec: ProbeSpec, predicted: Prediction) -> bool:
    assert predicted.answer is not Answer.CANNOT_TELL, f"{spec.id}: {predicted.reason} at {predicted.where}"
    admitted = predicted.answer is Answer.ADMITTED
    touched = not admitted or any(status is not Status.SKIP for status in _statuses(predicted))
    return {"admitted": admitted, "denied": not admitted, "touched": touched, "untouched": not touched}[spec.expect]


def _statuses(predicted: Prediction) -> Iterator[Status]:
    for rules in predicted.looked.values():
        for images in rules.values():
            yield from images.values()


def question(spec: ProbeSpec) -> Probe:
    """The probe with what the registry of a lab holds."""
    image = _image(of(spec.sample), _PLACES[spec.where], spec.reference)
    beside = (_image(of("unrelated-signed"), "containers", "tag"),) if spec.where in ("second", "init") else ()
    return Probe(spec.id, image, spec.namespace, spec.kind, identity(spec.identity), beside=beside)


def _image(sample: Sample, where: str, reference: str) -> Image:
    kind = "provider" if sample.provider else "image"
    name = f"cgr.dev/chainguard/{kind}-{sample.name.replace('-', '')}"
    return Image(f"{name}@{_DIGEST}" if reference == "digest" else f"{name}:v1.2.3", where, _DIGEST, signatures(sample))
