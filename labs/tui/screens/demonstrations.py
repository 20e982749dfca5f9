"""The demonstrations: what there is on the left; what was asked and answered, with its tables, on the right."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING, ClassVar, cast

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.screen import Screen
from textual.widgets import DataTable, OptionList, Static
from textual.widgets.option_list import Option
from textual.worker import get_current_worker

from grader.errors import LabsError
from grader.text import clean, one_line
from labs.learning.demonstrations.scene import Entry, Row, Scene
from labs.tui.screens.dialogs import Ask
from labs.tui.screens.reading import Reading
from labs.tui.session import Demonstrations, Session
from labs.tui.widgets.folded import Folded, FoldedText
from labs.tui.widgets.keys import KeyLine
from labs.tui.widgets.marked import MarkedList
from labs.tui.widgets.rows import RowsTable
from labs.tui.widgets.title import TitleLine

if TYPE_CHECKING:
    from labs.tui.app import LabsApp

_HEADINGS = {
    "images": "Images that run",
    "sbom": "What is in them",
    "admission": "At the door",
    "providers": "Two providers",
}
_BESIDE = 100
"""Columns of the screen from which on a row's cells may stand side by side, however narrow that makes them."""
_ASKING = Content.styled("Asking the lab…", "$quiet")


class DemonstrationsScreen(Screen[None]):
    """One demonstration at a time, each asked when it is chosen."""

    CSS_PATH = "../styles/demonstrations.tcss"
    KEYS_OF = ("Demonstrations",)
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "dismiss", "Back"),
        Binding("tab", "app.focus_next", "Switch"),
        Binding("g", "ask", "Ask anew"),
        Binding("slash", "filter", "Filter", key_display="/"),
        Binding("y", "copy", "Copy request"),
        Binding("question_mark", "app.keys", "Keys", key_display="?"),
    ]

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self.wanted = ""
        self.words = ""
        self._shows: Demonstrations | None = None
        self._scenes: dict[str, Scene] = {}
        self._asking = Lock()

    def compose(self) -> ComposeResult:
        words = "Demonstrations: Tab goes to the tables, Enter opens a row"
        yield TitleLine(words, simulated=self.session.is_simulated)
        with Horizontal(id="shows-body"):
            yield MarkedList(id="shows", markup=False)
            with VerticalScroll(id="show-frame", can_focus=True):
                yield FoldedText(_ASKING, id="show-text")
        yield KeyLine()

    def on_mount(self) -> None:
        self.look()

    def on_resize(self) -> None:
        """Fits the tables into the new width."""
        if self.query(RowsTable):
            self.call_after_refresh(self._show)

    @property
    def labs(self) -> LabsApp:
        """The program."""
        return cast("LabsApp", self.app)

    @work(thread=True, group="shows")
    def look(self) -> None:
        """In a thread: which demonstrations there are."""
        try:
            shows = self.session.demonstrations()
            entries = shows.entries()
        except LabsError as error:
            self.app.call_from_thread(self._say, _fault(error))
            return
        self.app.call_from_thread(self._fill, shows, entries)

    def _say(self, words: Content) -> None:
        if self.is_attached:
            self.query_one("#show-text", Static).update(words)

    def _fill(self, shows: Demonstrations, entries: tuple[Entry, ...]) -> None:
        if not self.is_attached:
            return
        self._shows = shows
        options, topic = self.query_one("#shows", OptionList), ""
        for one in entries:
            if one.topic != topic:
                topic = one.topic
                heading = Content.styled(_HEADINGS.get(topic, topic), "bold $link")
                options.add_option(Option(heading, disabled=True))
            title = Folded(Content(one_line(one.title, 120)), lambda _: 2, "")
            options.add_option(Option(title, id=one.id))
        options.highlighted = 1 if entries else None
        options.focus()

    @on(OptionList.OptionHighlighted, "#shows")
    def _chosen(self, event: OptionList.OptionHighlighted) -> None:
        self.wanted, self.words = event.option.id or "", ""
        if self.wanted in self._scenes:
            self.call_later(self._show)
        elif self.wanted:
            self.call_later(self.action_ask)

    async def action_ask(self) -> None:
        """Asks the lab anew."""
        if self.wanted:
            self._scenes.pop(self.wanted, None)
            await self._empty(_ASKING)
            self.ask(self.wanted)

    @work(thread=True, exclusive=True, group="show")
    def ask(self, wanted: str) -> None:
        """In a thread: one demonstration; of several that were passed by only the last is asked."""
        worker = get_current_worker()
        with self._asking:
            if worker.is_cancelled or self._shows is None:
                return
            try:
                found: Scene | LabsError = self._shows.scene(wanted)
            except LabsError as error:
                found = error
        self.app.call_from_thread(self._answered, wanted, found)

    def _answered(self, wanted: str, found: Scene | LabsError) -> None:
        if not self.is_attached:
            return
        if isinstance(found, Scene):
            self._scenes[wanted] = found
            self.call_later(self._show)
        elif wanted == self.wanted:
            self.call_later(self._empty, _fault(found))

    async def _empty(self, text: Content) -> None:
        await self.query("#show-frame > .of-scene").remove()
        self.query_one("#show-text", Static).update(text)

    async def _show(self) -> None:
        found = self._scenes.get(self.wanted)
        if found is None:
            return
        frame = self.query_one("#show-frame", VerticalScroll)
        await self._empty(_told(found))
        for one in found.tables:
            room = frame.content_size.width - frame.styles.scrollbar_size_vertical
            table = RowsTable(one, self.words, room, stacked=self.size.width < _BESIDE)
            heading = Static(Content(table.heading), classes="of-scene table-title", markup=False)
            await frame.mount(heading, table)
        frame.scroll_home(animate=False)

    @on(DataTable.RowSelected)
    def _opened(self, event: DataTable.RowSelected) -> None:
        table = event.data_table
        row = table.row(event.row_key) if isinstance(table, RowsTable) else None
        if row is not None:
            self.app.push_screen(Reading(row.cells[0], _details(row), "y copies all"))

    def action_filter(self) -> None:
        """Shows only the rows with some words."""
        found = self._scenes.get(self.wanted)
        if found and found.tables:
            question = Ask("Filter", "Show only the rows that have these letters; empty shows all.", self.words)
            self.app.push_screen(question, self._filtered)

    async def _filtered(self, words: str | None) -> None:
        self.words = words or ""
        await self._show()

    def action_copy(self) -> None:
        """Copies the request."""
        found = self._scenes.get(self.wanted)
        if found:
            self.app.copy_to_clipboard(found.request)
            self.notify("Copied.", timeout=2)


def _fault(error: LabsError) -> Content:
    """Why something could not be asked."""
    aside = Content.styled("This could not be asked; it is no fault of yours.", "$quiet")
    return Content("\n").join([aside, Content(clean(error.diagnostics()))])


def _told(found: Scene) -> Content:
    """Explanation, request and answer."""
    request = "\n".join(f"  $ {line}" for line in found.request.splitlines())
    return Content("\n").join(
        [
            Content.styled(found.title, "bold $link"),
            Content(found.explanation),
            Content(""),
            Content.styled("Asked", "$quiet"),
            Content(request),
            Content.styled("Answer", "$quiet"),
            Content("\n".join(f"  {line}" for line in found.answer.splitlines())),
        ]
    )


def _details(row: Row) -> Content:
    """All that is known of a row."""
    parts = [Content.assemble((label, "bold $link"), "\n", text) for label, text in row.details]
    return Content("\n\n").join(parts) if parts else Content("\n".join(row.cells))
