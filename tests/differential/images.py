"""Generated items of `verifyImages`: which images, who signed them, what becomes of the others."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from grader.evidence.lab import Sample
from labs.registry.samples import GITHUB, OFFICIAL
from tests.differential.draw import Draw
from tests.differential.signers import KEY, attestors

Samples = Mapping[str, Sample]
Item = dict[str, Any]

PROVIDERS = "cgr.dev/chainguard/provider-*"
_WILDCARDS = (
    "cgr.dev/chainguard/*", "*", "cgr.dev/*", "*/provider-*", "cgr.dev/*/provider-*:v*", "cgr.dev/chainguard/*-*",
    "cgr.dev/chainguard/provider-????:*", "cgr.dev/chainguard/provider-*@sha256:*", "*:v1*", "cgr.dev/??ainguard/*",
    "cgr.dev/chainguard/provider-*:v?.*",
)  # fmt: skip
_NEVER = (
    "chainguard/provider-*", "docker.io/chainguard/provider-*", "https://cgr.dev/chainguard/provider-*",
    "cgr.dev/chainguard/provider-", "cgr.dev/chainguard/provider-????", "CGR.DEV/chainguard/provider-*", "",
    "cgr.dev/chainguard/provider-*:latest", "ghcr.io/*", "cgr.dev/chainguard/provider-[a-z]*",
)  # fmt: skip


def item(draw: Draw, samples: Samples, *, deprecated: bool) -> Item:
    """One item. `deprecated` allows fields that v2beta1 does not know."""
    found: Item = {"imageReferences": _references(draw, samples)}
    if deprecated and draw.takes("legacy"):
        _legacy(draw, found)
    elif not draw.takes("attestors.none"):
        found["attestors"] = attestors(draw)
    if draw.takes("images.skip"):
        found["skipImageReferences"] = [_skipped(draw, samples)]
    if draw.takes("attestors.bundle"):
        found["type"] = "SigstoreBundle"
    for field in ("required", "verifyDigest"):
        if draw.takes(field):
            found[field] = draw.mostly(False, True, chance=0.85)
    if draw.takes("mutateDigest"):
        found["mutateDigest"] = False
    if draw.random.random() < 0.1:
        found["useCache"] = False
    return found


def _references(draw: Draw, samples: Samples) -> list[str]:
    count = draw.one(2, 3) if draw.takes("images.several") else 1
    return [_reference(draw, samples) for _ in range(count)]


def _reference(draw: Draw, samples: Samples) -> str:
    if draw.takes("images.never"):
        return draw.one(*_NEVER)
    if draw.takes("images.exact"):
        return _exact(draw, samples)
    if draw.takes("images.wildcard"):
        return draw.one(*_WILDCARDS)
    return PROVIDERS


def _exact(draw: Draw, samples: Samples) -> str:
    one = samples[draw.one("signed", "signed", "unsigned", "other-workflow", "unrelated")]
    return draw.one(
        f"{one.image}:{one.tag}", f"{one.image}*", f"{one.image}:*", one.image, f"{one.image}@{one.digest}",
        f"{one.image}:{one.tag}@{one.digest}", f"{one.image}:{one.tag}*",
    )  # fmt: skip


def _skipped(draw: Draw, samples: Samples) -> str:
    return draw.one(_exact(draw, samples), f"{samples['unsigned'].image}*", draw.one(*_WILDCARDS), draw.one(*_NEVER))


def _legacy(draw: Draw, found: Item) -> None:
    """The fields that were there before `imageReferences` and `attestors`."""
    if draw.random.random() < 0.6:
        found["image"] = found.pop("imageReferences")[0] or PROVIDERS
    form = draw.one("issuer", "key", "both", "image", "image", "image")
    if form in ("issuer", "both"):
        found["issuer"] = draw.mostly(GITHUB, "https://*", "https://other.invalid")
        found["subject"] = draw.mostly(OFFICIAL.subject, "https://github.com/*", "other")
    if form == "key":
        found["key"] = KEY
    if form in ("both", "image"):
        found["attestors"] = attestors(draw)
