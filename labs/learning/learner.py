"""One learner at work: course, lab, progress, and the grader's word on them. Every front end acts by this."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from functools import cached_property
from pathlib import Path

from grader import course as courses
from grader.course import Course, Module, Step
from grader.errors import EnvironmentFault, LabsError, UsageError
from grader.evidence.model import Evidence
from grader.modules import named
from grader.outcome import Report
from labs import lab as labs
from labs import state
from labs.errors import NoLab
from labs.lab import Lab
from labs.learning import earlier, hints, resetting, solutions
from labs.learning.building import index_of
from labs.learning.hints import Hints
from labs.learning.module_progress import ModuleProgress
from labs.learning.progress import Progress
from labs.learning.resetting import Say, Turned
from labs.learning.solutions import Solution
from labs.learning.standing import Standing, next_module, stand


class Learner:
    """Acts for one learner in the lab `name`; looks each time whether it is there. What changes is saved at once.

    `unsaved` says why the last change could not be written; nothing else is held up by that.
    """

    def __init__(
        self, name: str, course: Course | None = None, file: Path | None = None, now: Callable[[], float] = time.time
    ) -> None:
        self.name = name
        self.progress = Progress.load(file)
        self.unsaved: EnvironmentFault | None = None
        self._course = course
        self._now = now

    @cached_property
    def course(self) -> Course:
        """The course, read when it is first asked for. Raises CourseError."""
        return self._course or courses.read()

    @classmethod
    def of(cls, name: str | None = None) -> Learner:
        """The learner in the lab named; else in this shell's lab, the default one, or the first that there is."""
        known = labs.names()
        default = state.DEFAULT if state.DEFAULT in known or not known else known[0]
        return cls(state.checked_name(name or os.environ.get("PLATFORM_LAB") or default))

    def lab(self) -> Lab | None:
        """The lab, if it is there."""
        try:
            return labs.find(self.name)
        except NoLab:
            return None

    def needed_lab(self) -> Lab:
        """The lab. Raises NoLab."""
        return labs.find(self.name)

    @property
    def is_simulated(self) -> bool:
        """Whether the lab is a simulated one, by what is written about it: nothing is started."""
        with suppress(EnvironmentFault):
            lab = labs.noted(self.name)
            return lab is not None and lab.is_simulated
        return False

    def module(self, wanted: str | None = None) -> Module:
        """The module that a word names, such as `01` (`grader.modules`); without one that to go on with.

        Raises UsageError where there is none, or where it is not written yet.
        """
        return next_module(self.course, self.progress) if wanted is None else named(self.course, wanted)

    def at(self, module: Module) -> ModuleProgress:
        """The progress in a module."""
        return self.progress.module(module.id)

    def save(self) -> None:
        """Writes progress down, or notes in `unsaved` why it cannot be."""
        try:
            self.progress.save()
            self.unsaved = None
        except EnvironmentFault as fault:
            advice = "What was done in the lab stays; this program goes on without writing progress down."
            self.unsaved = EnvironmentFault(fault.message, where=fault.where, advice=fault.advice or advice)

    def standing(self, module: Module, report: Report | None) -> Standing:
        """Where one stands in a module."""
        return stand(module, self.at(module), report, self.course.order)

    def step(self, module: Module, wanted: str | None, standing: Standing) -> Step:
        """The step named (by name or number), else the one that one is at. Raises UsageError for a locked one."""
        if wanted is None:
            here = self.at(module).step
            found = next((one for one in standing.steps if one.step.id == here and one.state != "locked"), None)
            found = found if found and found.state != "done" else standing.next or found or standing.steps[-1]
            return found.step
        step = module.exercise.steps[index_of(module, wanted)]
        self._opened(standing, step)
        return step

    def _opened(self, standing: Standing, step: Step) -> None:
        if standing.of(step.id).state == "locked" and standing.next:
            first = standing.next.step
            raise UsageError(
                f"step {step.task} is locked: the course sets the order", advice=f"Do step {first.task} first."
            )

    def enter(self, module: Module, step: Step) -> None:
        """Notes where one is, and counts the time since the last action to the step that one was at."""
        before = self.at(module).step or module.exercise.steps[0].id
        self.progress.tick(self._now(), module.id, before)
        self.progress.enter(module.id, step.id)
        self.save()

    def evidence(self, module: Module, patience: float = 0.0, say: Say = lambda _: None) -> Evidence:
        """All that a grading looks at; `patience` seconds at most for the cluster to follow. Raises LabsError."""
        from grader.collect import Source
        from grader.commands.waiting import Waiting
        from grader.kube import connect

        lab = self.needed_lab()
        source = Source(lab.folder.clone, remote=str(lab.folder.remote))
        with connect(lab.folder.kubeconfig) as kube:
            return Waiting(self.course, module, source, kube, say).collected(patience)

    def grade(self, module: Module, patience: float = 0.0, say: Say = lambda _: None) -> Report:
        """Grades the lab (`evidence`), and notes what passed. Raises LabsError; takes seconds."""
        return self.judged(module, self.evidence(module, patience, say))

    def judged(self, module: Module, evidence: Evidence) -> Report:
        """Grades what was collected, and notes what passed."""
        from grader.grade import judge

        report = judge(module, evidence)
        self.graded(module, report)
        return report

    def graded(self, module: Module, report: Report) -> None:
        """Notes what a grading saw."""
        self.at(module).graded(report)
        self.save()

    def looked(self, module: Module) -> tuple[Report | None, str]:
        """A grading if one can be had now, else None and why not."""
        lab = self.lab()
        if lab is None or not lab.complete:
            return None, "there is no lab yet: labs up makes one" if lab is None else "the lab is not complete: labs up"
        try:
            return self.grade(module), ""
        except LabsError as error:
            return None, error.diagnostics()

    def hint(self, module: Module, step: Step, report: Report | None) -> Hints:
        """One hint more."""
        self.enter(module, step)
        mine = self.at(module)
        seconds = mine.seconds.get(step.id, 0.0)
        mine.hints[step.id] = hints.asked(step, report, mine.hints.get(step.id, 0), seconds)
        self.save()
        return self.hints(module, step, report)

    def hints(self, module: Module, step: Step, report: Report | None) -> Hints:
        """The hints that were shown already."""
        mine = self.at(module)
        return hints.hints(step, report, mine.hints.get(step.id, 0), mine.seconds.get(step.id, 0.0))

    def ask_solution(self, module: Module) -> tuple[Solution, ...]:
        """Asks for the solutions; those that may be shown by then."""
        mine = self.at(module)
        mine.solutions_shown += 1
        self.save()
        found = solutions.solutions(module)
        return found[: solutions.may_show(mine, len(found))]

    def reset(self, module: Module, step: str | None, say: Say) -> Turned:
        """Goes back to before a step, or to before all (labs.learning.resetting)."""
        turned = resetting.reset(self.needed_lab(), module, step, say, earlier.files(self.course, module))
        if step is None:
            self.at(module).solutions_shown = 0
        return self._turned(module, index_of(module, step) if step else 0, turned)

    def jump(self, module: Module, step: str, say: Say) -> Turned:
        """Builds the state before a step (labs.learning.resetting). Raises UsageError for a locked one."""
        wanted = module.exercise.steps[index_of(module, step)]
        report = self.looked(module)[0] if self.course.order == "gated" else None
        self._opened(self.standing(module, report), wanted)
        turned = resetting.jump(self.needed_lab(), module, step, say, earlier.files(self.course, module))
        return self._turned(module, index_of(module, step), turned)

    def _turned(self, module: Module, index: int, turned: Turned) -> Turned:
        """Notes where one is then, and what is undone: of this module, and of earlier ones that could not stay."""
        steps = module.exercise.steps
        self.at(module).undone(steps[index:])
        undone = []
        for before in earlier.modules(self.course, module) if turned.files != "left" else ():
            if self.at(before).done and not set(earlier.starters(before)) & set(turned.carried):
                self.at(before).undone(before.exercise.steps)
                undone.append(before.id)
        self.progress.enter(module.id, steps[index].id)
        self.save()
        return replace(turned, undone=tuple(undone))
