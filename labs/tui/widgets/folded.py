"""Text whose long lines go on below their own beginning, not at the left edge."""

from __future__ import annotations

import re
from collections.abc import Callable

from rich.cells import get_character_cell_size
from textual.content import Content
from textual.css.styles import RulesMap
from textual.strip import Strip
from textual.style import Style
from textual.visual import RenderOptions, Visual
from textual.widgets import Label

Hang = Callable[[str], int]
"""How many cells from the left a line goes on, by its text."""

MARK = "↪ "
LABEL = 12
"""Cells of a check's label, with the space before and behind it."""
_LABELLED = re.compile(r" {2}\S[^\n]{0,8}\S? +")
_BEGINNING = re.compile(r" *(\$ |[-·] |\d+\. )?")


def below_code(line: str) -> int:
    """Code goes on where it began."""
    return len(line) - len(line.lstrip(" "))


def below_label(line: str) -> int:
    """What stands behind a label goes on behind it; a command or an item behind its sign."""
    if line[:LABEL].isspace() or (_LABELLED.fullmatch(line[:LABEL]) and line[2:4] != "$ "):
        return LABEL
    found = _BEGINNING.match(line)
    return found.end() if found else 0


def fold(text: Content, width: int, hang: Hang, mark: str = "") -> Content:
    """The text in lines of at most `width` cells; lines that go on begin with spaces and the mark."""
    lines: list[Content] = []
    for line in text.expand_tabs(4).split("\n", allow_blank=True):
        before = min(hang(line.plain), width // 2)
        begin = Content.assemble(" " * before, (mark, "$quiet"))
        first = True
        while (cut := _cut(line.plain, width if first else width - begin.cell_length)) is not None:
            lines.append(line[:cut].rstrip() if first else begin + line[:cut].rstrip())
            line, first = line[cut:], False
        lines.append(line if first else begin + line)
    return Content("\n").join(lines)


def _cut(line: str, width: int) -> int | None:
    """Where a line must end: behind its last space that fits, else where it is full. None where all of it fits."""
    used, space = 0, 0
    beginning = len(line) - len(line.lstrip(" "))
    for index, letter in enumerate(line):
        used += get_character_cell_size(letter)
        if used > width:
            return space or max(index, 1)
        if letter == " " and index > beginning:
            space = index + 1
    return None


class Folded(Visual):
    """A text that is folded when its width is known."""

    def __init__(self, text: Content, hang: Hang, mark: str) -> None:
        self.text = text
        self.hang = hang
        self.mark = mark
        self._kept: tuple[int, Content] = (0, text)

    def at(self, width: int) -> Content:
        """The text as it stands in so many cells."""
        if self._kept[0] != width:
            self._kept = (width, fold(self.text, max(width, 8), self.hang, self.mark))
        return self._kept[1]

    def render_strips(self, width: int, height: int | None, style: Style, options: RenderOptions) -> list[Strip]:
        """The lines, as Textual paints them."""
        return self.at(width).render_strips(width, height, style, options) if width else []

    def get_optimal_width(self, rules: RulesMap, container_width: int) -> int:
        """The width at which nothing is folded."""
        return self.text.get_optimal_width(rules, container_width)

    def get_height(self, rules: RulesMap, width: int) -> int:
        """The lines that it takes."""
        return self.at(width).get_height(rules, width)


class FoldedText(Label):
    """A text on screen whose long lines go on below their beginning."""

    def __init__(self, text: Content | str = "", hang: Hang = below_label, mark: str = "", *, id: str) -> None:  # noqa: A002
        super().__init__(text, id=id, markup=False)
        self._hang = hang
        self._mark = mark
        self._folded: Folded | None = None

    @property
    def visual(self) -> Visual:
        """The text, folded."""
        text = self.content if isinstance(self.content, Content) else Content(str(self.content))
        if self._folded is None or self._folded.text is not text:
            self._folded = Folded(text, self._hang, self._mark)
        return self._folded
