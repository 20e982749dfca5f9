"""What the screens need from labs, progress and the grader, without knowing any of them.

Everything here may block for seconds and is called in a thread, but where a docstring says "at once".
Nothing heavy is imported before it is asked for: the first picture must not wait for it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from labs.doctor.finding import Finding
    from labs.learning.demonstrations.scene import Entry, Scene
    from labs.learning.learner import Learner
    from labs.learning.live_view import View
    from labs.learning.resetting import Turned
    from labs.steps.graph import Event


@dataclass(frozen=True, slots=True)
class ModuleLine:
    """A module as the home screen shows it. `passed` of `checks` have once passed; points are the best so far.

    `begun`: a step of it was opened once."""

    id: str
    title: str
    written: bool = True
    done: bool = False
    passed: int = 0
    checks: int = 0
    score: int = 0
    max_score: int = 0
    begun: bool = False


@dataclass(frozen=True, slots=True)
class LabLine:
    """A lab as the home screen shows it. `complete`: its bring-up once ended well; `state` is in words."""

    name: str
    cluster: str
    state: str
    complete: bool


@dataclass(frozen=True, slots=True)
class Overview:
    """All of the home screen. `next_module` and `next_words` are what `continue` opens and says."""

    title: str
    modules: tuple[ModuleLine, ...]
    labs: tuple[LabLine, ...]
    next_module: str
    next_words: str
    problem: str | None = None


class Marks(Protocol):
    """Live marks of one module (`labs.learning.live.Live`)."""

    def start(self) -> None:
        """Begins to watch, in threads of its own. At once."""

    def stop(self) -> None:
        """Ends them."""

    def ask(self) -> None:
        """Grades now. At once."""


class Demonstrations(Protocol):
    """The demonstrations of one lab (`labs.learning.demonstrations.shows.Shows`)."""

    def entries(self) -> tuple[Entry, ...]:
        """What can be shown, in the order of the lesson."""

    def scene(self, identifier: str) -> Scene:
        """One of them, asked anew. Raises LabsError."""


class Session(Protocol):
    """One learner's evening."""

    def overview(self) -> Overview:
        """What there is, and what comes next. Never raises: `problem` tells what could not be read."""

    @property
    def learner(self) -> Learner:
        """Course, progress, hints and solutions of the one who learns, read once. Raises CourseError."""

    @property
    def lab_name(self) -> str:
        """The name of the lab that is used, whether it is there or not. At once."""

    def use_lab(self, name: str) -> None:
        """Uses another lab from here on. At once."""

    def lab_line(self) -> str:
        """One line on the lab: its name, what it runs on, or how to make one."""

    @property
    def is_simulated(self) -> bool:
        """Whether a model stands in for the lab's cluster. At once."""

    def has_lab(self) -> bool:
        """Whether a whole lab is there to grade."""

    def marks(self, module: str, told: Callable[[View], None]) -> Marks:
        """Live marks of a module in the lab, not yet begun. `told` is called from their threads. Raises NoLab."""

    def explain(self, module: str, check: str) -> str:
        """Everything that is known of one check: four parts, each probe's question and answer. Raises LabsError."""

    def demonstrations(self) -> Demonstrations:
        """The demonstrations of the lab. Raises NoLab."""

    def make_lab(
        self,
        name: str,
        cluster: str | None,
        listener: Callable[[Event], None],
        say: Callable[[str], None],
        tick: Callable[[], None],
    ) -> None:
        """`labs up`; `cluster` is `kind`, `simulated` or None (the machine decides).

        KeyboardInterrupt raised from `tick` ends it as Ctrl-C does. Raises StepFailed, Interrupted, Busy.
        """

    def doctor(self) -> Iterable[Finding]:
        """What a lab on this machine may lack, finding by finding."""

    def run(self, command: str, tell: Callable[[str], None]) -> int:
        """Runs lines of the course's text in the lab's shell, a line of output at a time; returns the exit status.

        Functions and the folder that one command leaves are there for the next. Raises NoLab where the command needs
        a lab and there is none.
        """

    @property
    def within(self) -> int:
        """The exit status of a line of what ran last that failed, though what ran after it did not; else 0. At once."""

    def stop(self) -> None:
        """Ends a command that runs, if one does; firmly after two seconds, or when asked again. At once."""

    def close(self) -> None:
        """Ends a command that runs with all that it began, and waits for that."""

    def shell(self) -> int:
        """The lab's interactive shell, on the terminal itself; returns its exit status. Raises NoLab."""

    def editor(self) -> str:
        """What is to be said of the editor before it opens, or nothing. Raises EnvironmentFault where there is none."""

    def edit(self, file: Path, line: int | None = None) -> int:
        """Opens `$VISUAL` or `$EDITOR` on a file of the clone, on the terminal itself. Raises EnvironmentFault."""

    def clone(self) -> Path | None:
        """The learner's clone, if there is one. At once."""

    def reset(self, module: str, step: str | None, say: Callable[[str], None]) -> Turned:
        """Goes back to before a step, or to before all. Raises LabsError."""

    def jump(self, module: str, step: str, say: Callable[[str], None]) -> Turned:
        """Builds the state before a step. Raises LabsError."""
