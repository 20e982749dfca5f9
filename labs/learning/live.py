"""Live marks: the lab graded by itself whenever its cluster or repository changes.

Watches keep what is known of the cluster current, so that one event costs one judgement and no
question. Four parts work side by side, each in threads of its own: the cluster (`live_cluster`),
the repository (`live_repository`), the probes (`live_probing`), and here the judging, which is
the only one that tells anybody.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

import grader
from grader.collect import Source, read_repository
from grader.course import Course, Module
from grader.errors import LabsError
from grader.evidence.model import Cluster, Evidence, Repository
from grader.follows import refresh
from grader.grade import judge
from grader.outcome import Profile, Report, Status
from grader.text import one_line
from labs.learning.live_cluster import WatchedCluster
from labs.learning.live_probing import Answers, Prober
from labs.learning.live_refresh import Refresher
from labs.learning.live_repository import WatchedRepository
from labs.learning.live_view import Mode, View, Waiting
from labs.learning.live_waiting import Tracker

__all__ = ["Live", "Mode", "View", "Waiting"]

_QUIET = 0.02
"""Seconds in which events are taken together."""

_LONGEST_REST = 10.0
"""Judging takes at most half of the time: after one, as long as it took is rested, up to so many seconds."""

_JOIN = 0.9
"""Seconds that `stop` waits for the threads; what is in the middle of a judgement ends after it."""


class Places(Protocol):
    """Where a lab's parts are; `labs.state.Folder` has them."""

    @property
    def clone(self) -> Path: ...

    @property
    def remote(self) -> Path: ...

    @property
    def kubeconfig(self) -> Path: ...


class HasFolder(Protocol):
    """A lab, as far as it is needed here."""

    @property
    def folder(self) -> Places: ...


class Live:
    """Grades one module in one lab from `start` to `stop`; `told` hears of each change, from a thread of its own.

    `told` should not take long: no further change is told before it returns.
    """

    def __init__(self, lab: HasFolder, course: Course, module: Module, told: Callable[[View], None]) -> None:
        places = lab.folder
        self._module, self._told = module, told
        self._digest = course.digest
        self._source = Source(places.clone, remote=str(places.remote))
        self._folder = str(module.exercise.parameters.get("folder", ""))
        self._news = threading.Event()
        self._stopping = threading.Event()
        self._reread = self._asked = True
        self._cluster = WatchedCluster(places.kubeconfig, self._news.set)
        self._files = WatchedRepository(places.clone, places.remote, self._files_changed)
        self._prober = Prober(module.exercise, self._news.set)
        self._tracker, self._refresher = Tracker(), Refresher()
        self._repository: Repository | None = None
        self._unreadable: str | None = None
        self._judged: tuple[Repository | None, Cluster | None, Answers | None] | None = None
        self._report: Report | None = None
        self._view: View | None = None
        self._retry: float | None = None
        self._thread = threading.Thread(target=self._run, name="live marks", daemon=True)

    def start(self) -> None:
        """Begins; the first view comes as soon as the lab was read once. Returns at once."""
        for part in (self._cluster, self._files, self._prober, self._thread):
            part.start()
        self._news.set()

    def stop(self) -> None:
        """Ends everything; returns within a second, and nothing is told afterwards."""
        self._stopping.set()
        self._news.set()
        parts = (self._cluster, self._prober, self._files)
        for part in parts:
            part.stop()
        end = time.monotonic() + _JOIN
        for one in (*parts, self._thread):
            if one is not threading.current_thread() and self._thread.ident:
                one.join(max(end - time.monotonic(), 0.0))

    def ask(self) -> None:
        """Grades now: reads the repository and asks the probes again.

        The view is told at once and when the probes are answered, even if it is the same.
        """
        self._asked = self._reread = True
        self._prober.again()
        self._cluster.again()
        self._news.set()

    def _files_changed(self) -> None:
        self._reread = True
        self._news.set()

    def _run(self) -> None:
        while True:
            self._news.wait(self._until())
            if self._stopping.wait(_QUIET):
                return
            self._news.clear()
            began = time.monotonic()
            try:
                self._look()
            except Exception as error:  # whatever it is, the marks have to go on
                self._broke_off(error)
            self._stopping.wait(min(time.monotonic() - began, _LONGEST_REST))

    def _broke_off(self, error: Exception) -> None:
        said = one_line(str(error)) if isinstance(error, LabsError) else type(error).__name__
        with contextlib.suppress(Exception):  # of `told`, which may be what has failed
            self._tell(View(self._report, problem=f"the grading broke off: {said}", at=time.time()))

    def _until(self) -> float | None:
        """Seconds until time alone may change something, or None."""
        dues = [due for due in (self._tracker.due, self._refresher.due, self._retry) if due is not None]
        return max(min(dues) - time.time(), 0.0) if dues else None

    def _look(self) -> None:
        """One grading of what is known, and what follows from it."""
        if self._reread:
            self._reread = False
            self._read()
        cluster = self._cluster.snapshot()
        if cluster is None and self._cluster.away is None:
            return
        evidence = self._evidence(cluster)
        answers = self._prober.wanted(evidence, self._cluster.kube)
        self._report = self._judge(evidence, answers)
        waiting = self._waiting(self._report, answers)
        self._tell(View(self._report, waiting, self._mode(), self._problem(), time.time()))
        self._hurry(cluster, waiting)
        self._plan_retry(answers)

    def _read(self) -> None:
        try:
            self._repository = read_repository(self._module.exercise, self._source)
            self._unreadable = None
        except LabsError as error:
            self._unreadable = str(error)

    def _evidence(self, cluster: Cluster | None) -> Evidence:
        return Evidence(
            module=self._module.id,
            profile=Profile.CLUSTER.value,
            collected_at=datetime.now(UTC).isoformat(timespec="seconds"),
            grader=grader.__version__,
            course=self._digest,
            repository=self._repository,
            cluster=cluster,
        )

    def _judge(self, evidence: Evidence, answers: Answers | None) -> Report:
        now = evidence.repository, evidence.cluster, answers
        if self._report is None or now != self._judged:
            self._report = judge(self._module, answers.within(evidence) if answers else evidence)
            self._judged = now
        return self._report

    def _waiting(self, report: Report, answers: Answers | None) -> tuple[Waiting, ...]:
        probes = self._module.exercise.probes
        asked = {probe.check for probe in probes} if answers is None and self._cluster.away is None else set()
        for outcome in report.outcomes:  # in their order, so that what rests on these comes after them
            if asked and outcome.needs and outcome.status is Status.ERROR and asked.issuperset(outcome.needs):
                asked.add(outcome.check)
        words = f"the cluster is being asked {len(probes)} questions"
        return self._tracker.update(report, asked, words, time.time())

    def _mode(self) -> Mode:
        if self._cluster.away:
            return "away"
        return "polling" if self._cluster.polled or self._files.polled else "watching"

    def _problem(self) -> str | None:
        found = self._cluster.away or self._unreadable or self._cluster.polled or self._files.polled
        return one_line(found, 500) if found else None

    def _tell(self, view: View) -> None:
        if not self._stopping.is_set() and (self._asked or view.tells(self._view)):
            self._asked = self._asked and self._prober.since is not None
            self._view = view
            self._told(view)

    def _hurry(self, cluster: Cluster | None, waiting: tuple[Waiting, ...]) -> None:
        """Asks Argo CD to look at what was pushed."""
        remote = self._repository.remote if self._repository else None
        waits = any(one.check == "argocd.synced" for one in waiting)
        kube = self._cluster.kube
        if self._refresher.now(remote.head if remote else None, waits, time.time()) and kube and cluster:
            refresh(kube, cluster, self._folder)

    def _plan_retry(self, answers: Answers | None) -> None:
        """Asks again after a while where a fault of the surroundings kept answers away."""
        after = self._prober.retry_after() if answers else None
        if after is None:
            self._retry = None
        elif self._retry is None:
            self._retry = time.time() + after
        elif time.time() >= self._retry:
            self._retry = None
            self._prober.again()
            self._news.set()
