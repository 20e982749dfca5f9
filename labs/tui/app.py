"""The Textual program behind `labs` without arguments."""

from __future__ import annotations

from pathlib import Path

from textual.app import App

from grader.course import Module
from labs.tui.screens.module import ModuleScreen
from labs.tui.session import Session


class LabsApp(App[None]):
    """Opens the module that comes next for the learner."""

    CSS_PATH = Path(__file__).parent / "labs.tcss"
    TITLE = "Platform Labs"
    ENABLE_COMMAND_PALETTE = False

    def __init__(self, session: Session, module: str | None = None) -> None:
        super().__init__()
        self.session = session
        self.first = module

    def on_mount(self) -> None:
        self.push_screen(ModuleScreen(self.session, self._first()))

    def _first(self) -> Module:
        if self.first:
            return self.session.course.module(self.first)
        written = [module for module in self.session.course.modules if module.written]
        return written[-1] if self.session.has_lab() else written[0]
