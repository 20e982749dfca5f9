"""The programs of a simulated lab's shell that the machine need not have."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path

from labs.state import write

_HELM = (
    '#!/bin/sh\nPYTHONPATH={source}${{PYTHONPATH:+:$PYTHONPATH}} exec {python} -m labs.cluster.simulated.helm "$@"\n'
)


def install(folder: Path) -> Path:
    """Writes `helm` into a folder for PATH, and returns the folder."""
    source = Path(__file__).resolve().parents[3]
    text = _HELM.format(source=shlex.quote(str(source)), python=shlex.quote(sys.executable))
    write(folder / "helm", text.encode(), 0o755)
    return folder
