"""A list whose marked row has a sign before it, so that it is known without colours."""

from __future__ import annotations

from rich.segment import Segment
from textual.strip import Strip
from textual.widgets import OptionList

MARK = "▸ "


class MarkedList(OptionList):
    """Options stand behind the sign's room; one without a name is a heading, and stands at the edge."""

    def _get_left_gutter_width(self) -> int:
        return len(MARK)

    def render_line(self, y: int) -> Strip:
        """A line of an option, with the sign before the first line of the marked one."""
        strip = super().render_line(y)
        try:
            at, line = self._lines[self.scroll_offset.y + y]
        except IndexError:
            return strip
        style = next((one.style for one in strip), None)
        sign = Segment(MARK if (at, line) == (self.highlighted, 0) else " " * len(MARK), style)
        parts = [sign, *strip] if self.options[at].id is not None else [*strip, sign]
        return Strip(parts).apply_meta({"option": at})
