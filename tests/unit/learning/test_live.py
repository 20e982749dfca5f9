"""Marks that follow a lab by themselves, on a simulated cluster: from nothing to all done, and away and back."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from grader import grade
from grader.outcome import Status
from labs.learning import live as module
from labs.learning import live_cluster
from labs.learning.live import Live, View
from tests.relay import Relay
from tests.sim_lab import COURSE, MODULE, Lab, Places, sim_lab

PATIENCE = 20


class Screen:
    """Keeps every view that was told, and waits for the next one that fits."""

    def __init__(self, places: Places) -> None:
        self.views: list[View] = []
        self._news = threading.Condition()
        self.live = Live(places, COURSE, MODULE, self._told)

    def _told(self, view: View) -> None:
        with self._news:
            self.views.append(view)
            self._news.notify_all()

    def until(self, fits: Callable[[View], bool]) -> View:
        """The first view that fits, among those told so far and to come; those before it are dropped."""

        def look() -> bool:
            while self.views and not fits(self.views[0]):
                self.views.pop(0)
            return bool(self.views)

        with self._news:
            assert self._news.wait_for(look, PATIENCE)
            return self.views[0]

    def until_passed(self, *checks: str) -> View:
        """The first view in which these checks are passed, and nothing is waited for."""
        return self.until(lambda view: not view.waiting and all(status(view, one) is Status.PASSED for one in checks))


def status(view: View, check: str) -> Status | None:
    return view.report.outcome(check).status if view.report else None


@contextmanager
def watching(places: Places) -> Iterator[Screen]:
    screen = Screen(places)
    screen.live.start()
    try:
        yield screen
    finally:
        screen.live.stop()
    own = ("watch ", "probes", "live marks", "ThreadPoolExecutor")
    assert [thread.name for thread in threading.enumerate() if thread.name.startswith(own)] == []


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    with sim_lab(tmp_path_factory.mktemp("lab")) as found:
        yield found


@pytest.fixture(scope="module")
def places(lab: Lab) -> Places:
    return Places(lab.clone.path, lab.remote, lab.server.kubeconfig)


def test_an_evening_without_a_key(lab: Lab, places: Places) -> None:
    """Kyverno, the push, what Argo CD does with it, the probes, the providers; then a mistake."""
    with watching(places) as screen:
        first = screen.until(lambda view: view.report is not None)
        assert (first.mode, first.problem, status(first, "kyverno.installed")) == ("watching", None, Status.FAILED)

        lab.kyverno()
        screen.until_passed("kyverno.installed", "kyverno.ready")

        lab.push(MODULE.solutions[0])
        screen.until(lambda view: status(view, "repository.pushed") is Status.PASSED)
        asked = screen.until(lambda view: any("questions" in one.for_ for one in view.waiting))
        assert {one.check for one in asked.waiting} >= {"policy.scope", "policy.identity", "enforcement.live"}
        screen.until_passed("policy.scope", "policy.identity", "argocd.synced", "enforcement.live")

        lab.providers("signed", "unsigned")
        done = screen.until_passed("enforcement.provider")
        assert done.report is not None
        assert done.report.score == done.report.max_score

        lab.push(next(path for path in MODULE.mutants if path.name == "10-no-namespace"))
        wrong = screen.until(lambda view: not view.waiting and status(view, "policy.scope") is Status.FAILED)
        assert wrong.mode == "watching"


def test_what_argo_cd_has_yet_to_follow_is_waited_for(lab: Lab, places: Places) -> None:
    """Argo CD's controller sleeps, so the revision stays behind."""
    asleep = {"spec": {"replicas": 0}}
    with watching(places) as screen:
        screen.until(lambda view: view.report is not None)
        lab.change("statefulsets", "apps", "argocd", "argocd-application-controller", asleep)
        lab.push(MODULE.solutions[0])
        view = screen.until(lambda view: any(one.check == "argocd.synced" for one in view.waiting))
        [waits] = [one for one in view.waiting if one.check == "argocd.synced"]
        assert "Argo CD is at" in waits.for_
        assert waits.since <= view.at
        lab.change("statefulsets", "apps", "argocd", "argocd-application-controller", {"spec": {"replicas": 1}})
        screen.until_passed("argocd.synced")


def test_asking_tells_even_what_is_the_same(places: Places) -> None:
    with watching(places) as screen:
        first = screen.until(lambda view: view.report is not None and not view.waiting)
        screen.views.clear()
        screen.live.ask()
        again = screen.until(lambda view: not view.waiting)
        assert not again.tells(first)
        answered = screen.until(lambda view: view.at > again.at)
        assert not answered.tells(first)


def test_a_lab_that_is_not_there_is_away_and_its_files_are_marked_all_the_same(lab: Lab, tmp_path: Path) -> None:
    with watching(Places(lab.clone.path, lab.remote, tmp_path / "none")) as screen:
        view = screen.until(lambda view: view.mode == "away")
        assert view.problem
        assert status(view, "kyverno.installed") is Status.ERROR
        assert status(view, "policy.present") is Status.PASSED
        assert view.waiting == ()


@pytest.fixture
def wire(lab: Lab, tmp_path: Path) -> Iterator[tuple[Relay, Places]]:
    """The same lab by a wire that can be cut."""
    relay = Relay(lab.server.port)
    config = lab.server.kubeconfig.read_text().replace(f":{lab.server.port}", f":{relay.port}")
    (tmp_path / "kubeconfig").write_text(config)
    yield relay, Places(lab.clone.path, lab.remote, tmp_path / "kubeconfig")
    relay.cut()


def test_a_cluster_that_goes_away_and_comes_back_is_told(wire: tuple[Relay, Places], lab: Lab) -> None:
    relay, places = wire
    with watching(places) as screen:
        before = screen.until(lambda view: view.mode == "watching" and not view.waiting)
        relay.cut()
        away = screen.until(lambda view: view.mode == "away")
        assert "cannot be reached" in (away.problem or "")
        assert "`labs start` wakes it" in (away.problem or "")
        assert away.report is not None
        assert before.report is not None
        assert [one.status for one in away.report.outcomes] == [one.status for one in before.report.outcomes]
        lab.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "meanwhile"}})
        relay.lay()
        assert screen.until(lambda view: view.mode == "watching").problem is None


def test_a_cluster_that_hangs_is_noticed(wire: tuple[Relay, Places], lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its watches end as little as they do where nothing changes, so only asking tells."""
    monkeypatch.setattr(live_cluster, "PULSE", 0.05)
    monkeypatch.setattr(live_cluster, "ANSWERS", 0.2)
    relay, places = wire
    with watching(places) as screen:
        screen.until(lambda view: view.mode == "watching" and not view.waiting)
        relay.freeze()
        away = screen.until(lambda view: view.mode == "away")
        assert away.problem
        relay.thaw()
        screen.until(lambda view: view.mode == "watching")


def test_a_lab_that_is_made_anew_is_found_by_its_new_kubeconfig(wire: tuple[Relay, Places], lab: Lab) -> None:
    relay, places = wire
    with watching(places) as screen:
        screen.until(lambda view: view.mode == "watching")
        relay.cut()
        screen.until(lambda view: view.mode == "away")
        places.kubeconfig.write_bytes(lab.server.kubeconfig.read_bytes())
        screen.until(lambda view: view.mode == "watching")


def test_a_clone_that_is_no_repository_is_told(lab: Lab, places: Places, tmp_path: Path) -> None:
    (tmp_path / "clone").mkdir()
    with watching(Places(tmp_path / "clone", lab.remote, places.kubeconfig)) as screen:
        view = screen.until(lambda view: view.report is not None)
        assert "not a Git repository" in (view.problem or "")


def test_a_grading_that_breaks_off_is_told_and_the_next_one_comes(
    lab: Lab, places: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = iter([True])

    def judge(*arguments: object, **more: object) -> object:
        if next(broken, False):
            raise KeyError("odd")
        return grade.judge(*arguments, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(module, "judge", judge)
    with watching(places) as screen:
        assert screen.until(lambda view: view.problem is not None).problem == "the grading broke off: KeyError"
        screen.live.ask()
        assert screen.until(lambda view: view.report is not None).problem is None


def test_what_never_began_ends_as_well(places: Places) -> None:
    Screen(places).live.stop()
    assert not [thread for thread in threading.enumerate() if thread.name == "live marks"]


def test_a_screen_that_fails_does_not_end_it(places: Places) -> None:
    told = threading.Semaphore(0)

    def fail(view: View) -> None:
        told.release()
        raise RuntimeError("the screen is gone")

    live = Live(places, COURSE, MODULE, fail)
    live.start()
    try:
        assert told.acquire(timeout=PATIENCE)
        live.ask()
        assert told.acquire(timeout=PATIENCE)
    finally:
        live.stop()
