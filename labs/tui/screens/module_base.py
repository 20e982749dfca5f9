"""What all parts of a module's screen share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, cast

from textual.screen import Screen

from grader.course import Module, Step
from grader.errors import LabsError
from grader.text import clean
from labs.learning.learner import Learner
from labs.learning.live_view import View
from labs.tui.session import Session
from labs.tui.widgets.steps import Steps

if TYPE_CHECKING:
    from labs.tui.app import LabsApp


Size = Literal["hidden", "small", "large"]


class ModuleBase(Screen[None]):
    """The module, the learner, and the marks as they stand."""

    def __init__(self, session: Session, module: Module) -> None:
        super().__init__()
        self.session = session
        self.module = module
        self.view: View | None = None
        self.told_of = ""
        self.has_lab = False
        self.looked = False
        self.standing = self.learner.standing(module, None)

    @property
    def labs(self) -> LabsApp:
        """The program."""
        return cast("LabsApp", self.app)

    @property
    def learner(self) -> Learner:
        """Who learns."""
        return self.session.learner

    @property
    def current(self) -> Step | None:
        """The step that is chosen."""
        return self.query_one(Steps).current

    def opened(self, step: Step) -> bool:
        """Whether the course's order lets one work on a step; else says what comes first."""
        try:
            self.learner.step(self.module, step.id, self.standing)
        except LabsError as error:
            self.labs.tell(error)
            return False
        return True

    def say(self, text: str, severity: str = "information") -> None:
        """A few words in a corner."""
        shown = "warning" if severity == "warning" else "information"
        self.notify(clean(text), markup=False, timeout=6, severity=shown)  # type: ignore[arg-type]

    def show_marks(self) -> None:
        """Paints what depends on marks."""

    def show_output(self, size: Size) -> None:
        """Gives what commands printed no room, some, or all of it."""

    def look(self) -> object:
        """Looks in a thread what lab there is."""
        return None

    def action_grade(self) -> None:
        """Grades now."""
