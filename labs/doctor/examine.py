"""All host checks, one after the other."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from labs import state
from labs.docker import Engine
from labs.doctor import disk, engine, inotify, tools
from labs.doctor.finding import Finding, Level


def all_checks(docker: Engine) -> Iterator[Finding]:
    """Every finding, as soon as it is known."""
    found = list(engine.check(docker))
    yield from found
    places = {"labs": state.home()}
    if found[0].level is Level.GOOD:
        root = Path(str(docker.info().get("DockerRootDir", "/")))
        if root.exists():  # an engine in a virtual machine names a folder that the host does not have
            places["Docker"] = root
    yield from disk.check(places)
    yield from inotify.check()
    yield from tools.check()
