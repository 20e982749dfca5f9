"""What Git has under way, and what it put away meanwhile: going back and taking a lab down keep it."""

from pathlib import Path

import pytest

from labs.platform import backup
from tests.lab_pair import back, commit, git, own_git_settings, pair, stopped, untouched


@pytest.fixture
def lab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    own_git_settings(monkeypatch, tmp_path / "home")
    return pair(tmp_path)


def in_conflict(here: Path) -> None:
    """Two branches that conflict, `f` checked out, and README.md changed and not committed."""
    git(here, "switch", "-qc", "f")
    commit(here, "a", "of f")
    git(here, "switch", "-q", "main")
    commit(here, "a", "of main")
    git(here, "switch", "-q", "f")
    (here / "README.md").write_text("precious")


def down(lab: Path) -> dict[str, str]:
    found = backup.keep(lab / "clone", lab / "remote.git", lab / "backup.git", "t")
    return {name: git(lab / "backup.git", "rev-parse", name) for name in found.references}


@pytest.mark.parametrize(
    "command",
    [
        ("rebase", "--autostash", "main"),
        ("rebase", "--apply", "--autostash", "main"),
        ("merge", "--autostash", "main"),
    ],
)
def test_what_a_rebase_or_merge_put_away_is_kept(lab: Path, command: tuple[str, ...]) -> None:
    first = git(lab / "clone", "rev-parse", "main")
    in_conflict(lab / "clone")
    stopped(lab / "clone", *command)
    assert git(lab / "clone", "stash", "list") == ""
    assert git(lab / "clone", "show", "HEAD:README.md") != "precious"
    assert down(lab)["t/autostash"]
    assert git(lab / "backup.git", "show", "t/autostash:README.md") == "precious"
    assert "backup/t-autostash" in back(lab)
    assert git(lab / "clone", "show", "backup/t-autostash:README.md") == "precious"
    assert untouched(lab, first)
    commit(lab / "clone", "b", "goes on")
    assert git(lab / "clone", "status", "--porcelain") == ""


def test_what_is_only_staged_is_kept(lab: Path) -> None:
    first = git(lab / "clone", "rev-parse", "HEAD")
    (lab / "clone/s.txt").write_text("staged")
    git(lab / "clone", "add", "s.txt")
    (lab / "clone/s.txt").unlink()
    assert git(lab / "backup.git", "show", f"{down(lab)['t/staged']}:s.txt") == "staged"
    assert back(lab) == ("backup/t",)
    assert git(lab / "clone", "show", "backup/t^:s.txt") == "staged"
    assert git(lab / "clone", "rev-parse", "backup/t^^") == first
    assert untouched(lab, first)


def test_what_is_staged_and_there_is_no_commit_of_its_own(lab: Path) -> None:
    first = git(lab / "clone", "rev-parse", "HEAD")
    (lab / "clone/s.txt").write_text("staged")
    git(lab / "clone", "add", "s.txt")
    (lab / "clone/t.txt").write_text("not")
    git(lab / "clone", "rm", "-q", "--cached", "README.md")
    (lab / "clone/n.txt").write_text("n")
    git(lab / "clone", "add", "-N", "n.txt")
    assert list(down(lab)) == ["t/uncommitted"]
    assert back(lab) == ("backup/t",)
    assert git(lab / "clone", "rev-parse", "backup/t^") == first


def test_an_index_that_nobody_can_read_stops_nothing(lab: Path) -> None:
    first = git(lab / "clone", "rev-parse", "HEAD")
    mine = commit(lab / "clone", "one", "1")
    (lab / "clone/.git/index").write_bytes(b"DIRC\0\0\0\2\xff")
    assert down(lab) == {"t/clone/main": mine}
    assert back(lab) == ("backup/t",)
    assert untouched(lab, first)


def test_every_stash_is_kept_when_the_lab_is_taken_down(lab: Path) -> None:
    for words in ("older", "newer"):
        (lab / "clone/README.md").write_text(words)
        git(lab / "clone", "stash")
    assert list(down(lab)) == ["t/stash", "t/stash-2"]
    assert git(lab / "backup.git", "show", "t/stash:README.md") == "newer"
    assert git(lab / "backup.git", "show", "t/stash-2:README.md") == "older"


def test_a_backup_without_a_history_is_not_taken_for_the_lab_s_first_commit(lab: Path) -> None:
    git(lab / "clone", "switch", "-q", "--orphan", "mine")
    (lab / "clone/draft").write_text("d")
    assert back(lab) == ("backup/t",)
    assert list(down(lab)) == ["t/clone/backup/t"]
    assert git(lab / "backup.git", "show", "t/clone/backup/t:draft") == "d"
