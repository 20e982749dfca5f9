"""Amounts in words, for people."""

from __future__ import annotations


def size(amount: int | None) -> str:
    """Bytes as kB (thousands) or MB (millions); None where they are not known."""
    if amount is None:
        return "unknown"
    return f"{amount / 1e3:.1f} kB" if amount < 999_950 else f"{amount / 1e6:.1f} MB"


def packages(count: int | None) -> str:
    """How many packages; None where the image does not say."""
    if count is None:
        return "carries no SBOM"
    return f"{count} package" + "s" * (count != 1)
