"""A table of a text: its columns share the room fairly, and a long word goes on below instead of being cut."""

from __future__ import annotations

from textual import events
from textual.app import ComposeResult
from textual.content import Content
from textual.widgets._markdown import MarkdownTable, MarkdownTableContent

from labs.tui.widgets.rows import fitting

_LINES = 1
"""Cells that the lines of the table take at either side."""


class Columns(MarkdownTableContent):
    """The cells. Where they do not fit side by side as they are, the wide columns share what the narrow ones leave."""

    DEFAULT_CSS = """
    Columns > .cell, Columns > .header {
        text-overflow: fold;
    }
    """

    def __init__(self, headers: list[Content], rows: list[list[Content]]) -> None:
        super().__init__(headers, rows)
        self._width = 0

    def on_resize(self, event: events.Resize) -> None:
        """Gives the columns their widths."""
        if event.size.width != self._width:
            self._width = event.size.width
            self.styles.grid_columns = self._shares(self._width)

    def _shares(self, width: int) -> str:
        """The columns' widths as Textual wants them; the last one takes what is left."""
        count = len(self.headers)
        texts = [[cell.plain for cell in row] for row in (self.headers, *self.rows) if len(row) == count]
        found = fitting(texts, width - (count + 1) * _LINES)
        return " ".join([*(str(one + 2) for one in found[:-1]), "1fr"]) if found else "auto"


class Table(MarkdownTable):
    """A table whose columns are `Columns`."""

    def compose(self) -> ComposeResult:
        """The cells."""
        self._headers, self._rows = self._get_headers_and_rows()
        yield Columns(self._headers, self._rows)
