"""The samples as a simulated cluster and the oracle know them: digests, and who signed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from grader.kyverno.request import Signature
from labs.registry.build import Built
from labs.registry.samples import Sample, of
from labs.registry.signer import Logging, Validity

_LOGS = {Logging.LAB: "yes", Logging.FORGED: "forged", Logging.NONE: "no"}


def images(built: Iterable[Built]) -> dict[str, dict[str, Any]]:
    """What the lab's registry holds (`labs.cluster.simulated.settings.Settings.images`)."""
    return {
        f"{one.place.image}:{one.place.tag}": {
            "digest": one.image.digest,
            "provider": one.sample.provider,
            "signatures": [asdict(signature) for signature in signatures(one.sample)],
        }
        for one in built
    }


def signatures(sample: Sample) -> tuple[Signature, ...]:
    """Who signed a sample."""
    signer = of(sample.copies) if sample.copies else sample
    if signer.identity is None:
        return ()
    made = Signature(
        signer.identity.subject,
        signer.identity.issuer,
        authority=signer.trust.value,
        log=_LOGS[signer.logging],
        digest="other" if sample.copies else "same",
        bundle=True,
        current=signer.validity is Validity.LASTING,
        expired=signer.validity is Validity.EXPIRED,
    )
    return (made,)
