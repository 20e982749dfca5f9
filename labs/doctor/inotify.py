"""Linux' limits on file watches: a node with too few does not come up (kind, "Known issues")."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from labs.doctor.finding import Finding, Level

LEAST = {"max_user_instances": 256, "max_user_watches": 131_072}


def check(folder: Path = Path("/proc/sys/fs/inotify")) -> Iterator[Finding]:
    """One finding a limit; none where the system has no such limits."""
    for name, least in LEAST.items():
        try:
            value = int((folder / name).read_text())
        except (OSError, ValueError):
            continue
        if value < least:
            message = f"fs.inotify.{name} is {value}; several clusters want {least}"
            yield Finding("inotify", Level.WARN, message, f"sudo sysctl fs.inotify.{name}={4 * least}")
        else:
            yield Finding("inotify", Level.GOOD, f"fs.inotify.{name} is {value}")
