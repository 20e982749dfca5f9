"""`labs shell`: the learner's place to work."""

from __future__ import annotations

import os
import subprocess
import sys

from labs import console
from labs import lab as labs
from labs.errors import NoLab


def enter(name: str, command: str | None) -> None:
    """Opens a shell in the clone, or runs one command there and ends with its exit code.

    The cluster is not asked first: Git works without it, and kubectl says itself when it is away.
    Raises NoLab.
    """
    lab = labs.find(name)
    if not lab.folder.clone.is_dir():
        raise NoLab(f"the lab {name} has no clone yet", advice=f"labs up {name} goes on with it.")
    surroundings = lab.environment()
    surroundings["PATH"] = f"{os.path.dirname(sys.executable)}{os.pathsep}{surroundings.get('PATH', '')}"
    if command is not None:
        done = subprocess.run(["bash", "-c", command], cwd=lab.folder.clone, env=surroundings, check=False)
        sys.exit(done.returncode)
    console.say(f"This shell belongs to the lab {name}; leave it with exit.")
    subprocess.run([console.shell(), "-i"], cwd=lab.folder.clone, env=_prompted(surroundings, name), check=False)


def _prompted(surroundings: dict[str, str], name: str) -> dict[str, str]:
    """The lab's name in the prompt, for shells that take it from the environment."""
    mark = f"(lab {name}) "
    return {**surroundings, "PS1": mark + r"\w \$ ", "PROMPT": f"{mark}%~ %# "}
