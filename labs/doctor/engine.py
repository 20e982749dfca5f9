"""Does the Docker Engine answer, and with enough memory?"""

from __future__ import annotations

from collections.abc import Iterator

from labs.docker import Engine
from labs.doctor.finding import Finding, Level
from labs.errors import DockerFault

NEEDED = 4 << 30
"""Bytes: the whole lab takes up to 3 GiB, and the host wants some."""


def check(engine: Engine) -> Iterator[Finding]:
    """The engine's answer and its memory."""
    try:
        info = engine.info()
    except DockerFault as fault:
        yield Finding("docker", Level.BAD, fault.message, fault.advice or "")
        return
    yield Finding("docker", Level.GOOD, f"Docker {info.get('ServerVersion', '?')} answers")
    memory = info.get("MemTotal")
    if not isinstance(memory, int):
        yield Finding("memory", Level.WARN, "Docker does not say how much memory it has")
    elif memory < NEEDED:
        message = f"Docker has {memory / 2**30:.1f} GiB of memory; a lab wants {NEEDED >> 30} GiB"
        yield Finding("memory", Level.BAD, message, "Give Docker more memory in its settings, or use another machine.")
    else:
        yield Finding("memory", Level.GOOD, f"{memory / 2**30:.1f} GiB of memory")
