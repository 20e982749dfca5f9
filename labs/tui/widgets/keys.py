"""The keys at the foot of a screen: as many as there is room for, the last ones always."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len
from textual import events
from textual.app import ComposeResult
from textual.widget import Widget
from textual.widgets import Footer
from textual.widgets._footer import FooterKey

_LAST = 2
"""Keys that always stay: the help, and the way out."""
_SPACES = 3
"""Around a key and behind its word."""


class KeyLine(Footer):
    """Leaves out whole keys where not all of them fit, beginning before the last ones; `?` tells of all."""

    def compose(self) -> ComposeResult:
        """The keys, as Textual makes them."""
        found = list(super().compose())
        self._fit(found)
        yield from found

    def on_resize(self, event: events.Resize) -> None:
        """Fits them into another width."""
        self._fit(list(self.children))

    def _fit(self, found: Sequence[Widget]) -> None:
        keys = [one for one in found if isinstance(one, FooterKey)]
        left = self.screen.size.width - sum(map(_width, keys))
        for key in keys:
            key.display = True
        for key in reversed(keys[:-_LAST]):
            if left >= 0:
                break
            key.display = False
            left += _width(key)


def _width(key: FooterKey) -> int:
    return cell_len(key.key_display) + cell_len(key.description) + _SPACES
