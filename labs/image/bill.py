"""Finding an image's bill of materials among what is attached to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from labs.image import attached, sbom
from labs.image.attached import Image
from labs.image.certificates import Signed
from labs.image.roots import Roots
from labs.image.sbom import Bill
from labs.image.source import Source
from labs.image.verify import Finding, Verdict, judged


@dataclass(frozen=True, slots=True)
class Found:
    """A bill, and what is known of who says so."""

    bill: Bill
    finding: Finding


def find(source: Source, image: Image, trusts: Sequence[Roots], wanted: Signed) -> Found | None:
    """The bill whose signature is worth most; None where the image carries none.

    Only statements count whose subject is the digest that they hang on. Raises LabsError.
    """
    best: Found | None = None
    for one in judged(attached.find(source, image), trusts, wanted):
        said = one.statement
        bill = sbom.read(said.predicate) if said and one.about in said.subjects else None
        if bill and (best is None or _rank(one) < _rank(best.finding)):
            best = Found(bill, replace(one, statement=None))
    return best


def _rank(finding: Finding) -> int:
    """A signer whom the trust does not know is worth less than an open lack of one."""
    order = (Verdict.GOOD, Verdict.OTHER, Verdict.UNSIGNED, Verdict.NOT_TRUSTED)
    return order.index(finding.verdict)
