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
from textual.widgets import Footer, OptionList, Static
from textual.widgets.option_list import Option
from textual.worker import get_current_worker

from grader.course import Module, Step
from grader.errors import LabsError
from grader.outcome import Outcome, Status
from grader.text import clean
from labs.learning.live_view import View
from labs.tui import details, marks, probes
from labs.tui.probes import Probe
from labs.tui.screens.dialogs import Answer, Choice
from labs.tui.session import Session
from labs.tui.widgets.folded import FoldedText

_MOST = 200_000


class ChecksScreen(Screen[None]):
    """One check on the left, all of it on the right."""

    CSS_PATH = "../styles/checks.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "dismiss", "Back"),
        Binding("tab", "app.focus_next", "Switch"),
        Binding("g", "ask", "Ask anew"),
        Binding("y", "copy", "Copy a question"),
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
        yield Static(Content(f" {self.step.task}. {self.step.title}"), classes="title", markup=False)
        with Horizontal(id="checks-body"):
            yield OptionList(*(Option(self._prompt(one), id=one.check) for one in self._outcomes), markup=False)
            with VerticalScroll(id="check-frame"):
                yield FoldedText(id="check-text")
        yield Footer()

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

    def action_copy(self) -> None:
        """Copies the command that asks a probe again; of several, the one that is chosen."""
        told = self._explained.get(self._current.check, "") if self._current else ""
        found = {one.name: one for one in probes.ordered(told)[1] if one.again}
        if not found:
            self.notify("Nothing here was asked by a command that can be copied.", markup=False)
        elif len(found) == 1:
            self._copied(next(iter(found.values())))
        else:
            answers = [Answer(one.name, f"{'✓' if one.right else '✗'} {one.name}", one.again) for one in found.values()]
            self.app.push_screen(
                Choice("Copy the command that asks again", "", answers),
                lambda name: self._copied(found[name]) if name else None,
            )

    def _copied(self, probe: Probe) -> None:
        self.app.copy_to_clipboard(probe.again)
        self.notify(f"Copied: the command that asks {probe.name} again.", markup=False)


def _lines(told: str) -> Iterator[Content]:
    """What stands before the probes, then the probes, wrong ones first and coloured."""
    before, found = probes.ordered(told)
    yield from (Content(line) for line in before.splitlines())
    for probe in found:
        first, *rest = probe.text.splitlines()
        yield Content.styled(f"{'✓' if probe.right else '✗'} {first}", "bold" if probe.right else "bold $bad")
        yield from (Content(line) for line in rest)
        yield Content("")
