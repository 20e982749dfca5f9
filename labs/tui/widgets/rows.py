"""A table of a demonstration: its rows are text, never markup, and can be filtered."""

from __future__ import annotations

from rich.text import Text
from textual.widgets import DataTable
from textual.widgets.data_table import RowKey

from grader.text import one_line
from labs.learning.demonstrations.scene import Row, Table

_CELL = 90


class RowsTable(DataTable[Text]):
    """The rows that have the letters of `words` in a cell, all of them where it is empty."""

    def __init__(self, found: Table, words: str = "") -> None:
        super().__init__(cursor_type="row", zebra_stripes=False, classes="of-scene")
        wanted = words.casefold()
        self.found = found
        self.words = words
        self.kept = [one for one in found.rows if any(wanted in cell.casefold() for cell in one.cells)]

    @property
    def heading(self) -> str:
        """The table's title, and how many rows are shown."""
        title = f"{self.found.title[:1].upper()}{self.found.title[1:]}"
        if not self.words:
            return f"{title}: {len(self.kept)} rows"
        return f"{title}: {len(self.kept)} of {len(self.found.rows)} rows have “{one_line(self.words, 40)}”"

    def on_mount(self) -> None:
        for column in self.found.columns:
            self.add_column(Text(column))
        for index, one in enumerate(self.kept):
            self.add_row(*(Text(one_line(cell, _CELL)) for cell in one.cells), key=str(index))

    def row(self, key: RowKey) -> Row | None:
        """The row that a key stands for."""
        index = int(key.value) if key.value is not None else -1
        return self.kept[index] if 0 <= index < len(self.kept) else None
