"""The detached process: started, found again, revived, reset, stopped."""

from __future__ import annotations

import json
import os
import select
import shutil
import signal
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from grader.kube import connect, resource
from labs.cluster.interface import Condition
from labs.cluster.simulated import process
from labs.cluster.simulated.backend import Simulated
from labs.cluster.simulated.place import Place
from labs.errors import EnvironmentFault

CONFIG = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "kept", "namespace": "default"}}
COLLECTION = resource("v1", "configmaps", "default")


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "cluster"
    yield folder
    process.stop(folder)


def put(running: process.Running) -> None:
    with connect(running.kubeconfig) as kube:
        kube.create(COLLECTION, CONFIG)


def there(running: process.Running) -> bool:
    with connect(running.kubeconfig) as kube:
        return CONFIG["metadata"] in [
            {key: one["metadata"][key] for key in ("name", "namespace")} for one in kube.list(COLLECTION)
        ]


def gone(folder: Path) -> None:
    """Waits for the process to let go of its lock."""
    until = time.monotonic() + 20
    while process.running(folder) is not None:
        assert time.monotonic() < until
        time.sleep(0.01)


def test_a_life(folder: Path) -> None:
    first = process.start(folder)
    assert process.running(folder) == (first.pid, first.port)
    assert process.start(folder) == first
    put(first)
    os.kill(first.pid, signal.SIGKILL)
    gone(folder)
    again = process.start(folder)
    assert again.pid != first.pid
    assert again.port == first.port
    assert there(again)
    fresh = process.reset(folder)
    assert (fresh.port, there(fresh)) == (first.port, False)
    process.stop(folder)
    assert process.running(folder) is None
    process.stop(folder)


def test_the_server_belongs_to_nobody_here(folder: Path) -> None:
    started = process.start(folder)
    fields = Path(f"/proc/{started.pid}/stat")
    if not fields.exists():
        pytest.skip("needs /proc")
    parent, _, session = fields.read_text().rpartition(")")[2].split()[1:4]
    assert int(parent) != os.getpid()
    assert int(session) != os.getsid(0)


def test_what_is_secret_is_for_the_owner_alone(folder: Path) -> None:
    started = process.start(folder)
    place = Place(folder)
    secret = (started.kubeconfig, place.token_file, place.key, *place.objects)
    assert {path.stat().st_mode & 0o777 for path in secret} == {0o600}
    assert folder.stat().st_mode & 0o777 == 0o700
    assert place.token() not in place.log.read_text()


def test_a_port_that_is_taken_meanwhile_is_left_to_its_taker(folder: Path) -> None:
    first = process.start(folder)
    put(first)
    process.stop(folder)
    with socket.socket() as taker:
        taker.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taker.bind(("127.0.0.1", first.port))
        taker.listen()
        second = process.start(folder)
        assert second.port != first.port
        assert there(second)


def test_a_server_that_cannot_start_tells_why(folder: Path) -> None:
    folder.mkdir()
    Place(folder).objects[0].write_text('{"format": 99}')
    with pytest.raises(EnvironmentFault) as caught:
        process.start(folder)
    assert "is no snapshot of a simulated cluster" in caught.value.message
    assert str(Place(folder).log) in (caught.value.advice or "")


@pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="needs Linux")
def test_a_server_whose_folder_is_gone_ends_by_itself(folder: Path) -> None:
    ended = os.pidfd_open(process.start(folder).pid)  # readable once the process is gone
    shutil.rmtree(folder)
    assert select.select([ended], [], [], 60)[0]
    os.close(ended)


def test_the_backend_goes_through_all_conditions(folder: Path, tmp_path: Path) -> None:
    lab = Simulated("mine", tmp_path / "kubeconfig", folder)
    assert lab.condition() is Condition.ABSENT
    lab.create()
    assert lab.condition() is Condition.RUNNING
    assert json.loads(lab.kubeconfig.read_text())["current-context"] == "simulated-mine"
    lab.stop()
    assert lab.condition() is Condition.STOPPED
    lab.start()
    assert lab.condition() is Condition.RUNNING
    lab.delete()
    assert lab.condition() is Condition.ABSENT
    assert not folder.exists()
    assert not lab.kubeconfig.exists()
