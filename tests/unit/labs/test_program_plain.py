"""Without a terminal `labs` says in plain lines where one stands, and does not open a screen."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path


def test_without_a_terminal(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "labs"],
        env={**os.environ, "LABS_HOME": str(tmp_path)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "no lab yet" in done.stdout
    assert "Module 00-getting-started" in done.stdout
    assert "\x1b" not in done.stdout
