"""Help on a module's screen: hints, solutions, going back and ahead."""

from __future__ import annotations

from textual import work
from textual.content import Content

from grader.course import Step
from grader.errors import LabsError
from grader.text import clean, one_line
from labs.learning.hints import Hints
from labs.learning.resetting import Turned
from labs.learning.solutions import ASKS, Solution
from labs.learning.turned import sentences
from labs.tui.code import coloured, spoken
from labs.tui.screens.dialogs import Answer, Choice, confirm
from labs.tui.screens.module_base import ModuleBase
from labs.tui.screens.reading import Reading


class Teaching(ModuleBase):
    """The keys h, s, R and J."""

    @work(exclusive=True, group="hint")
    async def action_hint(self) -> None:
        """Shows the hints for the step, one more each time."""
        step = self.current
        if step is None or not self.opened(step):
            return
        found = self._one_more(step)
        text, below = _hints(found)
        self.app.push_screen(Reading(f"Hints for step {step.task}", text, below, "h", lambda: self._more_hints(step)))

    def _more_hints(self, step: Step) -> tuple[Content, str]:
        return _hints(self._one_more(step))

    def _one_more(self, step: Step) -> Hints:
        report = self.view.report if self.view else None
        found = self.labs.keep(lambda: self.learner.hint(self.module, step, report)).result()
        return found or self.learner.hints(self.module, step, report)

    def action_solutions(self) -> None:
        """The reference solution after asking twice or when done, then the other accepted ones."""
        if not self.module.solutions:
            self.say("This exercise has no files to show: its text and hints say all there is.")
            return
        text, below = self._solutions()
        self.app.push_screen(Reading("Solutions", text, below, "s", self._solutions))

    def _solutions(self) -> tuple[Content, str]:
        shown = self.labs.keep(lambda: self.learner.ask_solution(self.module)).result() or ()
        if not shown:
            left = max(ASKS - self.learner.at(self.module).solutions_shown, 1)
            return Content(f"The hints (h) may be all you need. To see the solution, ask {left} time more."), "s asks"
        text = Content("\n\n").join(_solution(one) for one in shown)
        others = len(self.module.solutions) - len(shown)
        return text, f"s shows {others} other accepted ones" if others else "y copies all"

    def action_reset(self) -> None:
        """Goes back to before this step, or to before all."""
        step = self.current
        if step is None or not self.has_lab:
            self.say("There is no lab to reset.")
            return
        text = (
            "Your work goes to a branch first, whose name you are told: no commit is lost. From your clone go the "
            "commits and files of the steps that are undone, from the cluster what they changed; earlier modules stay. "
            "To get a file back: git restore --source BRANCH FILE."
        )
        answers = [
            Answer("no", "No, leave everything as it is"),
            Answer(step.id, f"Back to before step {step.task}: {step.title}"),
            Answer("", "Back to before all steps"),
        ]
        self.app.push_screen(Choice("Reset", text, answers), self._reset)

    def _reset(self, chosen: str | None) -> None:
        if chosen not in (None, "no"):
            self.say("Going back…")
            self.turn("reset", chosen or None)

    def action_jump(self) -> None:
        """Builds the state before the step that is chosen."""
        step = self.current
        if step is None or not self.has_lab:
            self.say("There is no lab to build it in.")
            return
        text = (
            f"All that comes before step {step.task} is built from the reference solution. Your work goes to a branch "
            "first. The steps that are jumped over are marked by what is there then."
        )
        question = confirm(f"Jump to step {step.task}", text, f"Build the state before step {step.task}")
        self.app.push_screen(question, lambda yes: self._jump(step) if yes == "yes" else None)

    def _jump(self, step: Step) -> None:
        self.say("Building the state before the step…")
        self.turn("jump", step.id)

    @work(thread=True, exclusive=True, group="turn")
    def turn(self, how: str, step: str | None) -> None:
        """In a thread: a reset or a jump."""
        later = self.app.call_later
        said: list[str] = []
        try:
            if how == "reset":
                turned = self.session.reset(self.module.id, step, said.append)
            else:
                turned = self.session.jump(self.module.id, step or "", said.append)
        except LabsError as error:
            later(self.labs.tell, error)
            return
        later(self._turned, turned)

    def _turned(self, turned: Turned) -> None:
        text = clean("\n".join(sentences(turned)))
        self.app.push_screen(Reading("Done", Content(text)))
        self.action_grade()
        self.show_marks()


def _hints(found: Hints) -> tuple[Content, str]:
    """All tiers that are open, and what the key does next."""
    if not found.visible:
        return Content("There is no hint for this step: the text says all there is."), ""
    chosen = [Content.styled(f"For {found.chosen_for}:", "$quiet")] if found.chosen_for else []
    tiers = [
        Content.assemble((f"{number}. ", "bold $link"), spoken(one_line(text, 600)))
        for number, text in enumerate(found.visible, 1)
    ]
    return Content("\n\n").join([*chosen, *tiers]), "h shows one more" if found.more else "that is all there is"


def _solution(one: Solution) -> Content:
    parts = [Content.styled(clean(one.title), "bold $link")]
    if one.note:
        parts.append(Content.styled(clean(one.note), "$quiet"))
    for path, text in one.files:
        parts.append(Content.styled(f"\n{one_line(path)}", "bold"))
        parts.append(coloured(clean(text, 100_000), "yaml"))
    return Content("\n").join(parts)
