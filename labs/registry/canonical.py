"""JSON with one spelling."""

from __future__ import annotations

import json
from typing import Any


def dumps(value: Any) -> bytes:
    """RFC 8785 for what is used here: ASCII keys, strings, whole numbers below 2^53, lists, maps."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()
