"""What every picture needs."""

from __future__ import annotations

from tests.snapshots.quiet import notices_stay

__all__ = ["notices_stay"]
