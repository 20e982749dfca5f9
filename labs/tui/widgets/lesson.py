"""A module's text: Markdown whose code blocks can be chosen, copied, run and written to a file."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from textual import events, on
from textual._slug import TrackedSlugs
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import Markdown
from textual.widgets.markdown import MarkdownFence

from labs.learning.fence import NETWORK, Fence
from labs.tui.code import coloured
from labs.tui.widgets.folded import MARK, FoldedText, below_code
from labs.tui.widgets.tables import Table

_KEPT = 50
"""Places that can be gone back to."""
_CALM = 0.15
"""Seconds after the last change of the width."""
_UNSETTLED = -1


class CodeBlock(MarkdownFence, can_focus=True):
    """One code block. Its language says what may be done with it."""

    KEYS_OF = ("On a code block",)
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "tell('copy')", "Copy"),
        Binding("w", "write", "Write"),
        Binding("w", "tell('write')", show=False),
        Binding("r", "tell('run')", "Run"),
        Binding("r", "decline", show=False),
        Binding("enter", "tell('run')", "Run", show=False),
        Binding("enter", "decline", show=False),
    ]

    class Asked(Message):
        """A key was pressed on a block. `what` is copy, run or write."""

        def __init__(self, block: CodeBlock, what: str) -> None:
            super().__init__()
            self.block = block
            self.what = what

    @classmethod
    def highlight(cls, code: str, language: str, ansi: bool = False, dark: bool = False) -> Content:
        """The code with the program's own colours."""
        return coloured(code, Fence.of(language).language)

    @property
    def fence(self) -> Fence:
        """What stands behind the fence."""
        return Fence.of(self.lexer)

    @property
    def language(self) -> str:
        """The first word behind the fence, or nothing."""
        return self.fence.language

    @property
    def runnable(self) -> bool:
        """Whether it is for the lab's shell."""
        return self.fence.runnable

    def compose(self) -> ComposeResult:
        yield FoldedText(self._highlighted_code, below_code, MARK, id="code-content")

    def on_mount(self) -> None:
        needs = f"  {NETWORK}" if self.fence.network else ""
        self.border_title = Content({"bash": "shell"}.get(self.language, self.language) + needs)

    def on_focus(self, event: events.Focus) -> None:
        run = "r runs it, " if self.runnable else ""
        told = "y copies it" if self._restricted else f"{run}y copies it, w writes it to a file"
        self.border_subtitle = Content(told)

    def on_blur(self, event: events.Blur) -> None:
        self.border_subtitle = None

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offers to run what can be run, and to write what cannot; the same keys are answered here on all blocks."""
        if action == "decline" or (action == "tell" and "run" in parameters):
            may = self.runnable and not self._restricted
            return may == (action == "tell")
        return action != "write" or not (self.runnable or self._restricted)

    @property
    def _restricted(self) -> bool:
        """Whether nothing is run or written from here."""
        return getattr(self.app, "restricted", False)

    def action_write(self) -> None:
        """Has it written to a file."""
        self.action_tell("write")

    def action_decline(self) -> None:
        """Has it said that this is no command."""
        self.action_tell("run")

    def action_tell(self, what: str) -> None:
        """Passes the wish on to whoever can fulfil it."""
        self.post_message(self.Asked(self, what))


class LessonText(Markdown):
    """The text itself."""

    BLOCKS = {**Markdown.BLOCKS, "fence": CodeBlock, "code_block": CodeBlock, "table_open": Table}  # noqa: RUF012 (Textual's own)


class Lesson(VerticalScroll):
    """The text in its scrolling frame; goes to an anchor even while the text is still being built."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j", "scroll_down", "Down", show=False),
        Binding("k", "scroll_up", "Up", show=False),
        Binding("space", "page_down", "Page down", show=False),
    ]

    def __init__(self, text: str, *, id: str) -> None:  # noqa: A002 (Textual's own name)
        super().__init__(LessonText(text, open_links=False), id=id)
        self._wanted = ""
        self._heading: Widget | None = None
        self._left: list[float] = []
        self._place: tuple[Widget, float] | None = None
        self._width = 0
        self._settling: Timer | None = None

    @property
    def _document(self) -> LessonText:
        return self.query_one(LessonText)

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Notes what stands at the top, as long as the width is the one that it was laid out for."""
        super().watch_scroll_y(old_value, new_value)
        if self.size.width == self._width:
            self._place = next(
                ((block, new_value - block.virtual_region.y) for block in self._blocks_from(new_value)), None
            )

    def _blocks_from(self, line: float) -> Iterator[Widget]:
        return (block for block in self._document.children if block.virtual_region.bottom > line)

    def on_resize(self, event: events.Resize) -> None:
        """In another width every line has another number: what stood at the top comes back there."""
        if not self._width:
            self._width = self.size.width
        elif self.size.width not in (0, self._width):
            self._width = _UNSETTLED
            if self._settling:
                self._settling.stop()
            self._settling = self.set_timer(_CALM, self._settle)  # tables are laid out once more by then
            self.call_after_refresh(self._restore)

    def _settle(self) -> None:
        self._restore()
        self._width = self.size.width or _UNSETTLED

    def _restore(self) -> None:
        if self._place and self.size.width:
            block, below = self._place
            self.scroll_to(y=block.virtual_region.y + min(below, block.size.height), animate=False, immediate=True)

    def go(self, anchor: str) -> bool:
        """Shows a heading by its anchor. False where the text has none of that name."""
        if not self._document.table_of_contents:
            self._wanted = anchor
            return True
        slugs = TrackedSlugs()
        for _, title, block in self._document.table_of_contents:
            if slugs.slug(title) == anchor and block:
                self.to_heading(block)
                return True
        return False

    def to_heading(self, block: str) -> None:
        """Shows a heading by its identifier, and leaves the code block that was chosen elsewhere."""
        if self.has_focus_within:
            self.focus(scroll_visible=False)
        self._left = [*self._left[-_KEPT:], self.scroll_offset.y]
        self._heading = self._document.query_one(f"#{block}")
        self.call_after_refresh(self._heading.scroll_visible, top=True, animate=False, immediate=True)

    def back(self) -> bool:
        """Goes back to where the last jump began. False where there was none."""
        if not self._left:
            return False
        self._heading = None
        if self.has_focus_within:
            self.focus(scroll_visible=False)
        self.scroll_to(y=self._left.pop(), animate=False)
        return True

    def heading_here(self) -> str:
        """The identifier of the heading that one reads under, or nothing."""
        top = self._from()
        blocks = [block for _, _, block in self._document.table_of_contents if block]
        above = [one for one in blocks if self._document.query_one(f"#{one}").virtual_region.y <= top]
        return above[-1] if above else next(iter(blocks), "")

    @on(Markdown.TableOfContentsUpdated)
    def _built(self) -> None:
        wanted, self._wanted = self._wanted, ""
        if wanted:
            self.call_after_refresh(self.go, wanted)

    def choose_block(self, by: int) -> None:
        """Gives the focus to the next code block, or the one before. From the text: to the first one behind the heading
        that was jumped to, while it is in sight, else to the first one in sight."""
        blocks = list(self.query(CodeBlock))
        if not blocks:
            return
        at = next((index for index, block in enumerate(blocks) if block.has_focus), None)
        if at is None:
            top = self._from()
            below = [index for index, block in enumerate(blocks) if block.virtual_region.y >= top]
            at = (below[0] if below else len(blocks)) - (1 if by > 0 else 0)
        blocks[min(max(at + by, 0), len(blocks) - 1)].focus()

    def _from(self) -> float:
        """The line of the text from which the next block is looked for."""
        top = self.scroll_offset.y
        heading = self._heading.virtual_region.y if self._heading else top
        return heading if top <= heading < top + self.size.height else top
