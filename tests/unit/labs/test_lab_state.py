import errno
import json
import os
import stat
import threading
from pathlib import Path

import pytest

from grader.errors import EnvironmentFault, UsageError
from labs import state
from labs.state import Folder, State


def test_home_is_what_labs_home_names(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("LABS_HOME", str(tmp_path / "here"))
    assert Folder.of("mine").root == tmp_path / "here" / "labs" / "mine"


def test_home_without_labs_home_is_in_the_data_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("LABS_HOME", raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert state.home() == tmp_path / "platform-labs"


@pytest.mark.parametrize("name", ["default", "a", "lab-1", "x" * 30])
def test_good_names(name: str) -> None:
    assert state.checked_name(name) == name


@pytest.mark.parametrize("name", ["", "A", "-a", "a-", "a b", "../up", "x" * 31, "é", "a\n"])
def test_bad_names_are_refused(name: str) -> None:
    with pytest.raises(UsageError):
        state.checked_name(name)


def test_the_lab_folder_is_for_its_owner_alone(tmp_path: Path) -> None:
    folder = Folder(tmp_path / "mine", "mine")
    folder.make()
    assert stat.S_IMODE(folder.root.stat().st_mode) == 0o700


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(EnvironmentFault, match="cannot be made"):
        Folder(tmp_path / "file" / "mine", "mine").make()


def test_written_files_are_private_and_leave_nothing_beside(tmp_path: Path) -> None:
    state.write(tmp_path / "one", b"text")
    assert (tmp_path / "one").read_bytes() == b"text"
    assert stat.S_IMODE((tmp_path / "one").stat().st_mode) == 0o600
    assert os.listdir(tmp_path) == ["one"]


def test_a_full_disk_keeps_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    state.write(tmp_path / "one", b"old")

    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(EnvironmentFault, match="No space left"):
        state.write(tmp_path / "one", b"new")
    assert (tmp_path / "one").read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["one"]


def test_a_state_comes_back_as_it_was_written(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    State.load(path).update(name="mine", ports={"registry": 5000})
    again = State.load(path)
    assert again.get("ports") == {"registry": 5000}
    assert again.problem is None


def test_steps_are_noted_and_forgotten(tmp_path: Path) -> None:
    found = State.load(tmp_path / "state.json")
    found.step_done("cluster", 12.34, "made")
    noted = State.load(tmp_path / "state.json").step("cluster")
    assert noted is not None
    assert (noted["seconds"], noted["note"]) == (12.3, "made")
    found.step_undone("cluster")
    assert State.load(tmp_path / "state.json").step("cluster") is None


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x00" * 100,
        b"{",
        b"[]",
        b'{"format": 2}',
        b'{"format": 1, "steps": []}',
        b'{"format": 1, "overrides": "file"}',
        b"[" * 200_000,
        b'{"format": 1, "name": "' + b"x" * (4 << 20) + b'"}',
    ],
    ids=lambda content: f"{len(content)}-bytes-{content[:12].hex()}",
)
def test_a_corrupt_state_is_kept_beside(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "state.json"
    path.write_bytes(content)
    found = State.load(path)
    assert found.get("steps") is None
    kept = next(tmp_path.glob("state.json.corrupt-*"))
    assert kept.read_bytes() == content
    assert found.problem is not None
    assert kept.name in found.problem


def test_threads_lose_no_entry(tmp_path: Path) -> None:
    found = State.load(tmp_path / "state.json")
    threads = [threading.Thread(target=found.step_done, args=(f"s{n}", 0.0, "")) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(json.loads((tmp_path / "state.json").read_text())["steps"]) == {f"s{n}" for n in range(8)}
