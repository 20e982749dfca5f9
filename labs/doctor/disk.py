"""Is there room for images and the cluster?"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

from labs.doctor.finding import Finding, Level

NEEDED = 10 << 30


def check(places: dict[str, Path]) -> Iterator[Finding]:
    """One finding a place; its nearest folder that exists is measured."""
    for subject, place in places.items():
        folder = next((path for path in (place, *place.parents) if path.exists()), Path("/"))
        free = shutil.disk_usage(folder).free
        words = f"{free / 2**30:.0f} GiB free for {subject}"
        if free < NEEDED:
            fix = "Free some space; docker system prune shows what could go."
            yield Finding("disk", Level.WARN, f"only {words}; {NEEDED >> 30} GiB are wanted", fix)
        else:
            yield Finding("disk", Level.GOOD, words)
