"""A lab made, resumed, stopped and removed by its name, over a fake engine."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from labs import lab, process
from labs.backends import kind
from labs.cluster.interface import Condition
from labs.docker import Container
from labs.errors import DockerFault, EnvironmentFault, NoLab
from labs.platform import clone
from labs.state import Folder, State
from labs.steps import bringup, cluster
from labs.steps.context import Context
from labs.steps.graph import Event, Phase, Step
from tests.unit.labs.fakes import FakeEngine, FakeRunner, failed, node

NODE = "platform-labs-hard-control-plane"


class World:
    """An engine, programs that answer, and a bring-up of three steps: repository, cluster, tail."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.engine = FakeEngine()
        self.broken: Exception | None = None
        self.ready: BaseException | None = None
        self.asked: list[str] = []
        self.told: list[str] = []
        self.seen: dict[str, Any] = {}
        self.created = 0
        self.steps = (
            Step("repository", "Remote", self._repository, holds=lambda context: context.folder.clone.is_dir()),
            Step("cluster", "Cluster", cluster.make, ("repository",), cluster.held),
            Step("tail", "Tail", self._tail, ("cluster",)),
        )

    def runner(self, logs: Path, children: Path) -> FakeRunner:
        """A runner whose `kind create` makes a node with the ports of the file that it is given."""
        made = FakeRunner(logs.parent, {"kind create": self._create, "/readyz": self._answer, " cat ": self._cat})
        made.asked = self.asked
        return made

    def _repository(self, context: Context) -> str:
        self.seen = {key: context.state.get(key) for key in ("name", "ports", "created", "overrides")}
        clone.seed(context.folder.remote, {"README.md": b"# platform\n"}, 1_800_000_000)
        clone.clone(context.folder.remote, context.folder.clone)
        (context.folder.trusted_hosts / "ca.crt").write_text("authority")
        return "made"

    def _tail(self, context: Context) -> str:
        if self.broken:
            raise self.broken
        return "done"

    def _create(self, argv: list[str]) -> str:
        self.created += 1
        found = lab.find("hard")
        self.engine.containers[NODE] = self.node(found.state.get("ports"))
        found.folder.kubeconfig.write_text("a kubeconfig")
        return ""

    def node(self, ports: dict[str, int] | None = None, *, running: bool = True) -> Container:
        """The lab's node, with its mark and ports."""
        published = {kind.PORTS[name]: port for name, port in (ports or {"registry": 1, "argocd": 2}).items()}
        mark = self.backend().mark
        return node(NODE, mark, running=running, ports=published)

    def backend(self) -> kind.OnKind:
        """The lab as it would be made in this home."""
        folder = Folder.of("hard")
        made = lab.Lab(folder, State.load(folder.state)).backend
        assert isinstance(made, kind.OnKind)
        return made

    def _answer(self, argv: list[str]) -> str:
        if self.ready:
            raise self.ready
        return "ok"

    def _cat(self, argv: list[str]) -> str:
        return "authority"

    def up(self, file: str | None = None) -> dict[str, Phase]:
        """Brings the lab up; each step with how it ended."""
        events: list[Event] = []
        try:
            lab.up("hard", file, events.append, self.told.append, backend="kind")
        finally:
            self.ended = dict[str, Phase]()
            self.ended.update({event.step: event.phase for event in events if event.phase is not Phase.STARTED})
        return self.ended


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    found = World(tmp_path)
    monkeypatch.setenv("LABS_HOME", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path / "nobody"))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    monkeypatch.delenv("LABS_OVERRIDES", raising=False)
    monkeypatch.setattr(lab, "Engine", lambda: found.engine)
    monkeypatch.setattr(lab, "Runner", found.runner)
    monkeypatch.setattr(bringup, "STEPS", found.steps)
    return found


ALL_DONE = {"repository": Phase.DONE, "cluster": Phase.DONE, "tail": Phase.DONE}
ALL_KEPT = dict.fromkeys(ALL_DONE, Phase.KEPT)


def test_what_the_lab_is_to_be_is_written_before_anything_is_made(world: World) -> None:
    assert world.up() == ALL_DONE
    assert world.seen["name"] == "hard"
    assert set(world.seen["ports"]) == set(kind.PORTS)
    assert world.seen["created"].endswith("Z")
    assert lab.find("hard").complete
    assert lab.names() == ["hard"]


def test_the_second_time_only_looks(world: World) -> None:
    world.up()
    assert world.up() == ALL_KEPT
    assert world.created == 1


def test_after_a_failure_the_same_command_goes_on(world: World) -> None:
    world.broken = EnvironmentFault("no room")
    with pytest.raises(EnvironmentFault, match="no room"):
        world.up()
    assert not lab.find("hard").complete
    world.broken = None
    assert world.up() == {"repository": Phase.KEPT, "cluster": Phase.KEPT, "tail": Phase.DONE}


def test_a_stopped_cluster_is_started_with_all_that_is_in_it(world: World) -> None:
    world.up()
    lab.stop("hard")
    assert lab.find("hard").context().cluster.condition() is Condition.STOPPED
    assert world.up() == ALL_KEPT
    assert world.engine.containers[NODE].running
    assert "starting the stopped cluster" in world.told


def test_a_cluster_that_does_not_answer_is_never_made_anew(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.up()
    world.ready = failed("connection refused")
    monkeypatch.setattr("labs.cluster.kind.Kind.wait.__defaults__", (0.0,))
    with pytest.raises(EnvironmentFault, match="API does not answer"):
        world.up()
    assert (world.created, world.engine.removed) == (1, [])


def test_a_half_made_cluster_is_made_anew(world: World) -> None:
    world.up()
    lab.find("hard").folder.kubeconfig.unlink()
    world.engine.containers[NODE] = world.node(running=False)
    assert world.up() == {"repository": Phase.KEPT, "cluster": Phase.DONE, "tail": Phase.DONE}
    assert (world.created, world.engine.removed) == (2, [NODE])


def test_a_corrupt_state_adopts_the_cluster_with_its_ports(world: World) -> None:
    world.up()
    found = lab.find("hard")
    ports = found.state.get("ports")
    found.folder.state.write_text("{")
    assert world.up() == ALL_DONE
    assert world.created == 1
    assert lab.find("hard").state.get("ports") == ports
    assert any("it was kept as state.json.corrupt-" in line for line in world.told)


def test_what_a_killed_session_left_running_is_ended(world: World) -> None:
    world.up()
    with subprocess.Popen(["sleep", "60"], start_new_session=True) as child:
        note = lab.find("hard").folder.children / "1.json"
        process.record(note, child.pid, "kind")
        note.write_text(note.read_text().replace(f'"pid": {os.getpid()}', '"pid": 0'))
        world.up()
        assert child.wait() != 0
    assert "ended a kind that an earlier session left running" in world.told


def test_the_overrides_of_the_first_time_count_until_others_are_named(world: World) -> None:
    file = world.home / "o.yaml"
    file.write_text("nodeImage: kindest/node:v1.34.0\n")
    world.up(str(file))
    file.unlink()
    world.up()
    assert world.backend().cluster.image == "kindest/node:v1.34.0"


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


def test_start_and_stop(world: World) -> None:
    world.up()
    lab.stop("hard")
    assert not world.engine.containers[NODE].running
    lab.start("hard", world.told.append)
    assert world.engine.containers[NODE].running
    lab.start("hard", world.told.append)


def test_a_lab_without_a_whole_cluster_cannot_be_started(world: World) -> None:
    world.broken = EnvironmentFault("no room")
    with pytest.raises(EnvironmentFault):
        world.up()
    world.engine.containers.clear()
    with pytest.raises(NoLab, match="the cluster of the lab hard is absent") as fault:
        lab.start("hard", world.told.append)
    assert fault.value.advice == "labs up hard makes it."


def test_a_lab_that_is_used_must_run(world: World) -> None:
    world.up()
    with lab.running("hard") as found:
        assert found.name == "hard"
    lab.stop("hard")
    with pytest.raises(NoLab, match="the lab hard is stopped"), lab.running("hard"):
        pytest.fail("it does not run")
