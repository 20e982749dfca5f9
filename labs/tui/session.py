"""What the screens need from a lab and the grader, without knowing either."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from grader.course import Course
from grader.outcome import Report


class Session(Protocol):
    """One learner's evening: the course, the lab if there is one, and the grader."""

    @property
    def course(self) -> Course:
        """The course that is taught."""

    def lab_line(self) -> str:
        """One line on the lab: its name, what it runs on, or how to start one."""

    def has_lab(self) -> bool:
        """Whether a lab is there to grade."""

    def grade(self, module: str) -> Report:
        """Grades the lab as it stands. Raises LabsError; may take seconds; called in a thread."""

    def run(self, command: str, tell: Callable[[str], None]) -> int:
        """Runs a command of the course's text in the lab's shell, a line of output at a time.

        Returns its exit status. Called in a thread.
        """

    def stop(self) -> None:
        """Ends a command that runs, if one does."""
