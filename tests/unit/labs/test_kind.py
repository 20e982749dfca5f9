"""What kind is told, and how the state of its cluster is read from the node and the kubeconfig."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from labs.cluster.interface import Condition, Mount, Port
from labs.cluster.kind import Kind, free_port, is_free
from labs.docker import Container
from labs.errors import CommandFailed, DockerFault, EnvironmentFault, Interrupted
from tests.unit.labs.fakes import FakeEngine, FakeRunner, failed, node

MARK = "/srv/mark"
NODE = "platform-labs-one-control-plane"


class Lab:
    """A kind cluster over a fake engine and fake programs. `kind create` writes the kubeconfig as kind does."""

    def __init__(self, folder: Path, *containers: Container, kubeconfig: bool = True) -> None:
        self.file = folder / "kubeconfig"
        if kubeconfig:
            self.file.write_text("a kubeconfig")
        self.engine = FakeEngine(*containers)
        self.runner = FakeRunner(folder, {"kind create": self._created, "kind export kubeconfig": self._created})
        mounts = [Mount(folder / "remote", "/srv/remote"), Mount(folder / "work", "/work", read_only=False)]
        ports = [Port("registry", 40001, 30443), Port("argocd", 40002, 30080)]
        self.kind = Kind(
            "platform-labs-one", self.file, folder / "logs", self.runner, self.engine, mounts, ports, mark=MARK
        )

    def _created(self, argv: list[str]) -> str:
        self.engine.containers[NODE] = node(NODE, MARK)
        self.file.write_text("made by kind")
        return ""


def test_configuration(tmp_path: Path) -> None:
    lab = Lab(tmp_path)
    lab.kind.patches = ("kind: KubeletConfiguration",)
    lab.kind.create()
    configuration: dict[str, Any] = yaml.safe_load((tmp_path / "logs" / "kind.yaml").read_text())
    assert configuration == {
        "kind": "Cluster",
        "apiVersion": "kind.x-k8s.io/v1alpha4",
        "name": "platform-labs-one",
        "networking": {"apiServerAddress": "127.0.0.1"},
        "kubeadmConfigPatches": ["kind: KubeletConfiguration"],
        "nodes": [
            {
                "role": "control-plane",
                "image": "kindest/node:v1.35.0",
                "extraMounts": [
                    {"hostPath": str(tmp_path / "remote"), "containerPath": "/srv/remote", "readOnly": True},
                    {"hostPath": str(tmp_path / "work"), "containerPath": "/work", "readOnly": False},
                ],
                "extraPortMappings": [
                    {"containerPort": 30443, "hostPort": 40001, "listenAddress": "127.0.0.1", "protocol": "TCP"},
                    {"containerPort": 30080, "hostPort": 40002, "listenAddress": "127.0.0.1", "protocol": "TCP"},
                ],
            }
        ],
    }


def test_a_node_that_an_interrupted_run_had_ordered_makes_way(tmp_path: Path) -> None:
    lab = Lab(tmp_path)
    late = [failed('node(s) already exist for a cluster with the name "platform-labs-one"')]
    lab.runner.answers["kind create"] = lambda argv: _raised(late.pop()) if late else lab._created(argv)
    lab.kind.create()
    assert lab.file.read_text() == "made by kind"


def _raised(error: CommandFailed) -> str:
    raise error


def test_kind_never_sees_the_persons_own_kubeconfig(tmp_path: Path) -> None:
    lab = Lab(tmp_path)
    lab.kind.create()
    assert lab.runner.asked
    assert all(f"--kubeconfig {lab.file}" in line for line in lab.runner.asked if line.startswith("kind "))


@pytest.mark.parametrize(
    ("running", "kubeconfig", "answers", "condition"),
    [
        (True, True, {}, Condition.RUNNING),
        (True, True, {"--raw /readyz": failed("connection refused")}, Condition.SILENT),
        (False, True, {}, Condition.STOPPED),
        (True, False, {}, Condition.RUNNING),
        (True, False, {"storageclass standard": failed("NotFound")}, Condition.PARTIAL),
        (False, False, {}, Condition.PARTIAL),
    ],
)
def test_condition(
    tmp_path: Path, running: bool, kubeconfig: bool, answers: dict[str, CommandFailed], condition: Condition
) -> None:
    lab = Lab(tmp_path, node(NODE, MARK, running=running), kubeconfig=kubeconfig)
    lab.runner.answers.update(answers)
    assert lab.kind.condition() is condition
    assert lab.file.exists() is kubeconfig, "a look changed something"


def test_no_node_is_no_cluster_whatever_the_kubeconfig_says(tmp_path: Path) -> None:
    assert Lab(tmp_path).kind.condition() is Condition.ABSENT


def test_an_empty_kubeconfig_is_none(tmp_path: Path) -> None:
    lab = Lab(tmp_path, node(NODE, MARK, running=False))
    lab.file.write_text("")
    assert lab.kind.condition() is Condition.PARTIAL


@pytest.mark.parametrize("act", ["condition", "delete"])
def test_a_node_of_the_same_name_that_is_anothers_is_left_alone(tmp_path: Path, act: str) -> None:
    lab = Lab(tmp_path, node(NODE, "/srv/another"))
    with pytest.raises(EnvironmentFault, match=f"a container {NODE} exists that this lab did not make") as fault:
        getattr(lab.kind, act)()
    assert "Choose another name" in fault.value.diagnostics()
    assert NODE in lab.engine.containers


def test_an_engine_that_does_not_answer_says_so(tmp_path: Path) -> None:
    lab = Lab(tmp_path)
    lab.engine.down = "the Docker Engine does not answer"
    with pytest.raises(DockerFault, match="does not answer"):
        lab.kind.condition()


def test_a_failed_creation_keeps_the_logs_and_removes_the_rest(tmp_path: Path) -> None:
    lab = Lab(tmp_path, node(NODE, MARK), kubeconfig=False)
    lab.runner.answers = {"kind create": failed("ERROR: failed to init node with kubeadm")}
    with pytest.raises(CommandFailed):
        lab.kind.create()
    assert lab.runner.ran("kind export logs")
    assert not lab.engine.containers
    assert not lab.file.exists()


def test_a_failure_of_keeping_the_logs_hides_nothing(tmp_path: Path) -> None:
    lab = Lab(tmp_path, node(NODE, MARK), kubeconfig=False)
    lab.runner.answers = {"kind create": failed("the real reason"), "kind export logs": failed("another")}
    with pytest.raises(CommandFailed, match="the real reason"):
        lab.kind.create()


def test_an_interrupted_creation_is_seen_as_partial(tmp_path: Path) -> None:
    lab = Lab(tmp_path)  # with the kubeconfig of a cluster that somebody removed

    def interrupted(argv: list[str]) -> str:
        lab.engine.containers[NODE] = node(NODE, MARK)
        raise Interrupted

    lab.runner.answers = {"kind create": interrupted, "storageclass": failed("refused")}
    with pytest.raises(Interrupted):
        lab.kind.create()
    assert lab.kind.condition() is Condition.PARTIAL


def test_a_lock_that_a_killed_kind_left_behind_is_dropped(tmp_path: Path) -> None:
    lab = Lab(tmp_path)
    (tmp_path / "kubeconfig.lock").touch()
    lab.kind.create()
    assert not (tmp_path / "kubeconfig.lock").exists()


def test_the_kubeconfig_is_for_its_owner_alone(tmp_path: Path) -> None:
    lab = Lab(tmp_path, kubeconfig=False)
    lab.kind.create()
    assert lab.file.stat().st_mode & 0o777 == 0o600


def test_a_lost_kubeconfig_is_written_anew_and_a_present_one_stays(tmp_path: Path) -> None:
    lab = Lab(tmp_path, node(NODE, MARK))
    lab.kind.ensure_kubeconfig()
    assert lab.file.read_text() == "a kubeconfig"
    lab.file.unlink()
    lab.kind.ensure_kubeconfig()
    assert lab.file.read_text() == "made by kind"


def test_delete_needs_no_kind_and_no_kubeconfig(tmp_path: Path) -> None:
    lab = Lab(tmp_path, node(NODE, MARK, running=False), kubeconfig=False)
    lab.kind.delete()
    lab.kind.delete()
    assert lab.engine.removed == [NODE]
    assert lab.runner.asked == []


def test_start_waits_until_the_api_answers(tmp_path: Path) -> None:
    lab = Lab(tmp_path, node(NODE, MARK, running=False))
    looks = iter([failed("refused"), failed("refused"), None])

    def ready(argv: list[str]) -> str:
        if fault := next(looks):
            raise fault
        return "ok"

    lab.runner.answers = {"--raw /readyz": ready}
    lab.kind.start()
    assert lab.engine.containers[NODE].running
    assert lab.runner.paused == 2


def test_an_api_that_never_answers_is_a_fault_with_advice(tmp_path: Path) -> None:
    lab = Lab(tmp_path, node(NODE, MARK))
    lab.runner.answers = {"--raw /readyz": failed("refused")}
    with pytest.raises(EnvironmentFault, match="does not answer after 0 s") as fault:
        lab.kind.wait(seconds=0)
    assert f"docker logs {NODE}" in fault.value.diagnostics()


@pytest.mark.parametrize(
    ("answer", "seen"),
    [("same", True), ("other", False), (failed("cat: x: No such file or directory"), False), (failed("EOF"), True)],
)
def test_whether_the_node_sees_the_labs_files(tmp_path: Path, answer: str | CommandFailed, seen: bool) -> None:
    lab = Lab(tmp_path, node(NODE, MARK))
    (tmp_path / "ca.crt").write_text("same")
    lab.runner.answers = {f"docker exec {NODE} cat /on/node": answer}
    assert lab.kind.sees(tmp_path / "ca.crt", "/on/node") is seen


def test_free_ports() -> None:
    import socket

    port = free_port()
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        assert not is_free(holder.getsockname()[1])
    assert 1024 <= port <= 65535
