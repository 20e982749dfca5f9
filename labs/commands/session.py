"""One learner's evening, as the screens need it (`labs.tui.session.Session`). What is heavy is imported when needed."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterable
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from grader.errors import LabsError
from labs import state
from labs.tui.session import Demonstrations, LabLine, Marks, ModuleLine, Overview

if TYPE_CHECKING:
    from grader.course import Course, Module
    from labs.commands.running import Commands
    from labs.doctor.finding import Finding
    from labs.learning.learner import Learner
    from labs.learning.live_view import View
    from labs.learning.resetting import Turned
    from labs.steps.graph import Event


class LabSession:
    """Acts in the lab `name`, else in this shell's lab, the default one, or the first that there is."""

    def __init__(self, name: str | None = None) -> None:
        self._name = state.checked_name(name or os.environ.get("PLATFORM_LAB") or _first())

    @cached_property
    def learner(self) -> Learner:
        """Course, progress, hints and solutions of the one who learns."""
        from labs.learning.learner import Learner

        return Learner(self._name)

    @cached_property
    def _commands(self) -> Commands:
        from labs.commands.running import Commands

        return Commands()

    @property
    def course(self) -> Course:
        return self.learner.course

    @property
    def lab_name(self) -> str:
        return self._name

    def use_lab(self, name: str) -> None:
        self._name = self.learner.name = state.checked_name(name)

    def overview(self) -> Overview:
        """What there is, and what comes next."""
        try:
            module = self.learner.module()
            lines = tuple(_line(self.learner, one) for one in self.course.modules)
            words = f"{module.title}: {_next_words(self.learner, module)}"
            return Overview(self.course.title, lines, _labs(), module.id, words, self.learner.progress.problem)
        except LabsError as error:
            return Overview("the course cannot be read", (), (), "", "nothing to continue with", error.diagnostics())

    def lab_line(self) -> str:
        lab = self.learner.lab()
        if lab is None:
            return "no lab yet: Esc, then n makes one"
        cluster = "simulated cluster" if lab.is_simulated else "kind"
        return f"lab {lab.name}, {cluster}" + ("" if lab.complete else ", not complete: labs up")

    @property
    def is_simulated(self) -> bool:
        return self.learner.is_simulated

    def has_lab(self) -> bool:
        lab = self.learner.lab()
        return lab is not None and lab.complete

    def marks(self, module: str, told: Callable[[View], None]) -> Marks:
        """Live marks of a module, not yet begun."""
        from labs.learning.live import Live

        return Live(self.learner.needed_lab(), self.course, self.course.module(module), told)

    def explain(self, module: str, check: str) -> str:
        """All that a fresh look tells of one check."""
        from grader.grade import judge
        from grader.report import explain

        found = self.course.module(module)
        evidence = self.learner.evidence(found)
        return explain.write(check, judge(found, evidence), evidence, found.exercise)

    def demonstrations(self) -> Demonstrations:
        """The demonstrations of the lab."""
        from labs.learning.demonstrations.shows import Shows

        return Shows(self.learner.needed_lab(), self.course)

    def make_lab(
        self,
        name: str,
        cluster: str | None,
        listener: Callable[[Event], None],
        say: Callable[[str], None],
        tick: Callable[[], None],
    ) -> None:
        """`labs up`."""
        from labs import lab as labs

        labs.up(name, None, listener, say, tick, backend=cluster)

    def doctor(self) -> Iterable[Finding]:
        """`labs doctor`."""
        from labs.docker import Engine
        from labs.doctor.examine import all_checks

        return all_checks(Engine())

    def run(self, command: str, tell: Callable[[str], None]) -> int:
        """Runs lines of the text in the lab's shell; calls of `labs` alone in this folder, where there is no lab.

        Raises NoLab for other lines without one: they would act on whatever cluster the person's settings name.
        """
        from labs import lab as labs
        from labs.errors import NoLab
        from labs.learning import files
        from labs.learning.unlabbed import needs_lab

        lab = self.learner.lab()
        if lab is None and needs_lab(command):
            raise NoLab("there is no lab yet, and this command needs one", advice="labs up makes one.")
        variables = lab.environment() if lab else labs.without_lab()
        folder = self.clone() or Path.cwd()
        status = self._commands.run(command, folder, variables, tell)
        for sentence in files.moved(folder, command) if status and lab else ():
            tell(sentence)
        return status

    @property
    def within(self) -> int:
        return self._commands.within

    def stop(self) -> None:
        self._commands.stop()

    def close(self) -> None:
        self._commands.close()

    def shell(self) -> int:
        """The lab's interactive shell."""
        from labs.commands import shell

        return shell.opened(self.lab_name, None)

    def editor(self) -> str:
        """What is to be said of the editor before it opens. Raises EnvironmentFault where there is none."""
        from labs.commands import editor

        return editor.found().instead

    def edit(self, file: Path, line: int | None = None) -> int:
        """Opens an editor on a file. Raises EnvironmentFault where there is none."""
        from labs.commands import editor
        from labs.errors import EnvironmentFault

        arguments = editor.found().arguments(file, line)
        try:
            return subprocess.run(arguments, cwd=self.clone(), check=False).returncode
        except OSError as error:
            advice = "VISUAL or EDITOR names the editor."
            raise EnvironmentFault(f"{arguments[0]} cannot be run: {error.strerror}", advice=advice) from None

    def clone(self) -> Path | None:
        found = state.Folder.of(self.lab_name).clone
        return found if found.is_dir() else None

    def reset(self, module: str, step: str | None, say: Callable[[str], None]) -> Turned:
        """`labs reset`."""
        return self.learner.reset(self.course.module(module), step, say)

    def jump(self, module: str, step: str, say: Callable[[str], None]) -> Turned:
        """`labs jump`."""
        return self.learner.jump(self.course.module(module), step, say)


def _first() -> str:
    folder = state.home() / "labs"
    names = sorted(file.parent.name for file in folder.glob("[!.]*/state.json"))
    return state.DEFAULT if state.DEFAULT in names or not names else names[0]


def _next_words(learner: Learner, module: Module) -> str:
    standing = learner.standing(module, None)
    if standing.done and standing.next is None:
        return "all done"
    step = learner.step(module, None, standing)
    return f"step {step.task}, {step.title}"


def _line(learner: Learner, module: Module) -> ModuleLine:
    if not module.written:
        return ModuleLine(module.id, module.title, written=False)
    mine = learner.at(module)
    checks = {check.id: check.points for check in module.exercise.checks}
    passed = len(checks.keys() & mine.passed)
    return ModuleLine(
        module.id, module.title, True, mine.done, passed, len(checks), mine.score, sum(checks.values()), bool(mine.step)
    )


def _labs() -> tuple[LabLine, ...]:
    """The labs by what is written about them: nothing is started or asked for it."""
    from labs import lab as labs

    return tuple(_lab_line(name) for name in labs.names())


def _lab_line(name: str) -> LabLine:
    from labs.lab import Lab

    folder = state.Folder.of(name)
    try:
        lab = Lab(folder, state.State.load(folder.state))
        return LabLine(name, lab.recorded or "unknown", "made" if lab.complete else "not complete", lab.complete)
    except LabsError as error:
        return LabLine(name, "unknown", str(error), False)
