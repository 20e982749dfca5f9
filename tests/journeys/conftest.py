"""Labs for the journeys, one of a kind for all of them: a simulated one, and with `-m e2e` a real one.

Each is made with an interruption where that can be, and removed at the end; nothing of it may stay behind.
"""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from grader import course
from tests.journeys.learner import MODULE, Learner, environment

NAME = "evening"
MUTANTS = course.read().module(MODULE).mutants
LIMIT = 900  # seconds that one bring-up may take


SPREAD = 4
"""On a simulated lab every fourth mutant is handed in, and each that is not simply pushed; LABS_ALL_MUTANTS=1: all."""
BACKENDS = ("simulated", pytest.param("kind", marks=pytest.mark.e2e))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leaves the spread of the mutants where a lab is simulated: the corpus asks the API about all of them."""
    if os.environ.get("LABS_ALL_MUTANTS"):
        return
    left_out = [item for item in items if _beside_the_spread(item)]
    items[:] = [item for item in items if item not in left_out]
    config.hook.pytest_deselected(items=left_out)


def _beside_the_spread(item: pytest.Item) -> bool:
    given = getattr(getattr(item, "callspec", None), "params", {})
    mutant = given.get("mutant")
    if mutant is None or given.get("learner") != "simulated":
        return False
    pushed = "action" not in yaml.safe_load((mutant / "about.yaml").read_text())
    return pushed and MUTANTS.index(mutant) % SPREAD != 0


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
    networks = _networks()
    learner = Learner(home, NAME)
    volumes: list[str] = []
    try:
        _interrupted_up(learner)
        print(learner.labs("up", NAME, "--cluster", "kind").stdout)
        learner.learn_facts()
        volumes = _volumes(NAME)
        yield learner
    finally:
        print(learner.labs("down", NAME, check=False).stdout)
    assert _containers(NAME) == [], "labs down left containers behind"
    assert not set(volumes) & set(_docker("volume", "ls", "-q")), "labs down left volumes behind"
    assert _networks() == networks, "labs down left networks behind"
    left = [path for path in home.rglob("*") if path.is_file() and not _stays(path)]
    assert not left, f"labs down left files behind: {left[:5]}"


def _stays(path: Path) -> bool:
    """Whether a file is the person's, not the lab's: kept work, and the progress."""
    return "backups" in path.parts or "progress.json" in path.name


@pytest.fixture
def with_kyverno(learner: Learner) -> Learner:
    """The learner with task 1 done."""
    if learner.shell("kubectl get namespace kyverno", check=False).returncode:
        learner.take_step(0)
    return learner


def _interrupted_up(learner: Learner) -> None:
    """Starts `labs up`, and presses Ctrl-C once the cluster's container is there."""
    log = learner.home / "interrupted.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            ["labs", "up", NAME, "--cluster", "kind"],
            stdout=output,
            stderr=output,
            env=environment(learner.home),
            start_new_session=True,
        )
        deadline = time.monotonic() + LIMIT
        while process.poll() is None and not _containers(NAME) and time.monotonic() < deadline:
            _pause(process)
        assert process.poll() is None, f"labs up ended before it could be interrupted:\n{log.read_text()[-3000:]}"
        os.killpg(process.pid, signal.SIGINT)
        status = process.wait(timeout=120)
    text = log.read_text()
    log.unlink()
    assert status == 130, f"Ctrl-C in labs up ended with {status}:\n{text[-3000:]}"
    assert "Traceback" not in text, text[-3000:]


def _pause(process: subprocess.Popen[bytes]) -> None:
    """Waits a moment for the process, so that polling does not spin."""
    try:
        process.wait(timeout=0.3)
    except subprocess.TimeoutExpired:
        return


def _docker(*arguments: str) -> list[str]:
    done = subprocess.run(["docker", *arguments], capture_output=True, text=True, check=True)
    return sorted(done.stdout.split())


def _containers(name: str) -> list[str]:
    return _docker("ps", "-aq", "--filter", f"name={name}")


def _volumes(name: str) -> list[str]:
    """The volumes of the lab's containers."""
    found = _docker("inspect", "--format", "{{range .Mounts}}{{.Name}} {{end}}", *_containers(name))
    return [one for one in found if one]


def _networks() -> list[str]:
    """All networks but kind's own, which its clusters share and which stays."""
    return [name for name in _docker("network", "ls", "--format", "{{.Name}}") if name != "kind"]
