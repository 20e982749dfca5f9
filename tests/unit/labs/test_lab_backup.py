import errno
import os
import subprocess
from pathlib import Path

import pytest

from labs.errors import EnvironmentFault
from labs.platform import backup, clone

FILES = {"README.md": b"# platform\n"}


@pytest.fixture(autouse=True)
def _own_git_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")


@pytest.fixture
def lab(tmp_path: Path) -> Path:
    clone.seed(tmp_path / "remote.git", FILES, 1_800_000_000)
    clone.clone(tmp_path / "remote.git", tmp_path / "clone")
    return tmp_path


def git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def commit(folder: Path, name: str, content: str) -> str:
    (folder / name).write_text(content)
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", name)
    return git(folder, "rev-parse", "HEAD")


def kept(lab: Path, label: str = "t") -> dict[str, str]:
    """Branch → commit, as git itself reads the backup."""
    found = backup.keep(lab / "clone", lab / "remote.git", lab / "backup.git", label)
    return {name: git(lab / "backup.git", "rev-parse", name) for name in found.references}


def test_an_untouched_lab_leaves_nothing(lab: Path) -> None:
    assert kept(lab) == {}
    assert not (lab / "backup.git").exists()


def test_a_lab_that_never_had_repositories_leaves_nothing(tmp_path: Path) -> None:
    assert kept(tmp_path) == {}


def test_commits_that_were_not_pushed_are_kept(lab: Path) -> None:
    tip = commit(lab / "clone", "policy.yaml", "kind: ClusterPolicy")
    assert kept(lab) == {"t/clone/main": tip}
    assert git(lab / "backup.git", "show", f"{tip}:policy.yaml") == "kind: ClusterPolicy"


def test_every_branch_of_clone_and_remote_is_kept(lab: Path) -> None:
    pushed = commit(lab / "clone", "one", "1")
    git(lab / "clone", "push", "-q")
    git(lab / "clone", "checkout", "-qb", "idea/two")
    idea = commit(lab / "clone", "two", "2")
    assert kept(lab) == {"t/clone/main": pushed, "t/clone/idea/two": idea, "t/remote/main": pushed}


def test_what_was_not_committed_is_kept(lab: Path) -> None:
    (lab / "clone" / "draft.yaml").write_text("kind: Draft")
    (lab / "clone" / "README.md").unlink()
    (found,) = kept(lab).values()
    assert git(lab / "backup.git", "ls-tree", "--name-only", "-r", found) == "draft.yaml"


def test_a_link_is_kept_as_a_link(lab: Path) -> None:
    (lab / "clone" / "link").symlink_to("/etc/hostname")
    (found,) = kept(lab).values()
    assert git(lab / "backup.git", "ls-tree", found, "link").startswith("120000 blob")
    assert git(lab / "backup.git", "show", f"{found}:link") == "/etc/hostname"


def test_two_backups_live_beside_each_other(lab: Path) -> None:
    first = commit(lab / "clone", "one", "1")
    assert kept(lab, "first") == {"first/clone/main": first}
    second = commit(lab / "clone", "two", "2")
    assert kept(lab, "second") == {"second/clone/main": second}
    assert git(lab / "backup.git", "rev-parse", "first/clone/main") == first


def test_the_backup_can_be_cloned(lab: Path) -> None:
    commit(lab / "clone", "one", "1")
    (name,) = kept(lab)
    git(lab, "clone", "-q", "--branch", name, str(lab / "backup.git"), "again")
    assert (lab / "again" / "one").read_text() == "1"


def test_nothing_of_the_clone_is_executed(lab: Path) -> None:
    spy = lab / "spied"
    hooks = lab / "hooks"
    hooks.mkdir()
    for name in ("reference-transaction", "post-commit", "pre-push", "fsmonitor"):
        (hooks / name).write_text(f"#!/bin/sh\ntouch {spy}\n")
        (hooks / name).chmod(0o755)
    commit(lab / "clone", "one", "1")
    git(lab / "clone", "config", "core.hooksPath", str(hooks))
    git(lab / "clone", "config", "core.fsmonitor", str(hooks / "fsmonitor"))
    git(lab / "clone", "config", "filter.spy.clean", f"touch {spy}")
    (lab / "clone" / ".gitattributes").write_text("* filter=spy\n")
    assert set(kept(lab)) == {"t/clone/main", "t/uncommitted"}
    assert not spy.exists()


def test_a_broken_clone_stops_the_removal(lab: Path) -> None:
    commit(lab / "clone", "one", "1")
    (lab / "clone" / ".git" / "refs" / "heads" / "main").write_text("0" * 39 + "1\n")
    with pytest.raises(EnvironmentFault, match="cannot be kept") as fault:
        kept(lab)
    assert fault.value.advice is not None
    assert "--discard" in fault.value.advice


def test_a_commit_on_no_branch_is_kept(lab: Path) -> None:
    git(lab / "clone", "checkout", "-q", "--detach")
    tip = commit(lab / "clone", "one", "1")
    assert kept(lab) == {"t/head": tip}


def test_a_stash_is_kept(lab: Path) -> None:
    (lab / "clone" / "README.md").write_text("an idea")
    git(lab / "clone", "stash")
    found = kept(lab)
    assert list(found) == ["t/stash"]
    assert git(lab / "backup.git", "show", "t/stash:README.md") == "an idea"


def test_a_branch_called_like_what_the_backup_adds_is_kept_beside_it(lab: Path) -> None:
    git(lab / "clone", "checkout", "-qb", "uncommitted/draft")
    tip = commit(lab / "clone", "one", "1")
    (lab / "clone" / "two").write_text("2")
    found = kept(lab)
    assert found["t/clone/uncommitted/draft"] == tip
    assert git(lab / "backup.git", "show", "t/uncommitted:two") == "2"
    assert git(lab / "backup.git", "rev-parse", "t/uncommitted^") == tip


@pytest.mark.parametrize("damage", ["rm -r .git", "rm -r .git/objects", "rm .git/HEAD", "echo broken >.git/HEAD"])
def test_files_of_a_clone_that_git_no_longer_knows_are_kept(lab: Path, damage: str) -> None:
    (lab / "clone" / "policy.yaml").write_text("kind: ClusterPolicy")
    subprocess.run(damage, shell=True, cwd=lab / "clone", check=True)
    assert list(kept(lab)) == ["t/uncommitted"]
    assert git(lab / "backup.git", "show", "t/uncommitted:policy.yaml") == "kind: ClusterPolicy"


def test_a_damaged_object_stops_the_removal(lab: Path) -> None:
    tip = commit(lab / "clone", "one", "1")
    file = lab / "clone" / ".git" / "objects" / tip[:2] / tip[2:]
    file.chmod(0o600)
    file.write_bytes(b"no object")
    with pytest.raises(EnvironmentFault, match="cannot be kept"):
        kept(lab)
    assert not (lab / "backup.git").exists()


def large(path: Path) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(b"mine")
    os.truncate(path, 11 << 20)


def test_a_pipe_is_left_out(lab: Path) -> None:
    os.mkfifo(lab / "clone" / "pipe")
    assert kept(lab) == {}


@pytest.mark.parametrize("linked", [True, False])
def test_a_file_too_large_for_a_branch_is_kept_as_it_is(
    lab: Path, monkeypatch: pytest.MonkeyPatch, linked: bool
) -> None:
    def refused(*_: object) -> None:
        raise OSError(errno.EXDEV, "Invalid cross-device link")

    if not linked:
        monkeypatch.setattr(os, "link", refused)
    large(lab / "clone" / "models" / "one")
    large(lab / "clone" / ".git" / "objects" / "none")
    found = backup.keep(lab / "clone", lab / "remote.git", lab / "backup.git", "t")
    assert (found.references, found.files) == ((), lab / "backup.files" / "t")
    assert [path.name for path in (lab / "backup.files").rglob("*") if path.is_file()] == ["one"]
    assert (lab / "backup.files/t/models/one").read_bytes()[:4] == b"mine"


def test_where_no_file_is_too_large_no_folder_is_made(lab: Path) -> None:
    found = backup.keep(lab / "clone", lab / "remote.git", lab / "backup.git", "t")
    assert found.files is None
    assert not (lab / "backup.files").exists()
