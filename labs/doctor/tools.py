"""Are the programs that a lab runs on PATH, in versions that fit? (kind itself runs docker.)"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from labs import state
from labs.doctor.finding import Finding, Level

_VERSION = re.compile(r"v?(\d+)\.(\d+)(?:\.\d+)?")


@dataclass(frozen=True, slots=True)
class Tool:
    """A program, how to ask its version, the least that fits, and where to get it."""

    name: str
    ask: tuple[str, ...]
    least: tuple[int, int]
    get: str


TOOLS = (
    Tool("docker", ("--version",), (20, 10), "https://docs.docker.com/engine/install/"),
    Tool("kind", ("version", "-q"), (0, 27), "https://kind.sigs.k8s.io/docs/user/quick-start/#installation"),
    Tool("helm", ("version", "--short"), (3, 14), "https://helm.sh/docs/intro/install/"),
    Tool("kubectl", ("version", "--client"), (1, 30), "https://kubernetes.io/docs/tasks/tools/"),
    Tool("git", ("--version",), (2, 28), "https://git-scm.com/downloads"),
)


def check() -> Iterator[Finding]:
    """One finding a tool."""
    for tool in TOOLS:
        yield _look(tool)


def look(name: str) -> Finding:
    """The finding on one of the tools. KeyError for another name."""
    return _look({tool.name: tool for tool in TOOLS}[name])


def _look(tool: Tool) -> Finding:
    path = shutil.which(tool.name, path=_path())
    if path is None:
        return Finding(tool.name, Level.BAD, f"{tool.name} is not on PATH", f"Get it: {tool.get}")
    try:
        done = subprocess.run([path, *tool.ask], capture_output=True, text=True, timeout=10, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        return Finding(
            tool.name, Level.WARN, f"{path} does not say its version ({type(error).__name__})", f"Get it: {tool.get}"
        )
    found = _VERSION.search(done.stdout)
    if found is None:
        return Finding(
            tool.name, Level.WARN, f"{path} does not say its version", f"At least {_shown(tool.least)} is needed."
        )
    if (int(found[1]), int(found[2])) < tool.least:
        message = f"{tool.name} {found[0]} is too old: at least {_shown(tool.least)} is needed"
        return Finding(tool.name, Level.BAD, message, f"Get it: {tool.get}")
    return Finding(tool.name, Level.GOOD, f"{tool.name} {found[0].removeprefix('v')}")


def _path() -> str:
    """PATH without what labs put there for their shells: the programs of a simulated one stand in for real ones."""
    own = (state.home() / "labs").resolve()
    entries = os.environ.get("PATH", os.defpath).split(os.pathsep)
    return os.pathsep.join(one for one in entries if not Path(one).resolve().is_relative_to(own))


def _shown(version: tuple[int, int]) -> str:
    return f"{version[0]}.{version[1]}"
