"""Locks that die with their holder, and programs told apart from others with the same number."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from labs import process
from labs.errors import Busy

_HOLDER = """
import sys, pathlib
from labs import process
with process.held(pathlib.Path(sys.argv[1]), "the lab"):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def sleeper() -> Iterator[subprocess.Popen[bytes]]:
    """A program in a process group of its own that does not end by itself."""
    child = subprocess.Popen(["sleep", "60"], start_new_session=True)
    yield child
    child.kill()
    child.wait()


@pytest.fixture
def holder(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """Another session that holds the lock `tmp_path/lock`."""
    command = [sys.executable, "-c", _HOLDER, str(tmp_path / "lock")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "held\n"
        yield child
        child.kill()


def test_a_second_session_is_told_who_holds_the_lock(tmp_path: Path, holder: subprocess.Popen[str]) -> None:
    with (
        pytest.raises(Busy, match=rf"the lab hard is in use by another session \(process {holder.pid}\)"),
        process.held(tmp_path / "lock", "the lab hard"),
    ):
        pytest.fail("held twice")


def test_the_lock_of_a_killed_session_is_taken_over(tmp_path: Path, holder: subprocess.Popen[str]) -> None:
    holder.send_signal(signal.SIGKILL)
    holder.wait()
    with process.held(tmp_path / "lock", "the lab"):
        assert (tmp_path / "lock").read_text() == str(os.getpid())


def test_a_lock_is_let_go_at_the_end_of_the_block(tmp_path: Path) -> None:
    lock = tmp_path / "lab" / "lock"
    for _ in range(2):
        with process.held(lock, "the lab"):
            assert lock.is_file()


def test_a_lock_is_let_go_after_a_failure(tmp_path: Path) -> None:
    lock = tmp_path / "lock"
    with pytest.raises(KeyboardInterrupt), process.held(lock, "the lab"):
        raise KeyboardInterrupt
    with process.held(lock, "the lab"):
        assert lock.is_file()


def test_a_lock_that_vanished_with_its_lab_is_made_anew(tmp_path: Path) -> None:
    lock = tmp_path / "lock"
    with process.held(lock, "the lab"):
        lock.unlink()
        with process.held(lock, "the new lab of the same name"):
            assert lock.is_file()


def test_what_was_in_a_lock_file_is_never_shown_as_a_process(tmp_path: Path) -> None:
    lock = tmp_path / "lock"
    with process.held(lock, "the lab"):
        lock.write_text("\x1b[31mevil")
        with pytest.raises(Busy) as busy, process.held(lock, "the lab"):
            pytest.fail("held twice")
    assert busy.value.message == "the lab is in use by another session"


def abandoned(path: Path, child: subprocess.Popen[bytes], **changed: Any) -> None:
    """Records a child as one whose session is gone."""
    process.record(path, child.pid, "kind")
    path.write_text(
        json.dumps({**json.loads(path.read_text()), "owner": {"pid": child.pid, "started": "0"}, **changed})
    )


def test_what_a_killed_session_left_running_is_ended_and_named(
    tmp_path: Path, sleeper: subprocess.Popen[bytes]
) -> None:
    abandoned(tmp_path / "1.json", sleeper)
    assert process.end_left_over(tmp_path) == ["kind"]
    assert sleeper.wait() == -signal.SIGTERM
    assert not list(tmp_path.iterdir())


def test_another_program_with_the_same_number_is_left_alone(tmp_path: Path, sleeper: subprocess.Popen[bytes]) -> None:
    abandoned(tmp_path / "1.json", sleeper, started="another time")
    assert process.end_left_over(tmp_path) == []
    assert sleeper.poll() is None
    assert not list(tmp_path.iterdir())


def test_a_program_of_a_living_session_is_left_alone(tmp_path: Path, sleeper: subprocess.Popen[bytes]) -> None:
    process.record(tmp_path / "1.json", sleeper.pid, "kubectl")
    assert process.end_left_over(tmp_path) == []
    assert sleeper.poll() is None
    assert (tmp_path / "1.json").exists()


def test_an_ended_program_is_forgotten(tmp_path: Path, sleeper: subprocess.Popen[bytes]) -> None:
    abandoned(tmp_path / "1.json", sleeper)
    sleeper.kill()
    sleeper.wait()
    assert process.started(sleeper.pid) is None
    assert process.end_left_over(tmp_path) == []
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "content", ["", "[]", "{}", '{"pid": "x", "started": "1"}', '{"pid": 1, "started": null}', "{"]
)
def test_a_record_that_cannot_be_read_is_no_process(tmp_path: Path, content: str) -> None:
    (tmp_path / "one.json").write_text(content)
    assert process.end_left_over(tmp_path) == []
    assert not (tmp_path / "one.json").exists()


def test_a_group_that_does_not_obey_is_killed() -> None:
    script = "trap '' TERM; echo ready; while :; do sleep 60; done"
    with subprocess.Popen(["sh", "-c", script], stdout=subprocess.PIPE, start_new_session=True) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"ready\n"
        process.end_group(child.pid, grace=0.05)
        assert child.wait() == -signal.SIGKILL


def test_what_outlives_its_groups_leader_is_killed_too() -> None:
    script = "(trap '' TERM; echo ready; exec sleep 60) & wait"
    with subprocess.Popen(["sh", "-c", script], stdout=subprocess.PIPE, start_new_session=True) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"ready\n"
        process.end_group(child.pid)
        child.wait()
        assert child.stdout.read() == b"", "a program of the group still holds the pipe"
