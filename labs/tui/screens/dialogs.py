"""Small questions: one of several answers, or a line of text. Escape answers nothing."""

from __future__ import annotations

from collections.abc import Sequence
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


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer: its name, what it says, a line that explains it, and how far it is indented."""

    id: str
    label: str
    more: str = ""
    level: int = 0


class Choice(ModalScreen[str | None]):
    """A question with a few answers; the name of the one chosen, or None."""

    CSS_PATH = "../styles/dialogs.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,q", "dismiss(None)", "Cancel")]

    def __init__(self, title: str, text: str, answers: Sequence[Answer]) -> None:
        super().__init__()
        self.question = title
        self.text = text
        self.answers = tuple(answers)

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog") as box:
            box.border_title = Content(one_line(self.question, 60))
            box.border_subtitle = Content("Enter chooses, Esc leaves")
            if self.text:
                yield Static(Content(clean(self.text)), classes="dialog-text", markup=False)
            yield OptionList(*(Option(_prompt(one), id=one.id) for one in self.answers), markup=False)

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
    """A line of text, with a first guess in it."""

    CSS_PATH = "../styles/dialogs.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss(None)", "Cancel")]

    def __init__(self, title: str, text: str, guess: str = "") -> None:
        super().__init__()
        self.question = title
        self.text = text
        self.guess = guess

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog") as box:
            box.border_title = Content(one_line(self.question, 60))
            box.border_subtitle = Content("Enter goes on, Esc leaves")
            yield Static(Content(clean(self.text)), classes="dialog-text", markup=False)
            yield Input(self.guess, select_on_focus=False)

    @on(Input.Submitted)
    def _given(self, event: Input.Submitted) -> None:
        self.dismiss(event.value.strip() or None)
