"""The clone and its remote tell of themselves; where they cannot, that is said."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from labs.learning import live_repository
from labs.learning.live_repository import WatchedRepository
from labs.learning.mounts import elsewhere
from tests.repositories import Clone

TABLE = """\
22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
40 22 0:35 / /home/me rw shared:9 - nfs4 server:/home rw
41 40 0:36 / /home/me/my\\040share rw - fuse.sshfs x rw
42 40 8:2 / /home/me/local rw - xfs /dev/sdb rw
broken line
"""


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/srv/x", None),
        ("/home/me/platform", "nfs4"),
        ("/home/me/my share/x", "fuse.sshfs"),
        ("/home/me/local/x", None),
        ("/home/melody", None),
    ],
)
def test_the_nearest_mount_decides(tmp_path: Path, path: str, kind: str | None) -> None:
    table = tmp_path / "mountinfo"
    table.write_text(TABLE)
    assert elsewhere(Path(path), table) == kind


def test_without_a_table_nothing_is_known(tmp_path: Path) -> None:
    assert elsewhere(tmp_path, tmp_path / "none") is None


class Told:
    """Counts what was told; a test waits for the next."""

    def __init__(self) -> None:
        self._news = threading.Semaphore(0)

    def __call__(self) -> None:
        self._news.release()

    def next(self, patience: float = 10) -> bool:
        return self._news.acquire(timeout=patience)

    def drain(self) -> None:
        while self._news.acquire(blocking=False):
            pass


@contextmanager
def watched(clone: Path, remote: Path) -> Iterator[tuple[WatchedRepository, Told]]:
    told = Told()
    found = WatchedRepository(clone, remote, told)
    found.start()
    try:
        assert told.next()
        yield found, told
    finally:
        found.stop()
        found.join(5)


@pytest.fixture
def clone(tmp_path: Path) -> Clone:
    made = Clone(tmp_path / "clone")
    made.write("README.md", "x")
    made.commit()
    made.publish(tmp_path / "remote.git")
    return made


def ready(clone: Clone, told: Told) -> None:
    """Waits until the kernel tells: the first word comes before that."""
    for number in range(100):
        clone.write("ready", str(number))
        if told.next(0.1):
            break
    told.drain()


def test_a_file_a_commit_and_a_push_are_told(clone: Clone, tmp_path: Path) -> None:
    with watched(clone.path, tmp_path / "remote.git") as (found, told):
        ready(clone, told)
        assert found.polled is None
        clone.write("policies/new.yaml", "a: 1")
        assert told.next()
        clone.commit()
        assert told.next()
        clone.publish(tmp_path / "remote.git")
        assert told.next()


@pytest.mark.parametrize(
    ("path", "matters"),
    [
        ("clone/a.yaml", True),
        ("clone/.git/HEAD", True),
        ("clone/.git/refs/heads/main", True),
        ("clone/.git/packed-refs", True),
        ("clone/.git/refs/heads/main.lock", False),
        ("clone/.git/objects/ab/cd", False),
        ("clone/.git/logs/HEAD", False),
        ("remote.git/refs/heads/main", True),
        ("remote.git/objects/pack/x", False),
        ("clone/.github/x", True),
    ],
)
def test_only_what_decides_is_told(tmp_path: Path, path: str, matters: bool) -> None:
    found = WatchedRepository(tmp_path / "clone", tmp_path / "remote.git", lambda: None)
    assert found._matters(str(tmp_path / path)) is matters


def test_a_folder_that_comes_later_is_watched_then(
    clone: Clone, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live_repository, "POLL", 0.01)
    with watched(clone.path, tmp_path / "later.git") as (found, told):
        assert found.polled
        assert "there is no folder" in found.polled
        clone.publish(tmp_path / "later.git")
        while found.polled:
            assert told.next()
        assert found.polled is None


@pytest.mark.parametrize(
    ("error", "words"),
    [(OSError("OS file watch limit reached. about"), "max_user_watches"), (RuntimeError("odd"), "odd")],
)
def test_where_the_kernel_does_not_watch_it_is_polled_and_said(
    clone: Clone, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception, words: str
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr("watchfiles.watch", fail)
    monkeypatch.setattr(live_repository, "POLL", 0.01)
    with watched(clone.path, tmp_path / "remote.git") as (found, told):
        assert told.next()
        assert told.next()
        assert words in (found.polled or "")


def test_polling_can_be_asked_for(clone: Clone, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LABS_POLL", "1")
    with watched(clone.path, tmp_path / "remote.git") as (found, _):
        assert found.polled == "LABS_POLL is set"
