"""Small questions: one of several answers, or a line of text. Escape answers nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from grader.text import clean, one_line
from labs.learning.files import completed
from labs.tui.widgets.marked import MarkedList


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer: its name, what it says, a line that explains it, and how far it is indented."""

    id: str
    label: str
    more: str = ""
    level: int = 0


class Choice(ModalScreen[str | None]):
    """A question with a few answers; the name of the one chosen, or None. `marked`: the answer it begins at."""

    CSS_PATH = "../styles/dialogs.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,q", "dismiss(None)", "Cancel")]

    def __init__(self, title: str, text: str, answers: Sequence[Answer], marked: str | None = None) -> None:
        super().__init__()
        self.marked = marked
        self.question = title
        self.text = text
        self.answers = tuple(answers)

    def on_mount(self) -> None:
        self.app.clear_notifications()  # they would lie over the answers
        at = next((index for index, one in enumerate(self.answers) if one.id == self.marked), 0)
        self.query_one(OptionList).highlighted = at if self.answers else None

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog") as box:
            box.border_title = Content(one_line(self.question, 60))
            box.border_subtitle = Content("↑ ↓ more, Enter chooses, Esc leaves")
            if self.text:
                yield Static(Content(clean(self.text)), classes="dialog-text", markup=False)
            yield MarkedList(*(Option(_prompt(one), id=one.id) for one in self.answers), markup=False)

    @on(OptionList.OptionSelected)
    def _chosen(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(event.option.id)


def _prompt(one: Answer) -> Content:
    more = Content.styled(f"\n  {one_line(one.more, 160)}", "$quiet") if one.more else Content("")
    return Content.assemble("  " * one.level, one_line(one.label, 160), more)


def confirm(title: str, text: str, yes: str) -> Choice:
    """A question to be answered by yes or no; the answer `yes` stands last, so that Enter alone does nothing."""
    return Choice(title, text, [Answer("no", "No, leave everything as it is"), Answer("yes", yes)])


class Ask(ModalScreen[str | None]):
    """A line of text, with a first guess in it. `offered` are names to choose from; others may be given too.

    `refused` says why an answer is not taken, or nothing: the question stays with what was typed until one is.
    """

    CSS_PATH = "../styles/dialogs.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "Cancel"),
        Binding("tab", "complete", "Complete", priority=True),
        Binding("down", "to_list", "List", show=False),
    ]

    def __init__(
        self,
        title: str,
        text: str,
        guess: str = "",
        offered: tuple[str, ...] = (),
        refused: Callable[[str], str] | None = None,
    ) -> None:
        super().__init__()
        self.refused = refused
        self.question = title
        self.text = text
        self.guess = guess if guess == one_line(guess) else ""  # the line shows it as it is
        self.offered = offered

    def on_mount(self) -> None:
        self.app.clear_notifications()  # they would lie over the answers

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog") as box:
            box.border_title = Content(one_line(self.question, 60))
            listed = "Tab completes, ↓ goes to the list, " if self.offered else ""
            box.border_subtitle = Content(f"{listed}Enter goes on, Esc leaves")
            yield Static(Content(clean(self.text)), classes="dialog-text", markup=False)
            yield Input(self.guess)
            if self.offered:
                yield MarkedList(*self._options(self.guess), markup=False, id="offered")

    def _options(self, typed: str) -> list[Option]:
        known = typed in self.offered or typed == self.guess
        return [
            Option(Content(one_line(name, 160)), id=str(index))
            for index, name in enumerate(self.offered)
            if known or typed in name
        ]

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        if self.offered:
            self.query_one("#offered", OptionList).set_options(self._options(event.value.strip()))

    def action_complete(self) -> None:
        """Makes the name longer as far as the offered ones agree; from the list, goes back to the line."""
        line = self.query_one(Input)
        line.focus()
        line.value = completed(line.value.strip(), self.offered)
        line.cursor_position = len(line.value)

    def action_to_list(self) -> None:
        """From the line to what is offered."""
        if not self.offered or not isinstance(self.focused, Input):
            return
        listed = self.query_one("#offered", OptionList)
        if listed.option_count:
            at = next((i for i, one in enumerate(self.offered) if one == self.query_one(Input).value), 0)
            listed.highlighted = min(at, listed.option_count - 1)
            listed.focus()

    @on(OptionList.OptionSelected, "#offered")
    def _chosen(self, event: OptionList.OptionSelected) -> None:
        self._answer(self.offered[int(event.option.id or 0)])

    @on(Input.Submitted)
    def _given(self, event: Input.Submitted) -> None:
        self._answer(event.value.strip())

    def _answer(self, given: str) -> None:
        why = self.refused(given) if given and self.refused else ""
        if why:
            told = Content.assemble(clean(self.text), "\n", (f"! {clean(why)}", "$caution"))
            self.query_one(".dialog-text", Static).update(told)
        else:
            self.dismiss(given or None)
