import os
import subprocess
from pathlib import Path

import pytest

from labs.errors import EnvironmentFault
from labs.platform import clone
from labs.platform.rewind import Both, overlaid
from labs.platform.working_tree import LIMIT, PLAIN, Files
from tests.lab_pair import FILES, back, commit, git, own_git_settings, pair, untouched


@pytest.fixture
def lab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    own_git_settings(monkeypatch, tmp_path / "home")
    return pair(tmp_path)


def test_an_untouched_lab_stays_and_nothing_is_kept(lab: Path) -> None:
    first = git(lab / "clone", "rev-parse", "HEAD")
    assert back(lab) == ()
    assert untouched(lab, first)


def test_commits_and_what_was_not_committed_are_on_one_branch(lab: Path) -> None:
    first = git(lab / "clone", "rev-parse", "HEAD")
    mine = commit(lab / "clone", "policy.yaml", "kind: ClusterPolicy")
    git(lab / "clone", "push", "-q", "origin", "main")
    (lab / "clone" / "draft.yaml").write_text("kind: Draft")
    (lab / "clone" / "README.md").unlink()
    assert back(lab) == ("backup/t",)
    assert git(lab / "clone", "rev-parse", "backup/t^") == mine
    assert git(lab / "clone", "show", "backup/t:draft.yaml") == "kind: Draft"
    assert git(lab / "clone", "ls-tree", "--name-only", "backup/t", "README.md") == ""
    assert untouched(lab, first)
    assert sorted(p.name for p in (lab / "clone").iterdir()) == [".git", "README.md", "apps"]


def test_what_only_the_remote_has_is_kept(lab: Path) -> None:
    clone.clone(lab / "remote.git", lab / "elsewhere")
    theirs = commit(lab / "elsewhere", "theirs", "x")
    git(lab / "elsewhere", "push", "-q", "origin", "main")
    assert back(lab) == ("backup/t-remote",)
    assert git(lab / "clone", "rev-parse", "backup/t-remote") == theirs


def test_another_branch_that_is_checked_out_is_kept_beside_main(lab: Path) -> None:
    git(lab / "clone", "switch", "-qc", "try")
    tried = commit(lab / "clone", "a", "a")
    git(lab / "clone", "switch", "-q", "main")
    mine = commit(lab / "clone", "b", "b")
    git(lab / "clone", "switch", "-q", "try")
    assert back(lab) == ("backup/t", "backup/t-main")
    assert git(lab / "clone", "rev-parse", "backup/t", "backup/t-main", "try").split() == [tried, mine, tried]


def test_a_merge_in_conflict_is_ended(lab: Path) -> None:
    first = git(lab / "clone", "rev-parse", "HEAD")
    git(lab / "clone", "switch", "-qc", "try")
    commit(lab / "clone", "README.md", "a")
    git(lab / "clone", "switch", "-q", "main")
    commit(lab / "clone", "README.md", "b")
    assert subprocess.run(["git", "merge", "-q", "try"], cwd=lab / "clone", capture_output=True, check=False).returncode
    kept = back(lab)
    assert "<<<<<<<" in git(lab / "clone", "show", f"{kept[0]}:README.md")
    assert untouched(lab, first)
    assert not (lab / "clone/.git/MERGE_HEAD").exists()


def test_a_state_with_a_commit_is_pushed(lab: Path) -> None:
    first = git(lab / "clone", "rev-parse", "HEAD")
    with Both.opened(lab / "clone", lab / "remote.git") as both:
        wanted: Files = overlaid(both.start(), {"apps/policy.yaml": b"kind: ClusterPolicy\n"})
        head = both.lay(wanted, [(wanted, "Add the policy")]).head
    assert git(lab / "clone", "status", "--porcelain") == ""
    assert git(lab / "remote.git", "rev-parse", "main", "main^").split() == [head, first]
    assert git(lab / "remote.git", "show", "main:apps/policy.yaml") == "kind: ClusterPolicy"


def test_files_may_differ_from_what_is_committed(lab: Path) -> None:
    with Both.opened(lab / "clone", lab / "remote.git") as both:
        both.lay({**both.start(), "draft.yaml": (PLAIN, b"a")})
    assert git(lab / "clone", "status", "--porcelain") == "?? draft.yaml"


def test_a_file_too_large_to_keep_stays(lab: Path) -> None:
    (lab / "clone" / "large").write_bytes(b"\0" * (LIMIT + 1))
    assert back(lab) == ()
    assert (lab / "clone" / "large").stat().st_size == LIMIT + 1


def test_nothing_is_written_through_a_link(lab: Path) -> None:
    outside = lab / "outside"
    outside.mkdir()
    (lab / "clone" / "apps" / "welcome.yaml").unlink()
    (lab / "clone" / "apps").rmdir()
    (lab / "clone" / "apps").symlink_to(outside)
    back(lab)
    assert list(outside.iterdir()) == []
    assert (lab / "clone/apps/welcome.yaml").read_bytes() == FILES["apps/welcome.yaml"]


def test_names_that_are_no_text_are_kept(lab: Path) -> None:
    name = os.fsdecode(b"caf\xe9")
    (lab / "clone" / name).write_text("x")
    assert back(lab) == ("backup/t",)
    assert not (lab / "clone" / name).exists()


def test_a_history_of_ones_own_finds_the_lab_s_first_commit(lab: Path) -> None:
    first = git(lab / "clone", "rev-parse", "HEAD")
    git(lab / "clone", "switch", "-q", "--orphan", "mine")
    commit(lab / "clone", "a", "a")
    git(lab / "clone", "branch", "-qM", "main")
    assert back(lab) == ("backup/t",)
    assert untouched(lab, first)


def test_where_the_first_commit_is_nowhere_it_says_what_to_do(lab: Path) -> None:
    git(lab / "clone", "switch", "-q", "--orphan", "mine")
    commit(lab / "clone", "a", "a")
    git(lab / "clone", "branch", "-qM", "main")
    git(lab / "clone", "push", "-qf", "origin", "main")
    with pytest.raises(EnvironmentFault, match="first commit is gone"):
        back(lab)


def test_a_broken_head_is_mended(lab: Path) -> None:
    first = git(lab / "clone", "rev-parse", "HEAD")
    (lab / "clone/.git/HEAD").write_bytes(b"\xff")
    back(lab)
    assert untouched(lab, first)


def test_a_clone_without_its_objects_is_told(lab: Path) -> None:
    for path in (lab / "clone/.git/objects").rglob("*"):
        if path.is_file():
            path.unlink()
    for path in (lab / "remote.git/objects").rglob("*"):
        if path.is_file():
            path.unlink()
    with pytest.raises(EnvironmentFault):
        back(lab)
