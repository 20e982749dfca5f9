"""One learner's evening: the course, the first lab that there is, and the grader."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from grader import course as courses
from grader.course import Course
from grader.errors import LabsError
from grader.outcome import Report
from labs import lab as labs
from labs import state
from labs.errors import NoLab
from labs.lab import Lab


class LabSession:
    """Grades and runs commands in the lab `name`; looks each time whether it is there."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._course = courses.read()
        self._running: subprocess.Popen[str] | None = None

    @classmethod
    def first(cls) -> LabSession:
        """The session on `default` if there is such a lab, else on the first one."""
        names = labs.names()
        return cls(state.DEFAULT if state.DEFAULT in names or not names else names[0])

    @property
    def course(self) -> Course:
        return self._course

    def lab_line(self) -> str:
        lab = self._lab()
        if lab is None:
            return "no lab yet: labs up makes one"
        return f"lab {self.name} on {lab.state.get('backend')}" + ("" if lab.complete else ", not complete: labs up")

    def has_lab(self) -> bool:
        lab = self._lab()
        return lab is not None and lab.complete

    def _lab(self) -> Lab | None:
        try:
            return labs.find(self.name)
        except LabsError:
            return None

    def grade(self, module: str) -> Report:
        """One grading of the lab as it stands, by the grader's own functions."""
        from grader.collect import Source, collect
        from grader.grade import judge
        from grader.kube import connect

        lab = self._lab()
        if lab is None:
            raise NoLab("there is no lab to grade", advice="labs up makes one.")
        found = self._course.module(module)
        source = Source(lab.folder.clone, remote=str(lab.folder.remote))
        with connect(lab.folder.kubeconfig) as kube:
            return judge(found, collect(self._course, found, source, kube))

    def run(self, command: str, tell: Callable[[str], None]) -> int:
        lab = self._lab()
        surroundings = lab.environment() if lab else labs.without_lab()
        folder = lab.folder.clone if lab and lab.folder.clone.is_dir() else Path.cwd()
        self._running = subprocess.Popen(
            ["bash", "-c", command],
            cwd=folder,
            env=surroundings,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
        )
        with self._running as running:
            assert running.stdout is not None  # noqa: S101 (asked for above)
            for line in running.stdout:
                tell(line.rstrip("\n"))
            return running.wait()

    def stop(self) -> None:
        if self._running and self._running.poll() is None:
            with suppress(ProcessLookupError):
                os.killpg(self._running.pid, signal.SIGINT)
