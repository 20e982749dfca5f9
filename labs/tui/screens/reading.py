"""Something to read over the module: hints, a solution, all keys. One key may ask for more of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen

from grader.text import one_line
from labs.tui.widgets.folded import FoldedText, Hang, below_label

More = Callable[[], tuple[Content, str]]


class Reading(ModalScreen[None]):
    """A title and a text. `more` is what `key` does: it returns the text anew, and the line below it."""

    CSS_PATH = "../styles/dialogs.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,question_mark", "dismiss(None)", "Back"),
        Binding("y", "copy", "Copy", show=False),
    ]

    def __init__(
        self,
        title: str,
        text: Content,
        below: str = "",
        key: str = "",
        more: More | None = None,
        hang: Hang = below_label,
    ) -> None:
        super().__init__()
        self.heading = title
        self.text = text
        self.below = below
        self.key = key
        self.more = more
        self.hang = hang

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog reading") as box:
            box.border_title = Content(one_line(self.heading, 60))
            with VerticalScroll():
                yield FoldedText(self.text, self.hang, id="reading-text")

    def on_mount(self) -> None:
        self.app.clear_notifications()  # they would lie over the text
        self._tell()
        if self.more and self.key:
            self._bindings.bind(self.key, "more", "More")

    def _tell(self) -> None:
        below = f"{self.below}   " if self.below else ""
        self.query_one(".dialog").border_subtitle = Content(f"{below}↑ ↓ scrolls, Esc leaves")

    def action_more(self) -> None:
        """Shows more where there is more."""
        if self.more is None:
            return
        self.text, self.below = self.more()
        self.query_one("#reading-text", FoldedText).update(self.text)
        self._tell()
        self.query_one(VerticalScroll).scroll_end(animate=False)

    def action_copy(self) -> None:
        """Copies all of the text."""
        self.app.copy_to_clipboard(self.text.plain)
        self.notify("Copied.")
