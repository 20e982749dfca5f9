"""How long a program takes to say something: `--help`, and the first paint of the TUI."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from tests.bench.timing import BIN, Row, command, paired

_EMPTY = """
import os
from textual.app import App
class Empty(App):
    def on_ready(self): os._exit(0)
Empty().run(headless=True)
"""
_FIRST_PAINT = """
import os, tempfile
os.environ["LABS_HOME"] = tempfile.mkdtemp()
from labs.commands.session import LabSession
from labs.tui.app import LabsApp
from labs.tui.screens.home import HomeScreen
class Painted(LabsApp):
    def on_ready(self): os._exit(0 if isinstance(self.screen, HomeScreen) else 1)
Painted(LabSession()).run(headless=True)
"""


def rows() -> Iterator[Row]:
    """One row a program."""
    bare = command(sys.executable, "-c", "import click")
    for program in ("grader", "labs"):
        seconds, other = paired(command(str(BIN / program), "--help"), bare)
        yield Row(f"{program} --help", "import click", seconds, other, 3)
    seconds, other = paired(command(sys.executable, "-c", _FIRST_PAINT), command(sys.executable, "-c", _EMPTY))
    yield Row("first paint of the TUI", "an empty Textual app", seconds, other, 1.5)
