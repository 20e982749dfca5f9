"""`labs demo`: module 01 played by itself, on a simulated lab of its own that is gone at the end."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic

from grader.collect import Source
from grader.commands.waiting import Waiting
from grader.course import Course, Module, Step
from grader.errors import EnvironmentFault
from grader.grade import judge
from grader.kube import connect
from grader.outcome import Report, Status
from grader.report import native, text
from labs import console
from labs import lab as labs
from labs.commands.lifecycle import polite
from labs.commands.session import LabSession
from labs.errors import Interrupted
from labs.lab import Lab
from labs.learning.hints import hints
from labs.state import write

MODULE = "01-chainguard-images"
_NAME = "demo"
_MISTAKE = "10-no-namespace"
_LAST = "enforcement.live"
_PATIENCE = 60.0
_WAITING = 0.0
_WORDS = {Status.PASSED: "PASS", Status.FAILED: "FAIL", Status.BLOCKED: "waits", Status.ERROR: "ERROR"}


def play(report: str) -> None:
    """Plays, and leaves the last report as JSON at `report`. Raises EnvironmentFault where it has not full marks."""
    begun = monotonic()
    try:
        with polite(), _home(), _lab() as lab:
            last = _Player(lab).play()
    except (Interrupted, KeyboardInterrupt):
        raise Interrupted(advice="The demo's lab is removed; labs demo plays it from the start.") from None
    write(Path(report).absolute(), native.write(last).encode(), 0o644)
    console.say(f"Played in {monotonic() - begun:.0f} s. The report is in {report}; nothing else is left behind.")
    if last.score != last.max_score:
        raise EnvironmentFault("the demo did not reach full marks", advice="The report above says what is missing.")


@dataclass
class _Player:
    """Does what a learner does, and shows what a learner sees. `marks` are those of the grading before."""

    lab: Lab
    marks: dict[str, Status] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.session = LabSession(self.lab.name)
        self.course: Course = self.session.course
        self.module: Module = self.course.module(MODULE)

    def play(self) -> Report:
        """The evening: nothing done, Kyverno, a mistake with its hint, the right policy, a refusal."""
        self._title("Nothing is done yet")
        self._grade(_WAITING)
        install = self.module.exercise.steps[0]
        see = next(step for step in self.module.exercise.steps if _LAST in step.checks)
        self._title(f"Step {install.task}: {install.title}")
        for command in install.commands:
            self._run(command)
        self._grade(_WAITING)
        self._title("Steps 2 to 6: a policy is written and pushed. It has a mistake")
        self._hand_in(next(one for one in self.module.mutants if one.name == _MISTAKE), "Verify provider images")
        wrong = self._grade(_PATIENCE)
        self._explain(wrong)
        self._title("The mistake is mended")
        self._hand_in(self.module.solutions[0], "Look at one namespace only")
        self._grade(_PATIENCE)
        self._title(f"Step {see.task}: {see.title}")
        for command in see.commands:
            self._run(command)
        last = self._grade(_PATIENCE)
        self._title("The whole report")
        console.say(text.write(last, self.module.exercise))
        return last

    def _title(self, words: str) -> None:
        console.say(f"\n== {words}")

    def _run(self, command: str) -> None:
        console.say(f"$ {command}")
        code = self.session.run(command, lambda line: console.say(f"  {line}"))
        if code:
            console.say(f"  (exit code {code})")

    def _hand_in(self, folder: Path, message: str) -> None:
        shutil.copytree(folder, self.lab.folder.clone, dirs_exist_ok=True, ignore=shutil.ignore_patterns("about.yaml"))
        self._run("git add --all && git diff --cached --unified=1 | tail -n +5")
        self._run(f"git commit --quiet --message '{message}' && git push --quiet origin main")

    def _grade(self, patience: float) -> Report:
        """The report; every mark that changed is shown."""
        source = Source(self.lab.folder.clone, remote=str(self.lab.folder.remote))
        with connect(self.lab.folder.kubeconfig) as kube:
            waiting = Waiting(self.course, self.module, source, kube, lambda line: console.say(f"  {line}"))
            report = judge(self.module, waiting.collected(patience))
        console.say(f"$ grader grade {MODULE} --repo .    (simulated cluster)")
        for one in report.outcomes:
            before = self.marks.get(one.check)
            if one.status is not before:
                word = f"{_WORDS[before]} -> {_WORDS[one.status]}" if before else _WORDS[one.status]
                console.say(f"  {word:14} {one.check}")
        self.marks = {one.check: one.status for one in report.outcomes}
        console.say(f"  {report.score} of {report.max_score} points, simulated")
        return report

    def _explain(self, report: Report) -> None:
        """The first check that failed, in its four parts, and the hint of its step."""
        for one in (one for one in report.outcomes if one.status is Status.FAILED):
            console.say(f"\n{one.check} failed")
            for label in ("expected", "seen", "where", "why", "next"):
                if told := getattr(one, label):
                    console.say(f"  {label:9} {told}")
            console.say(f"  hint      {self._hint(one.check, report)}")
            return

    def _hint(self, check: str, report: Report) -> str:
        step: Step = next(step for step in self.module.exercise.steps if check in step.checks)
        return hints(step, report, 1).visible[0]


@contextmanager
def _home() -> Iterator[None]:
    """A home of labs for the block alone; what the session says of labs and Git's author is put back."""
    before = dict(os.environ)
    with tempfile.TemporaryDirectory(prefix="platform-labs-demo-") as home:
        os.environ.pop("LABS_OVERRIDES", None)
        os.environ["LABS_HOME"] = home
        try:
            yield
        finally:
            os.environ.clear()
            os.environ.update(before)


@contextmanager
def _lab() -> Iterator[Lab]:
    """A simulated lab, gone at the end."""
    progress = console.Progress()
    console.say(f"$ labs up {_NAME} --cluster simulated")
    try:
        yield labs.up(_NAME, None, progress.event, progress.say, progress.tick, backend="simulated")
    finally:
        progress.wipe()
        labs.down(_NAME, discard=True)
