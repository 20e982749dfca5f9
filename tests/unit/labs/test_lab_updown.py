"""A lab made, resumed, stopped and started by its name, over a fake engine."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from labs import lab, process
from labs.backends import kind
from labs.cluster.interface import Condition
from labs.errors import EnvironmentFault, NoLab
from labs.steps.graph import Phase
from tests.lab_world import ALL_DONE, ALL_KEPT, NODE, World, entered
from tests.unit.labs.fakes import failed


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    return entered(tmp_path, monkeypatch)


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
