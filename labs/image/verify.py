"""Verifying what is attached to an image: who signed it, what was checked, and what could not be."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from labs.image import attached, judge
from labs.image.attached import Attached, Image
from labs.image.certificates import Signed
from labs.image.roots import Roots
from labs.image.source import Source
from labs.image.statement import Statement


class Verdict(StrEnum):
    """What a signature is worth, best first."""

    GOOD = "good"
    OTHER = "other signer"
    NOT_TRUSTED = "not trusted"
    UNSIGNED = "unsigned"


@dataclass(frozen=True, slots=True)
class Finding:
    """One signature or attestation as judged.

    `form` is `legacy` or `bundle` (`statement` where nothing is signed), `about` the manifest it
    hangs on, `kind` the predicate type of an attestation and empty for a signature. `trust` names
    whose trust it holds by, and is empty where it does not hold; `reason` says why it does not.
    """

    form: str
    about: str
    kind: str
    signer: Signed | None
    index: int | None
    logged: datetime | None
    trust: str
    checked: tuple[str, ...]
    unchecked: tuple[str, ...]
    verdict: Verdict
    reason: str = ""
    statement: Statement | None = None


@dataclass(frozen=True, slots=True)
class Verification:
    """An image's signatures and attestations. `verdict` is that of its best signature."""

    image: Image
    wanted: Signed
    signatures: tuple[Finding, ...]
    attestations: tuple[Finding, ...]

    @property
    def verdict(self) -> Verdict:
        """Only signatures of the very digest that the reference stands for count."""
        own = [one.verdict for one in self.signatures if one.about == self.image.digest]
        return next((verdict for verdict in Verdict if verdict in own), Verdict.UNSIGNED)


def verify(source: Source, image: Image, trusts: Sequence[Roots], wanted: Signed) -> Verification:
    """Judges everything attached. Raises LabsError where the registry cannot be read."""
    found = [replace(one, statement=None) for one in judged(attached.find(source, image), trusts, wanted)]
    signatures = tuple(one for one in found if not one.kind)
    return Verification(image, wanted, signatures, tuple(one for one in found if one.kind))


def judged(things: Iterable[Attached], trusts: Sequence[Roots], wanted: Signed) -> Iterable[Finding]:
    """Each thing's finding. `trusts` are asked in turn; the first by which it holds is named."""
    return (finding(thing, trusts, wanted) for thing in things)


def finding(thing: Attached, trusts: Sequence[Roots], wanted: Signed) -> Finding:
    """The finding on one thing."""
    found = judge.read(thing)
    proof = judge.prove(found, thing, trusts)
    if proof.trust:
        verdict = Verdict.GOOD if found.signer == wanted else Verdict.OTHER
    else:
        verdict = Verdict.UNSIGNED if thing.form == "statement" else Verdict.NOT_TRUSTED
    reason = proof.reason or ("" if verdict is Verdict.GOOD else _difference(found.signer, wanted))
    return Finding(
        form="legacy" if thing.form in ("signature", "attestation") else thing.form,
        about=thing.digest,
        kind=found.kind,
        signer=found.signer,
        index=found.index,
        logged=found.logged,
        trust=proof.trust,
        checked=proof.checked,
        unchecked=proof.unchecked,
        verdict=verdict,
        reason=reason,
        statement=found.statement,
    )


def _difference(signer: Signed | None, wanted: Signed) -> str:
    parts = ["identity"] * (signer is None or signer.subject != wanted.subject)
    parts += ["issuer"] * (signer is None or signer.issuer != wanted.issuer)
    return f"another {' and '.join(parts)} than asked for"
