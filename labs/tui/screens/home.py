"""The first screen: the course with its progress, the labs, and what comes next.

It is painted before anything of the course is read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Footer, OptionList, Static
from textual.widgets.option_list import Option

from grader.text import one_line
from labs.tui.widgets.marked import MarkedList

if TYPE_CHECKING:
    from labs.tui.session import LabLine, ModuleLine, Overview, Session

NEW = "lab+"


class HomeScreen(Screen[None]):
    """Everything one can go to. `c` goes on where one was."""

    CSS_PATH = "../styles/home.tcss"
    KEYS_OF = ("Home",)
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("c", "app.continue", "Continue"),
        Binding("n", "app.new_lab", "New lab"),
        Binding("question_mark", "app.keys", "Keys", key_display="?"),
        Binding("ctrl+t", "app.next_theme", "Theme", key_display="^T"),
        Binding("q", "app.quit", "Quit"),
    ]

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self.overview: Overview | None = None

    def compose(self) -> ComposeResult:
        yield Static(Content(" Platform Labs"), id="home-title", classes="title", markup=False)
        yield MarkedList(Option(Content("Reading the course…"), disabled=True), id="home-list", markup=False)
        yield Static(id="home-note", markup=False)
        yield Footer()

    def on_mount(self) -> None:
        self.call_after_refresh(self.read)

    def on_screen_resume(self) -> None:
        if self.overview is not None:
            self.read()

    @work(thread=True, exclusive=True, group="overview")
    def read(self) -> None:
        """In a thread: what there is."""
        found = self.session.overview()
        if self.app.is_running:
            self.app.call_later(self._show, found)

    def _show(self, found: Overview) -> None:
        if not self.is_attached:
            return
        self.overview = found
        self.query_one("#home-title", Static).update(Content(f" Platform Labs: {one_line(found.title, 60)}"))
        listed = self.query_one(OptionList)
        kept = listed.highlighted_option.id if listed.highlighted_option else None
        listed.clear_options()
        listed.add_options(_options(found))
        listed.highlighted = listed.get_option_index(kept) if kept in _ids(found) else 1
        if self.app.screen is self:
            listed.focus()
        making = getattr(self.app, "making", None)
        told = [found.problem or "", making.line if making and making.outcome != "done" else ""]
        self.query_one("#home-note", Static).update(Content("\n".join(f" {line}" for line in told if line)))

    @on(OptionList.OptionSelected)
    def _opened(self, event: OptionList.OptionSelected) -> None:
        kind, _, name = (event.option.id or "").partition(":")
        app = self.app
        if kind == "continue":
            app.call_later(app.action_continue)  # type: ignore[attr-defined]
        elif kind == "module":
            app.open_module(name)  # type: ignore[attr-defined]
        elif kind == "lab":
            app.open_lab(name)  # type: ignore[attr-defined]
        elif kind == NEW:
            app.action_new_lab()  # type: ignore[attr-defined]


def _ids(found: Overview) -> set[str]:
    return {
        "continue:",
        NEW,
        *(f"module:{one.id}" for one in found.modules),
        *(f"lab:{one.name}" for one in found.labs),
    }


def _options(found: Overview) -> list[Option]:
    return [
        _head("Next"),
        Option(Content.assemble(("Continue  ", "bold"), one_line(found.next_words, 120)), id="continue:"),
        _head("\nModules"),
        *(Option(_module(one), id=f"module:{one.id}", disabled=not one.written) for one in found.modules),
        _head("\nLabs"),
        *(Option(_lab(one), id=f"lab:{one.name}") for one in found.labs),
        Option(Content("+ Make a lab" if not found.labs else "+ Make another lab"), id=NEW),
    ]


def _head(words: str) -> Option:
    return Option(Content.styled(words, "bold $link"), disabled=True)


def _module(one: ModuleLine) -> Content:
    number = one.id.partition("-")[0]
    title = one_line(one.title, 60)
    if not one.written:
        return Content.styled(f"  {number}  {title}\n      not written yet", "$quiet")
    shape, colour = ("✓", "$good") if one.done else (("~", "$caution") if one.passed or one.begun else ("·", "$quiet"))
    told = "done" if one.done else _how_far(one)
    scored = f", best {one.score} of {one.max_score} points" if one.score else ""
    return Content.assemble((f"{shape} ", f"bold {colour}"), f"{number}  {title}\n", f"      {told}{scored}")


def _how_far(one: ModuleLine) -> str:
    if one.passed:
        return f"{one.passed} of {one.checks} checks"
    return "begun" if one.begun else "not begun"


def _lab(one: LabLine) -> Content:
    shape, colour = ("✓", "$good") if one.complete else ("~", "$caution")
    cluster = {"kind": "kind, a real cluster in Docker", "simulated": "simulated cluster"}.get(one.cluster, one.cluster)
    return Content.assemble((f"{shape} ", f"bold {colour}"), f"{one_line(one.name, 30)}  {cluster}, {one.state}")
