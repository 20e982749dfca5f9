"""A table of a demonstration: its rows are text, never markup, and can be filtered."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len
from rich.text import Text
from textual.content import Content
from textual.widgets import DataTable
from textual.widgets.data_table import RowKey

from grader.text import one_line
from labs.learning.demonstrations.scene import Row, Table
from labs.tui.widgets.folded import fold

_CELL = 90
_PADDING = 2
"""Characters beside each column's text."""
_BAR = 2
"""Characters of the scrollbar."""


_DEEPER = "  "


class RowsTable(DataTable[Text]):
    """The rows that have the letters of `words` in a cell, all of them where it is empty.

    Where the columns would be wider together than `room` characters (0: never), cells are folded; or, if `stacked`,
    a row's cells stand below one another, each behind its column's name.
    """

    def __init__(self, found: Table, words: str = "", room: int = 0, *, stacked: bool = False) -> None:
        super().__init__(cursor_type="row", zebra_stripes=False, classes="of-scene")
        wanted = words.casefold()
        self.found = found
        self.words = words
        self.room = room
        self.stacked = stacked
        self.kept = [one for one in found.rows if any(wanted in cell.casefold() for cell in one.cells)]

    @property
    def heading(self) -> str:
        """The table's title, and how many rows are shown."""
        title = f"{self.found.title[:1].upper()}{self.found.title[1:]}"
        if not self.words:
            return f"{title}: {len(self.kept)} rows"
        return f"{title}: {len(self.kept)} of {len(self.found.rows)} rows have “{one_line(self.words, 40)}”"

    def on_mount(self) -> None:
        rows = [[one_line(cell, _CELL) for cell in one.cells] for one in self.kept]
        widths = fitting([*rows, self.found.columns], self.room - _BAR) if self.room else ()
        if widths and self.stacked:
            self._stack(rows)
            return
        for index, column in enumerate(self.found.columns):
            self.add_column(Text(column), width=widths[index] if widths else None)
        for index, row in enumerate(rows):
            cells = (Text(cell, overflow="fold") for cell in row)
            self.add_row(*cells, height=None if widths else 1, key=str(index))

    def _stack(self, rows: Sequence[Sequence[str]]) -> None:
        """One column: the first cell, and the others behind their columns' names; what says nothing is left out."""
        first, *others = self.found.columns
        width = self.room - _BAR - _PADDING
        self.add_column(Text(first), width=width)
        for index, row in enumerate(rows):
            told = [
                f"{_DEEPER}{name}: {cell}" for name, cell in zip(others, row[1:], strict=True) if cell not in ("", "-")
            ]
            block = fold(Content("\n".join([row[0], *told])), width, _hang)
            self.add_row(Text(block.plain), height=None, key=str(index))

    def row(self, key: RowKey) -> Row | None:
        """The row that a key stands for."""
        index = int(key.value) if key.value is not None else -1
        return self.kept[index] if 0 <= index < len(self.kept) else None


def _hang(line: str) -> int:
    return len(_DEEPER) * 2 if line.startswith(_DEEPER) else len(_DEEPER)


def fitting(rows: Sequence[Sequence[str]], room: int) -> tuple[int, ...]:
    """The columns' widths so that all fit into so many characters: the wide ones share what the narrow ones leave.

    Empty where they fit as they are.
    """
    wide = [max(cell_len(cell) for cell in column) for column in zip(*rows, strict=True)]
    left = room - _PADDING * len(wide)
    if sum(wide) <= left:
        return ()
    found = [0] * len(wide)
    for done, index in enumerate(sorted(range(len(wide)), key=lambda one: wide[one])):
        found[index] = max(min(wide[index], left // (len(wide) - done)), 1)
        left -= found[index]
    return tuple(found)
