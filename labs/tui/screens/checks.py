"""The checks of one step, opened: four parts, and every probe with what it asked and what came back."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.screen import Screen
from textual.widgets import OptionList
from textual.widgets.option_list import Option
from textual.worker import get_current_worker

from grader.course import Module, Step
from grader.errors import LabsError
from grader.outcome import Outcome, Status
from grader.text import clean
from labs.learning import probes
from labs.learning.live_view import View
from labs.tui import details, marks
from labs.tui.screens.dialogs import Answer, Choice
from labs.tui.session import Session
from labs.tui.widgets.folded import FoldedText
from labs.tui.widgets.keys import KeyLine
from labs.tui.widgets.marked import MarkedList
from labs.tui.widgets.title import TitleLine

_MOST = 200_000


class ChecksScreen(Screen[str | None]):
    """One check on the left, all of it on the right. Ends with an action of the module's screen, or with nothing."""

    CSS_PATH = "../styles/checks.tcss"
    KEYS_OF = ("Opened checks",)
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "dismiss(None)", "Back"),
        Binding("tab", "app.focus_next", "Switch"),
        Binding("pagedown,space", "page(1)", "More", key_display="PgDn", priority=True),
        Binding("pageup", "page(-1)", "Less", show=False, priority=True),
        Binding("g", "ask", "Ask anew"),
        Binding("y", "copy", "Copy"),
        Binding("e", "dismiss('edit')", "Edit"),
        Binding("t", "dismiss('shell')", "Shell"),
        Binding("h", "dismiss('hint')", "Hint"),
        Binding("question_mark", "app.keys", "Keys", key_display="?"),
    ]

    def __init__(self, session: Session, module: Module, step: Step, view: View) -> None:
        super().__init__()
        self.session = session
        self.module = module
        self.step = step
        self.view = view
        self._explained: dict[str, str] = {}

    def compose(self) -> ComposeResult:
        yield TitleLine(f"{self.step.task}. {self.step.title}", simulated=self.session.is_simulated)
        with Horizontal(id="checks-body"):
            yield MarkedList(*(Option(self._prompt(one), id=one.check) for one in self._outcomes), markup=False)
            with VerticalScroll(id="check-frame"):
                yield FoldedText(id="check-text")
        yield KeyLine()

    def on_mount(self) -> None:
        """Begins at the first check that did not pass."""
        left = (index for index, one in enumerate(self._outcomes) if one.status is not Status.PASSED)
        self.query_one(OptionList).highlighted = next(left, 0) if self._outcomes else None

    @property
    def _outcomes(self) -> list[Outcome]:
        report = self.view.report
        return [one for one in report.outcomes if one.check in self.step.checks] if report else []

    def _prompt(self, outcome: Outcome) -> Content:
        mark = marks.of_outcome(outcome, self.view)
        return Content.assemble((f"{mark.shape} ", f"bold {mark.colour}"), f"{outcome.check}\n  {mark.word}")

    @on(OptionList.OptionHighlighted)
    def _chosen(self) -> None:
        self._show()
        self.action_ask() if self._current and self._current.check not in self._explained else None

    @property
    def _current(self) -> Outcome | None:
        index = self.query_one(OptionList).highlighted
        return self._outcomes[index] if index is not None and self._outcomes else None

    def _show(self) -> None:
        outcome = self._current
        if outcome is None:
            return
        lines = [*details.check(outcome, self.view, time.time(), self.module.exercise.steps), Content("")]
        told = self._explained.get(outcome.check)
        if told is None:
            lines.append(Content.styled("Asking the lab…", "$quiet"))
        else:
            lines += _lines(told)
        self.query_one("#check-text", FoldedText).update(Content("\n").join(lines))

    def action_ask(self) -> None:
        """Collects the evidence of the check anew."""
        if self._current:
            self._explained.pop(self._current.check, None)
            self._show()
            self.explain(self._current.check)

    @work(thread=True, exclusive=True, group="explain")
    def explain(self, check: str) -> None:
        """In a thread: everything on one check."""
        try:
            told = self.session.explain(self.module.id, check)
        except LabsError as error:
            told = error.diagnostics()
        if not get_current_worker().is_cancelled:
            self.app.call_later(self._told, check, told)

    def _told(self, check: str, told: str) -> None:
        _, _, rest = clean(told, _MOST).partition("\n\n")
        self._explained[check] = rest or clean(told, _MOST)
        self._show()

    def action_page(self, by: int) -> None:
        """Turns the page of what is told of the check."""
        frame = self.query_one("#check-frame", VerticalScroll)
        frame.scroll_relative(y=by * max(frame.size.height - 1, 1), animate=False)

    def action_copy(self) -> None:
        """Copies what comes next, or the command that asks a probe again; of several, the one that is chosen."""
        answers = list(self._copies())
        if not answers:
            self.notify("Nothing here was asked by a command that can be copied.", markup=False)
        elif len(answers) == 1:
            self._copied(answers[0])
        else:
            self.app.push_screen(
                Choice("Copy", "", answers), lambda at: self._copied(answers[int(at)]) if at is not None else None
            )

    def _copies(self) -> Iterator[Answer]:
        """All that can be copied, by its number."""
        found = self._current
        if found is None:
            return
        told = probes.ordered(self._explained.get(found.check, ""))[1]
        texts = [(f"{'✓' if one.right else '✗'} {one.name}, asked again", one.again) for one in told if one.again]
        if found.next and found.status is not Status.PASSED:
            texts.insert(0, ("next", found.next))
        yield from (Answer(str(at), label, text) for at, (label, text) in enumerate(texts))

    def _copied(self, what: Answer) -> None:
        self.app.copy_to_clipboard(clean(what.more))
        self.notify(f"Copied: {what.label}.", markup=False)


def _lines(told: str) -> Iterator[Content]:
    """What stands before the probes, then the probes, wrong ones first and coloured."""
    before, found = probes.ordered(told)
    yield from (Content(line) for line in before.splitlines())
    for probe in found:
        first, *rest = probe.text.splitlines()
        yield Content.styled(f"{'✓' if probe.right else '✗'} {first}", "bold" if probe.right else "bold $bad")
        yield from (Content(line) for line in rest)
        yield Content("")
