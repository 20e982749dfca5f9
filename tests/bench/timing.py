"""Paired timing: two things in turn in the same run, told as a ratio of medians."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

BIN = Path(sys.executable).parent


@dataclass(frozen=True)
class Row:
    """One comparison. Times are seconds; `budget` is the ratio that is aimed at."""

    what: str
    against: str
    seconds: float
    other: float
    budget: float

    def __str__(self) -> str:
        ratio = self.seconds / self.other
        word = "within" if ratio <= self.budget else "OVER"
        return (
            f"{self.what}: {self.seconds * 1000:.0f} ms; {self.against}: {self.other * 1000:.0f} ms; "
            f"ratio {ratio:.2f} ({word} the budget of {self.budget:g})"
        )


def paired(one: Callable[[], None], other: Callable[[], None], runs: int = 7) -> tuple[float, float]:
    """Medians of both, run in turn after one warm-up each."""
    times: tuple[list[float], list[float]] = ([], [])
    for index in range(runs + 1):
        for action, kept in ((one, times[0]), (other, times[1])):
            start = time.perf_counter()
            action()
            if index:
                kept.append(time.perf_counter() - start)
    return statistics.median(times[0]), statistics.median(times[1])


def command(*arguments: str) -> Callable[[], None]:
    """Runs a command to its end, its output thrown away."""
    environment = {**os.environ, "PATH": f"{BIN}{os.pathsep}{os.environ.get('PATH', '')}"}

    def run() -> None:
        subprocess.run(arguments, check=True, capture_output=True, env=environment)

    return run
