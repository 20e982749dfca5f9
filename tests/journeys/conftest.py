"""Labs for the journeys, one of a kind for all of them: a simulated one, and with `-m e2e` a real one.

Each is made with an interruption where that can be, and removed at the end; nothing of it may stay behind.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from grader import course
from tests.journeys import real_lab
from tests.journeys.learner import MODULE, Learner

NAME = f"evening-{os.getpid()}"
"""The name of a run's labs: of its own, so that what a cut-off run left behind is never taken for this run's."""
MUTANTS = course.read().module(MODULE).mutants
SOLUTIONS = course.read().module(MODULE).solutions

SPREAD = 20
"""On a simulated lab every twentieth solution and mutant is handed in, and each mutant that is not simply pushed;
LABS_ALL_MUTANTS=1: all. A real one gets all of them, and the corpus of truth asks the simulated API about all."""
BACKENDS = ("simulated", pytest.param("kind", marks=pytest.mark.e2e))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leaves the spread of what is handed in where a lab is simulated."""
    if os.environ.get("LABS_ALL_MUTANTS"):
        return
    left_out = [item for item in items if _beside_the_spread(item)]
    items[:] = [item for item in items if item not in left_out]
    config.hook.pytest_deselected(items=left_out)


def _beside_the_spread(item: pytest.Item) -> bool:
    given = getattr(getattr(item, "callspec", None), "params", {})
    handed, among = given.get("mutant"), MUTANTS
    if handed is None:
        handed, among = given.get("solution"), SOLUTIONS
    if handed is None or given.get("learner") != "simulated":
        return False
    pushed = "action" not in yaml.safe_load((handed / "about.yaml").read_text())
    return pushed and among.index(handed) % SPREAD != 0


@pytest.fixture(scope="session", params=BACKENDS)
def learner(request: pytest.FixtureRequest) -> Learner:
    """A learner with a fresh lab, of each kind."""
    found: Learner = request.getfixturevalue(f"on_{request.param}")
    return found


@pytest.fixture(scope="session")
def on_simulated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Learner]:
    """A learner with a simulated lab."""
    home = tmp_path_factory.mktemp("home")
    learner = Learner(home, NAME)
    try:
        learner.labs("up", NAME, "--cluster", "simulated")
        learner.learn_facts()
        yield learner
    finally:
        learner.labs("down", NAME, check=False)
    left = [path for path in home.rglob("*") if path.is_file() and not _stays(path)]
    assert not left, f"labs down left files behind: {left[:5]}"


@pytest.fixture(scope="session")
def on_kind(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Learner]:
    """A learner with a real lab: `labs up` cut off by Ctrl-C in its middle, then run again.

    For working on the journeys, LABS_JOURNEY=HOME:NAME takes a lab that is there, and leaves it.
    """
    if given := os.environ.get("LABS_JOURNEY"):
        there, _, name = given.partition(":")
        kept = Learner(Path(there), name)
        kept.learn_facts()
        yield kept
        return
    home = tmp_path_factory.mktemp("home")
    real_lab.remove_abandoned(NAME)
    networks = real_lab.networks()
    learner = Learner(home, NAME)
    volumes: list[str] = []
    try:
        real_lab.interrupted_up(learner)
        print(learner.labs("up", NAME, "--cluster", "kind").stdout)
        learner.learn_facts()
        volumes = real_lab.volumes(NAME)
        yield learner
    finally:
        print(learner.labs("down", NAME, check=False).stdout)
    assert real_lab.containers(NAME) == [], "labs down left containers behind"
    assert not set(volumes) & set(real_lab.docker("volume", "ls", "-q")), "labs down left volumes behind"
    assert real_lab.networks() == networks, "labs down left networks behind"
    left = [path for path in home.rglob("*") if path.is_file() and not _stays(path)]
    assert not left, f"labs down left files behind: {left[:5]}"


def _stays(path: Path) -> bool:
    """Whether a file is the person's, not the lab's: kept work, and the progress."""
    return "backups" in path.parts or "progress.json" in path.name


@pytest.fixture
def at_the_start(learner: Learner) -> Learner:
    """The learner before task 1, whatever was done before."""
    if not learner.shell("kubectl get namespace kyverno", check=False).returncode:
        learner.start_over()
        learner.labs("reset", "--module", MODULE, "--yes")
    return learner


@pytest.fixture
def with_kyverno(learner: Learner) -> Learner:
    """The learner with task 1 done."""
    if learner.shell("kubectl get namespace kyverno", check=False).returncode:
        learner.take_step(0)
    return learner
