"""The remote's branch: as the clone remembers it, asked on this machine, asked over a network."""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from dulwich.server import DictBackend, TCPGitServer

from grader.errors import InputError
from grader.evidence import remote as remotes
from grader.evidence.model import Remote
from grader.evidence.repository import collect
from tests.repositories import FOLDER, Clone

FILE = f"{FOLDER}/policy.yaml"


@pytest.fixture
def clone(tmp_path: Path) -> Clone:
    """A clone with one commit."""
    made = Clone(tmp_path / "clone")
    made.write(FILE, "a: 1\n")
    made.commit()
    return made


@pytest.fixture
def bare(clone: Clone, tmp_path: Path) -> Path:
    """A remote on this machine that has the clone's first commit."""
    path = tmp_path / "remote.git"
    clone.publish(path)
    return path


@pytest.fixture
def served(clone: Clone) -> Iterator[str]:
    """The address of a Git server that serves the clone's own branches."""
    backends: Any = {b"/platform.git": clone.repo}
    server = TCPGitServer(DictBackend(backends), "127.0.0.1", 0)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield f"git://127.0.0.1:{server.server_address[1]}/platform.git"
    server.shutdown()
    server.server_close()


def seen(clone: Clone, **options: Any) -> Remote:
    found = collect(clone.path, folder=FOLDER, branch="main", **options).remote
    assert found
    return found


def test_tracking_branch_is_not_asked(clone: Clone) -> None:
    clone.push()
    found = seen(clone)
    assert (found.name, found.asked, found.head, found.contains) == ("origin", False, clone.head, True)
    assert [file.path for file in found.files] == [FILE]
    assert [file.content for file in found.files] == [None]


def test_clone_that_was_never_pushed(clone: Clone) -> None:
    found = seen(clone)
    assert (found.head, found.contains, found.error) == (None, None, None)


def test_remote_behind_the_clone(clone: Clone) -> None:
    clone.push()
    clone.commit()
    assert seen(clone).contains is False


def test_remote_ahead_of_the_graded_commit(clone: Clone) -> None:
    first = clone.head
    for _ in range(30):
        clone.commit()
    clone.push()
    assert seen(clone, revision=first).contains is True


def test_histories_without_a_common_commit(clone: Clone) -> None:
    mine = clone.head
    clone.push(commit=clone.commit("Another beginning", parents=[]))
    clone.set_ref("refs/heads/main", mine)
    assert seen(clone).contains is False


def test_shallow_history_is_not_told(clone: Clone) -> None:
    first = clone.head
    clone.push(commit=clone.commit("Beyond the border", parents=["1" * 40]))
    clone.set_ref("refs/heads/main", first)
    assert seen(clone).contains is None


def test_commit_on_another_branch_of_the_remote_is_named(clone: Clone) -> None:
    clone.push()
    clone.commit()
    clone.push("feature")
    assert seen(clone).elsewhere == ("feature",)


def test_remote_on_this_machine_is_asked(clone: Clone, bare: Path) -> None:
    found = seen(clone, remote=str(bare))
    assert (found.name, found.asked, found.head, found.contains) == (str(bare), True, clone.head, True)


def test_remote_by_file_address(clone: Clone, bare: Path) -> None:
    assert seen(clone, remote=bare.as_uri()).contains is True


def test_commit_that_only_the_remote_has(clone: Clone, bare: Path, tmp_path: Path) -> None:
    other = Clone(tmp_path / "other")
    other.write("x.yaml", "b: 1\n")
    other.commit()
    other.publish(bare)
    found = seen(clone, remote=str(bare))
    assert (found.head, found.contains) == (other.head, False)


def test_remote_without_the_branch(clone: Clone, bare: Path) -> None:
    (bare / "refs/heads/main").rename(bare / "refs/heads/trunk")
    found = seen(clone, remote=str(bare))
    assert (found.head, found.error, found.elsewhere) == (None, None, ("trunk",))


def test_remote_that_is_not_there_is_an_error_of_its_own(clone: Clone, tmp_path: Path) -> None:
    assert seen(clone, remote=str(tmp_path / "none.git")).error == "there is no such folder"


@pytest.mark.parametrize(
    "address", ["ssh://git@example.org/p.git", "git@example.org:p.git", "ext::sh -c true", "ftp://x/y"]
)
def test_address_that_would_run_a_program_is_refused(clone: Clone, address: str) -> None:
    with pytest.raises(InputError, match="cannot be asked"):
        seen(clone, remote=address)


def test_remote_over_the_network_is_asked(clone: Clone, served: str) -> None:
    found = seen(clone, remote=served)
    assert (found.asked, found.head, found.contains, found.error) == (True, clone.head, True, None)
    assert [file.path for file in found.files] == [FILE]


def test_branch_that_the_server_does_not_have(clone: Clone, served: str) -> None:
    found = collect(clone.path, folder=FOLDER, branch="trunk", remote=served).remote
    assert found
    assert (found.head, found.error) == (None, None)


def test_commit_of_the_server_that_the_clone_does_not_have(clone: Clone, served: str, tmp_path: Path) -> None:
    other = Clone(tmp_path / "other")
    other.write(FILE, "a: 2\n")
    other.commit()
    found = collect(other.path, folder=FOLDER, branch="main", remote=served).remote
    assert found
    assert (found.head, found.contains, found.files) == (clone.head, None, ())


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_server_that_refuses_is_an_error_of_its_own(clone: Clone, served: str) -> None:
    assert seen(clone, remote=served.replace("platform", "nothing")).error
    gc.collect()  # dulwich leaves the refused connection to the garbage collector, which warns


def test_port_where_nobody_listens_is_an_error_of_its_own(clone: Clone) -> None:
    assert "refused" in (seen(clone, remote="git://127.0.0.1:9/platform.git").error or "").lower()


def test_server_that_never_answers_is_an_error_of_its_own(clone: Clone, monkeypatch: pytest.MonkeyPatch) -> None:
    done = threading.Event()
    monkeypatch.setattr(remotes, "_head", lambda url, branch: done.wait(30) and None)
    monkeypatch.setattr(remotes, "SECONDS", 0.01)
    assert "no answer within" in (seen(clone, remote="https://example.org/p.git").error or "")
    done.set()


def test_password_in_an_address_is_never_shown(clone: Clone) -> None:
    found = seen(clone, remote="git://someone:secret@127.0.0.1:9/p.git")
    assert "secret" not in f"{found.name}{found.error}"


@pytest.mark.parametrize("asked", [False, True])
def test_commits_that_only_the_remote_has_are_told_from_a_push_that_is_missing(
    clone: Clone, bare: Path, asked: bool
) -> None:
    options = {"remote": str(bare)} if asked else {}
    start = clone.head
    clone.push()
    clone.write(FILE, "a: 2\n")
    mine = clone.commit()
    assert (seen(clone, **options).contains, seen(clone, **options).built_on) == (False, True)
    theirs = clone.commit("Theirs", parents=[start])
    clone.publish(bare)
    clone.push(commit=theirs)
    clone.set_ref("refs/heads/main", mine)
    assert (seen(clone, **options).contains, seen(clone, **options).built_on) == (False, False)
    clone.set_ref("refs/heads/main", theirs)
    assert (seen(clone, **options).contains, seen(clone, **options).built_on) == (True, None)
