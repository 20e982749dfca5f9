"""Which of an index's platforms is looked at (image-spec 1.1, image-index.md)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from grader.text import one_line

Descriptor = Mapping[str, Any]
_OS = "linux"
_UNKNOWN = "unknown"
"""BuildKit's word for what is no image but speaks about one (`docs/attestations/attestation-storage.md`)."""


@dataclass(frozen=True, slots=True)
class Platform:
    """The platform looked at, as OS/ARCHITECTURE[/VARIANT]; `name` is empty where the index does not say.

    `wanted` is the one that was looked for; `fits` tells whether the index has it.
    """

    name: str
    wanted: str
    fits: bool


def choose(descriptors: Sequence[Descriptor], architecture: str) -> tuple[Descriptor, Platform] | None:
    """The manifest for Linux on `architecture`, else the first image; None where nothing is listed."""
    named = [(one, _parts(one)) for one in descriptors]
    images = [(one, parts) for one, parts in named if _UNKNOWN not in parts] or named
    fitting = [(one, parts) for one, parts in images if parts[1] == architecture and parts[0] in (_OS, "")]
    if not images:
        return None
    chosen, parts = (fitting or images)[0]
    return chosen, Platform("/".join(part for part in parts if part), f"{_OS}/{architecture}", bool(fitting))


def told(platform: Platform) -> str:
    """In words, which one it is, and that it is not the one looked for."""
    name = platform.name or "not named"
    return name if platform.fits else f"{name} (the index has none for {platform.wanted})"


def _parts(descriptor: Descriptor) -> tuple[str, str, str]:
    found = descriptor.get("platform")
    platform: Mapping[str, Any] = found if isinstance(found, dict) else {}
    os, architecture, variant = (
        one_line(value, 40) if isinstance(value := platform.get(key), str) else ""
        for key in ("os", "architecture", "variant")
    )
    return os, architecture, variant
