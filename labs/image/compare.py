"""How two images differ, by their bills of materials and their manifests."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from labs.image.attached import Image
from labs.image.sbom import Bill, Package

_LARGEST = 2**63
"""Of a layer in bytes: a descriptor's `size` is an int64 (image-spec 1.1, descriptor.md)."""


@dataclass(frozen=True, slots=True)
class Facts:
    """One image: its packed size in bytes (None where it is not known), its layers, and its bill if it carries one."""

    name: str
    size: int | None
    layers: int
    bill: Bill | None

    @property
    def packages(self) -> int | None:
        """How many packages, or None where the image does not say."""
        return len(self.bill.packages) if self.bill else None


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two images side by side. Packages are matched by name."""

    one: Facts
    other: Facts
    only_one: tuple[Package, ...]
    only_other: tuple[Package, ...]
    same: tuple[Package, ...]
    differing: tuple[tuple[Package, Package], ...]


def facts(image: Image, bill: Bill | None) -> Facts:
    """What a comparison needs of an image."""
    layers: Any = image.manifest.content.get("layers")
    found = [one for one in layers if isinstance(one, dict)] if isinstance(layers, list) else []
    known = isinstance(layers, list) and all(_is_size(one.get("size")) for one in found)
    return Facts(str(image.reference), sum(one["size"] for one in found) if known else None, len(found), bill)


def _is_size(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _LARGEST


def compare(one: Facts, other: Facts) -> Comparison:
    """Matches the packages of both. Without a bill on a side nothing can be matched."""
    ours = {package.name: package for package in one.bill.packages} if one.bill else {}
    theirs = {package.name: package for package in other.bill.packages} if other.bill else {}
    both = sorted(ours.keys() & theirs.keys())
    return Comparison(
        one,
        other,
        tuple(ours[name] for name in sorted(ours.keys() - theirs.keys())),
        tuple(theirs[name] for name in sorted(theirs.keys() - ours.keys())),
        tuple(ours[name] for name in both if ours[name].version == theirs[name].version),
        tuple((ours[name], theirs[name]) for name in both if ours[name].version != theirs[name].version),
    )
