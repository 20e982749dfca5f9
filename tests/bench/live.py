"""How soon live marks tell: from an event in a simulated cluster, or a push, to the view that shows it."""

from __future__ import annotations

import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from grader.kube import Kube, connect
from labs.learning.live import Live, View
from tests.sim_lab import COURSE, MODULE, Lab, Places, sim_lab

RUNS = 9
BUDGET = 0.3
_CONTROLLER = ("apps", "kyverno", "kyverno-admission-controller")


class Screen:
    """The last view, and how long the next one that fits lets wait."""

    def __init__(self, lab: Lab) -> None:
        self.view: View | None = None
        self._news = threading.Condition()
        places = Places(lab.clone.path, lab.remote, lab.server.kubeconfig)
        self.live = Live(places, COURSE, MODULE, self._told)

    def _told(self, view: View) -> None:
        with self._news:
            self.view = view
            self._news.notify_all()

    def until(self, fits: Callable[[View], bool]) -> float:
        """Seconds until the view fits."""
        start = time.perf_counter()
        with self._news:
            assert self._news.wait_for(lambda: self.view is not None and fits(self.view), 60)
        return time.perf_counter() - start

    def status(self, check: str, word: str) -> Callable[[View], bool]:
        """Whether a check has that status, and nothing is waited for."""
        return lambda view: (
            not view.waiting and view.report is not None and view.report.outcome(check).status.value == word
        )


def rows() -> Iterator[str]:
    """Medians, and what they are against: a change that one bare watch tells, one bare GET, a full grading."""
    with tempfile.TemporaryDirectory() as folder, sim_lab(Path(folder)) as lab, connect(lab.server.kubeconfig) as kube:
        lab.kyverno()
        screen = Screen(lab)
        screen.live.start()
        try:
            screen.until(screen.status("kyverno.ready", "passed"))
            bare, get = _bare(kube), _get(kube)
            yield _row("a change in the cluster to its mark", _events(screen, lab), bare, "a bare watch", get)
            yield _row("a push to its mark", _pushes(screen, lab), bare, "a bare watch", get)
            yield _row("a policy in force to its probed marks", [_probed(screen, lab)], bare, "a bare watch", get, None)
            yield f"a whole grading, all probes put again: {_asked(screen) * 1000:.0f} ms (aim: 1000)"
            yield f"idle: {_idle():.2%} of one core, the simulated cluster with it"
        finally:
            start = time.perf_counter()
            screen.live.stop()
        yield f"stopped in {(time.perf_counter() - start) * 1000:.0f} ms"


def _row(what: str, times: list[float], bare: float, against: str, get: float, budget: float | None = BUDGET) -> str:
    seconds = statistics.median(times)
    word = (
        "" if budget is None else f" ({'within' if seconds <= budget else 'OVER'} the budget of {budget * 1000:.0f} ms)"
    )
    return (
        f"{what}: {seconds * 1000:.0f} ms{word}; {against}: {bare * 1000:.0f} ms, ratio {seconds / bare:.1f}; "
        f"one GET: {get * 1000:.1f} ms, ratio {seconds / get:.1f}"
    )


def _events(screen: Screen, lab: Lab) -> list[float]:
    """Kyverno goes and comes back."""
    found = []
    for run in range(RUNS):
        wanted = "failed" if run % 2 == 0 else "passed"
        lab.change("deployments", *_CONTROLLER, {"spec": {"replicas": 0 if wanted == "failed" else 1}})
        found.append(screen.until(lambda view, wanted=wanted: _kyverno(view) == wanted))  # type: ignore[misc]
    lab.change("deployments", *_CONTROLLER, {"spec": {"replicas": 1}})
    screen.until(screen.status("kyverno.ready", "passed"))
    return found


def _kyverno(view: View) -> str:
    return view.report.outcome("kyverno.ready").status.value if view.report else ""


def _pushes(screen: Screen, lab: Lab) -> list[float]:
    """A commit that only the clone has, then the push; the mark of the push alone."""
    found = []
    lab.clone.lay(MODULE.solutions[0])
    policy = next(file for file in MODULE.solutions[0].rglob("*.yaml") if file.name != "about.yaml")
    for run in range(RUNS):
        name = policy.relative_to(MODULE.solutions[0]).as_posix()
        lab.clone.write(name, f"{policy.read_text()}\n# {run}\n")
        lab.clone.commit()
        screen.until(lambda view: _pushed(view) == "failed")
        lab.clone.push()
        lab.clone.publish(lab.remote)
        found.append(screen.until(lambda view: _pushed(view) == "passed"))
    return found


def _pushed(view: View) -> str:
    return view.report.outcome("repository.pushed").status.value if view.report else ""


def _probed(screen: Screen, lab: Lab) -> float:
    """From the push of another policy to the mark that only probes can give."""
    screen.until(screen.status("enforcement.live", "passed"))
    lab.push(next(path for path in MODULE.mutants if path.name == "05-audit"))
    return screen.until(screen.status("policy.enforced", "failed"))


def _asked(screen: Screen) -> float:
    """Until the second view after asking, which is told when the last probe is answered."""
    times = []
    for _ in range(3):
        told, start = [screen.view], time.perf_counter()
        screen.live.ask()
        for _ in range(2):
            screen.until(lambda view, told=told: view is not told[-1])  # type: ignore[misc]
            told.append(screen.view)
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def _bare(kube: Kube) -> float:
    """From a change to the event of one watch that does nothing with it."""
    path, times = "/api/v1/namespaces/default/configmaps", []
    _, version = kube.listed(path)
    with kube.watch(path, version) as stream:
        events = iter(stream)
        for run in range(RUNS):
            start = time.perf_counter()
            kube.create(path, _config_map(run))
            next(events)
            times.append(time.perf_counter() - start)
    return statistics.median(times)


def _config_map(number: int) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": f"bench-{number}"}}


def _get(kube: Kube) -> float:
    times: list[float] = []
    for _ in range(RUNS):
        start = time.perf_counter()
        _namespace: Any = kube.get("/api/v1/namespaces/default")
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def _idle() -> float:
    """The share of a core that this process takes while nothing happens."""
    start, before = time.perf_counter(), time.process_time()
    time.sleep(5)
    return (time.process_time() - before) / (time.perf_counter() - start)
