"""A full disk: said without a traceback, and once there is room the same command goes on."""

import errno
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from labs.errors import EnvironmentFault
from labs.platform import backup
from tests.lab_pair import back, git, own_git_settings, pair, untouched

FULL = Path("/dev/full")
Turn = Callable[[Path], object]


def down(lab: Path) -> object:
    return backup.keep(lab / "clone", lab / "remote.git", lab / "backup.git", "t").references


@pytest.fixture
def lab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    own_git_settings(monkeypatch, tmp_path / "home")
    pair(tmp_path)
    (tmp_path / "clone/draft").write_bytes(os.urandom(100))
    return tmp_path


@pytest.mark.skipif(not FULL.exists(), reason="the system has no /dev/full")
@pytest.mark.parametrize("turn", [back, down])
def test_it_is_told_in_words(
    lab: Path, turn: Turn, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Locks of objects are links to /dev/full: what is written to them fails when it is flushed, as on a full disk."""
    real = os.open

    def full(path: str | bytes, flags: int, *more: int) -> int:
        objects = "objects" in os.fsdecode(path) and os.fsdecode(path).endswith(".lock")
        return real(FULL, os.O_WRONLY) if objects else real(path, flags, *more)

    spoken: list[object] = []
    monkeypatch.setattr("sys.unraisablehook", spoken.append)
    with monkeypatch.context() as patched:
        patched.setattr(os, "open", full)
        with pytest.raises(EnvironmentFault, match="No space left") as fault:
            turn(lab)
    assert "Make room" in (fault.value.advice or "")
    assert spoken == []
    assert turn(lab)


@pytest.mark.parametrize("turn", [back, down])
@pytest.mark.parametrize("repository", ["clone/.git", "remote.git"])
def test_locks_that_a_full_disk_left_at_objects_block_nothing(lab: Path, turn: Turn, repository: str) -> None:
    first = git(lab / "clone", "rev-parse", "HEAD")
    for number in range(256):
        folder = lab / repository / "objects" / f"{number:02x}"
        folder.mkdir(exist_ok=True)
    identifier = git(lab / "clone", "hash-object", "draft")
    (lab / repository / "objects" / identifier[:2] / f"{identifier[2:]}.lock").touch()
    assert turn(lab)
    assert turn is down or untouched(lab, first)


def test_another_fault_gets_its_own_advice() -> None:
    from labs.platform import git_faults

    assert git_faults.advice(OSError(errno.EACCES, "x"), "otherwise") == "otherwise"
