"""The line at the top of a screen that is about a lab: whether it is simulated, then what the screen shows."""

from __future__ import annotations

from textual.content import Content
from textual.widgets import Static


class TitleLine(Static):
    """One line. What does not fit is cut off at the right, so that the lab is simulated comes first."""

    def __init__(self, words: str, *, simulated: bool) -> None:
        told = ["simulated", words] if simulated else [words]
        super().__init__(Content(f" {'  │  '.join(told)}"), classes="title", markup=False)
