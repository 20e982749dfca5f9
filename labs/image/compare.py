"""How two images differ, by their bills of materials and their manifests."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from labs.image.attached import Image
from labs.image.bill import Found
from labs.image.platforms import Platform
from labs.image.sbom import Bill, Package

_LARGEST = 2**63
"""Of a layer in bytes: a descriptor's `size` is an int64 (image-spec 1.1, descriptor.md)."""


@dataclass(frozen=True, slots=True)
class Facts:
    """One image: its packed size in bytes, its layers, its bill and who vouches for it.

    `size` is None where it is not known, `found` where the image carries no bill.
    """

    name: str
    size: int | None
    layers: int
    found: Found | None
    platform: Platform | None = None

    @property
    def bill(self) -> Bill | None:
        """The bill itself."""
        return self.found.bill if self.found else None

    @property
    def packages(self) -> int | None:
        """How many packages, or None where the image does not say."""
        return len(self.bill.packages) if self.bill else None


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two images side by side. Equal packages are matched first, what is left of them by name.

    So a package that stands more than once is counted as often.
    """

    one: Facts
    other: Facts
    only_one: tuple[Package, ...]
    only_other: tuple[Package, ...]
    same: tuple[Package, ...]
    differing: tuple[tuple[Package, Package], ...]


def facts(image: Image, bill: Found | None) -> Facts:
    """What a comparison needs of an image."""
    layers: Any = image.manifest.content.get("layers")
    found = [one for one in layers if isinstance(one, dict)] if isinstance(layers, list) else []
    known = isinstance(layers, list) and all(_is_size(one.get("size")) for one in found)
    size = sum(one["size"] for one in found) if known else None
    return Facts(str(image.reference), size, len(found), bill, image.platform)


def _is_size(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _LARGEST


def compare(one: Facts, other: Facts) -> Comparison:
    """Matches the packages of both. Without a bill on a side nothing can be matched."""
    ours, theirs = (one.bill.packages, other.bill.packages) if one.bill and other.bill else ((), ())
    same, ours, theirs = _paired(ours, theirs, lambda package: (package.name, package.version))
    differing, ours, theirs = _paired(ours, theirs, lambda package: package.name)
    return Comparison(one, other, ours, theirs, tuple(package for package, _ in same), differing)


def _paired(
    ours: Iterable[Package], theirs: Iterable[Package], key: Callable[[Package], object]
) -> tuple[tuple[tuple[Package, Package], ...], tuple[Package, ...], tuple[Package, ...]]:
    """Pairs of equal keys, then what is left of either side; each package is in one of them, all sorted."""
    waiting: dict[object, deque[Package]] = defaultdict(deque)
    for package in sorted(theirs):
        waiting[key(package)].append(package)
    pairs: list[tuple[Package, Package]] = []
    alone: list[Package] = []
    for package in sorted(ours):
        fitting = waiting[key(package)]
        if fitting:
            pairs.append((package, fitting.popleft()))
        else:
            alone.append(package)
    return tuple(pairs), tuple(alone), tuple(sorted(package for left in waiting.values() for package in left))
