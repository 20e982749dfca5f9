"""Whether a live object still is what a file says: the API server and webhooks may only have added to it."""

from __future__ import annotations

from typing import Any

from grader.manifest import Path


def difference(wanted: Any, live: Any, path: Path = ()) -> Path | None:
    """The first place where `live` lacks something of `wanted`, or None where it holds it all.

    Defaults that the server wrote (Kyverno's CRD has many) may be there besides. Lists must be
    alike item by item: one more rule in the cluster is a difference. What a file sets to null or
    to nothing at all may be missing.
    """
    if isinstance(wanted, dict):
        if not isinstance(live, dict):
            return None if not wanted and live is None else path
        found = (difference(value, live.get(key), (*path, key)) for key, value in wanted.items())
        return next((place for place in found if place is not None), None)
    if isinstance(wanted, list):
        if not isinstance(live, list):
            return None if not wanted and live is None else path
        if len(wanted) != len(live):
            return path
        found = (
            difference(one, other, (*path, index)) for index, (one, other) in enumerate(zip(wanted, live, strict=True))
        )
        return next((place for place in found if place is not None), None)
    if wanted is None or wanted == live:
        return None
    return None if str(wanted) == str(live) and not isinstance(live, bool) else path
