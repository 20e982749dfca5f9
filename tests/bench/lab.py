"""How long a simulated lab takes: made from nothing, and looked at when it is there."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.bench.timing import BIN, Row

RUNS = 5
_IMPORTS = "import labs.lab, labs.registry.build, labs.steps.simulated.bringup"


def rows() -> Iterator[Row]:
    """`labs up` against the start of a Python that imports what it needs: the rest is the lab itself."""
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "LABS_HOME": folder, "PATH": f"{BIN}{os.pathsep}{os.environ.get('PATH', '')}"}
        environment.pop("LABS_OVERRIDES", None)

        def labs(*arguments: str) -> None:
            subprocess.run([BIN / "labs", *arguments], check=True, capture_output=True, env=environment, cwd=Path("/"))

        def imports() -> None:
            subprocess.run([sys.executable, "-c", _IMPORTS], check=True, env=environment)

        made, looked, bare = [], [], []
        for _ in range(RUNS):
            bare.append(_seconds(imports))
            made.append(_seconds(lambda: labs("up", "--cluster", "simulated")))
            looked.append(_seconds(lambda: labs("up")))
            labs("down", "--discard")
    for what, times, budget in (("simulated lab up", made, 4.0), ("simulated lab looked at", looked, 2.0)):
        yield Row(what, "its imports alone", statistics.median(times), statistics.median(bare), budget)


def _seconds(action: Callable[[], None]) -> float:
    start = time.perf_counter()
    action()
    return time.perf_counter() - start
