"""What was found, as JSON (the schema names stand in each document)."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from labs.image.attached import Image
from labs.image.bill import Found
from labs.image.compare import Comparison, Facts
from labs.image.platforms import Platform
from labs.image.trusts import told
from labs.image.verify import Finding, Verification

Json = dict[str, Any]


def verification(found: Verification) -> Json:
    """`platform-labs/image-verification/v1`."""
    return {
        "schema": "platform-labs/image-verification/v1",
        "image": str(found.image.reference),
        "digest": found.image.digest,
        "platform": _platform(found.image.platform),
        "wanted": {"identity": found.wanted.subject, "issuer": found.wanted.issuer},
        "verdict": found.verdict.value,
        "signatures": [finding(one) for one in found.signatures],
        "attestations": [finding(one) for one in found.attestations],
    }


def finding(one: Finding) -> Json:
    """One signature or attestation; what is unknown is null."""
    return {
        "form": one.form,
        "about": one.about,
        "predicateType": one.kind or None,
        "verdict": one.verdict.value,
        "reason": one.reason or None,
        "identity": one.signer.subject if one.signer else None,
        "issuer": one.signer.issuer if one.signer else None,
        "logIndex": one.index,
        "loggedAt": one.logged.isoformat() if one.logged else None,
        "trust": told(one.trust) if one.trust else None,
        "checked": list(one.checked),
        "notChecked": list(one.unchecked),
    }


def bill(image: Image, found: Found) -> Json:
    """`platform-labs/image-sbom/v1`."""
    return {
        "schema": "platform-labs/image-sbom/v1",
        "image": str(image.reference),
        "digest": image.digest,
        "platform": _platform(image.platform),
        "format": found.bill.format,
        "attestation": finding(found.finding),
        "packages": [asdict(one) for one in found.bill.packages],
    }


def comparison(found: Comparison) -> Json:
    """`platform-labs/image-comparison/v1`."""
    return {
        "schema": "platform-labs/image-comparison/v1",
        "images": [_facts(found.one), _facts(found.other)],
        "same": [asdict(one) for one in found.same],
        "differing": [{"name": a.name, "versions": [a.version, b.version]} for a, b in found.differing],
        "onlyFirst": [asdict(one) for one in found.only_one],
        "onlySecond": [asdict(one) for one in found.only_other],
    }


def _facts(facts: Facts) -> Json:
    return {
        "image": facts.name,
        "platform": _platform(facts.platform),
        "packages": facts.packages,
        "bytes": facts.size,
        "layers": facts.layers,
        "sbom": facts.bill.format if facts.bill else None,
        "attestation": finding(facts.found.finding) if facts.found else None,
    }


def _platform(found: Platform | None) -> Json | None:
    """Which of an index's platforms was looked at; null for an image of one platform."""
    return asdict(found) | {"name": found.name or None} if found else None
