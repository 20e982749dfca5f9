"""`kill -9` at any moment leaves a state from which the same steps go on."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path


def test_authority_and_repositories_come_out_whole_wherever_they_were_killed(tmp_path: Path) -> None:
    root = Path(__file__).parents[3]
    surroundings = {**os.environ, "PYTHONPATH": str(root), "HOME": str(tmp_path), "GIT_CONFIG_NOSYSTEM": "1"}
    command = [sys.executable, "-m", "tests.unit.labs.killed", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=surroundings, cwd=root)
    first, *faults = done.stdout.splitlines()
    assert int(first.split()[0]) > 30
    assert faults == []
