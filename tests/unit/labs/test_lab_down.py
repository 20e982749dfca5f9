"""A lab removed by its name, whole or half made; the work in it is kept."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from labs import lab
from labs.errors import DockerFault, EnvironmentFault
from labs.platform import clone
from labs.state import Folder
from tests.lab_world import ALL_KEPT, NODE, World, entered
from tests.unit.labs.fakes import node


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    return entered(tmp_path, monkeypatch)


def commit(folder: Path) -> None:
    """A learner's commit."""
    (folder / "policy.yaml").write_text("kind: ClusterPolicy\n")
    who = ("-c", "user.name=Ada", "-c", "user.email=ada@example.org")
    for command in (("add", "-A"), (*who, "commit", "-qm", "Work")):
        subprocess.run(["git", *command], cwd=folder, check=True)


def test_down_keeps_the_work_and_leaves_nothing_else(world: World) -> None:
    world.up()
    commit(lab.find("hard").folder.clone)
    kept = lab.down("hard")
    assert kept is not None
    assert [name.partition("/")[2] for name in kept.references] == ["clone/main"]
    assert kept.repository == world.home / "backups" / "hard.git"
    assert (world.engine.containers, lab.names()) == ({}, [])
    assert [path.name for path in (world.home / "labs").iterdir()] == []


def test_down_again_finds_nothing(world: World) -> None:
    world.up()
    lab.down("hard")
    assert lab.down("hard") is None


def test_down_can_discard(world: World) -> None:
    world.up()
    commit(lab.find("hard").folder.clone)
    lab.down("hard", discard=True)
    assert not (world.home / "backups").exists()


def _only_a_lock(world: World) -> None:
    folder = Folder.of("hard")
    folder.make()
    folder.lock.touch()


def _half_an_authority(world: World) -> None:
    folder = Folder.of("hard")
    folder.make()
    (folder.registry / "authority").mkdir(parents=True)
    (folder.registry / "authority" / "seed").write_bytes(b"half")


def _half_a_clone(world: World) -> None:
    folder = Folder.of("hard")
    folder.make()
    clone.seed(folder.remote, {"README.md": b"x"}, 0)
    (folder.root / ".platform.making" / ".git" / "objects").mkdir(parents=True)


def _a_corrupt_state(world: World) -> None:
    folder = Folder.of("hard")
    folder.make()
    folder.state.write_text("[")


def _a_node_alone(world: World) -> None:
    world.engine.containers[NODE] = world.node(running=False)


def _half_a_removal(world: World) -> None:
    world.up()
    folder = lab.find("hard").folder
    folder.root.rename(folder.removed)
    (folder.removed / "state.json").unlink()
    world.engine.containers.clear()


@pytest.mark.parametrize(
    "half", [_only_a_lock, _half_an_authority, _half_a_clone, _a_corrupt_state, _a_node_alone, _half_a_removal]
)
def test_what_is_half_made_or_half_removed_is_removed(world: World, half: Callable[[World], None]) -> None:
    half(world)
    lab.down("hard")
    assert (world.engine.containers, lab.names()) == ({}, [])
    assert [path.name for path in (world.home / "labs").iterdir()] == []


def test_a_removed_lab_is_in_no_list(world: World) -> None:
    world.up()
    folder = lab.find("hard").folder
    folder.root.rename(folder.removed)
    assert lab.names() == []


def test_without_an_engine_nothing_is_removed(world: World) -> None:
    world.up()
    world.engine.down = "the Docker Engine does not answer"
    with pytest.raises(DockerFault):
        lab.down("hard")
    world.engine.down = ""
    assert world.up() == ALL_KEPT


def test_a_lab_of_another_home_with_the_same_name_is_left_alone(world: World, tmp_path: Path) -> None:
    world.engine.containers[NODE] = node(NODE, "/srv/platform-labs/lab/another")
    with pytest.raises(EnvironmentFault, match="that this lab did not make"):
        world.up()
    assert lab.down("elsewhere") is None
    assert NODE in world.engine.containers
