"""What lies in the way of going back: it is moved beside and named, and nothing of it is lost."""

import os
from pathlib import Path

import pytest

from labs.errors import EnvironmentFault
from labs.platform import working_tree
from labs.platform.rewind import Both
from labs.platform.working_tree import LIMIT
from tests.lab_pair import FILES, back, commit, git, own_git_settings, pair, untouched, went_back


@pytest.fixture
def lab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    own_git_settings(monkeypatch, tmp_path / "home")
    return pair(tmp_path)


def large(path: Path) -> None:
    path.write_bytes(b"mine")
    os.truncate(path, LIMIT + 1)


def test_a_large_file_at_the_place_of_the_course_s_is_moved_beside(lab: Path) -> None:
    large(lab / "clone/apps/welcome.yaml")
    _, laid = went_back(lab)
    assert laid.moved == (("apps/welcome.yaml", "apps/welcome.yaml.backup-t"),)
    assert (lab / "clone/apps/welcome.yaml.backup-t").stat().st_size == LIMIT + 1
    assert (lab / "clone/apps/welcome.yaml").read_bytes() == FILES["apps/welcome.yaml"]


def test_a_place_beside_that_is_taken_is_left(lab: Path) -> None:
    for _ in range(2):
        large(lab / "clone/README.md")
        _, laid = went_back(lab)
    assert laid.moved == (("README.md", "README.md.backup-t-2"),)
    assert (lab / "clone/README.md.backup-t").stat().st_size == LIMIT + 1


def test_a_large_file_where_a_folder_must_be_is_moved_beside(lab: Path) -> None:
    (lab / "clone/apps/welcome.yaml").unlink()
    (lab / "clone/apps").rmdir()
    large(lab / "clone/apps")
    _, laid = went_back(lab)
    assert laid.moved == (("apps", "apps.backup-t"),)
    assert (lab / "clone/apps/welcome.yaml").read_bytes() == FILES["apps/welcome.yaml"]


def test_an_empty_folder_at_a_file_s_place_goes(lab: Path) -> None:
    first = git(lab / "clone", "rev-parse", "HEAD")
    (lab / "clone/README.md").unlink()
    (lab / "clone/README.md").mkdir()
    back(lab)
    assert untouched(lab, first)


def test_a_folder_that_holds_what_no_branch_has_is_moved_beside(lab: Path) -> None:
    (lab / "clone/README.md").unlink()
    (lab / "clone/README.md").mkdir()
    (lab / "clone/README.md/small").write_text("s")
    large(lab / "clone/README.md/large")
    kept, laid = went_back(lab)
    assert git(lab / "clone", "show", f"{kept[0]}:README.md/small") == "s"
    assert laid.moved == (("README.md", "README.md.backup-t"),)
    assert os.listdir(lab / "clone/README.md.backup-t") == ["large"]


def test_a_pipe_in_the_way_is_moved_beside(lab: Path) -> None:
    (lab / "clone/README.md").unlink()
    os.mkfifo(lab / "clone/README.md")
    assert went_back(lab)[1].moved == (("README.md", "README.md.backup-t"),)


def test_what_stays_because_no_branch_can_have_it_is_named(lab: Path) -> None:
    large(lab / "clone/model")
    (lab / "clone/draft").write_text("d")
    assert went_back(lab)[1].stayed == ("model",)


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("name", ["backup", "backup/t", "backup/t/x", "backup/t-main"])
def test_a_branch_of_the_learner_s_at_our_name_stays(lab: Path, name: str, packed: bool) -> None:
    first = git(lab / "clone", "rev-parse", "HEAD")
    git(lab / "clone", "switch", "-qc", name)
    theirs = commit(lab / "clone", "theirs", "t")
    git(lab / "clone", "switch", "-q", "main")
    mine = commit(lab / "clone", "mine", "m")
    if packed:
        git(lab / "clone", "pack-refs", "--all")
    (kept,) = back(lab)
    assert git(lab / "clone", "rev-parse", f"refs/heads/{kept}", f"refs/heads/{name}").split() == [mine, theirs]
    assert untouched(lab, first)


def test_a_branch_made_by_another_prefix_is_known_again(lab: Path) -> None:
    git(lab / "clone", "branch", "backup")
    commit(lab / "clone", "mine", "m")
    kept = back(lab)
    git(lab / "clone", "reset", "-q", "--hard", kept[0])
    assert back(lab, "later") == kept


@pytest.mark.parametrize("packed", [False, True])
def test_branches_beneath_main_go_to_the_backup(lab: Path, packed: bool) -> None:
    first = git(lab / "clone", "rev-parse", "HEAD")
    one = commit(lab / "clone", "one", "1")
    git(lab / "clone", "branch", "-qm", "main", "trunk")
    git(lab / "clone", "branch", "-qm", "trunk", "main/x")
    git(lab / "clone", "switch", "-q", "--detach", first)
    two = commit(lab / "clone", "two", "2")
    git(lab / "clone", "update-ref", "refs/heads/main/x-y", two)
    if packed:
        git(lab / "clone", "pack-refs", "--all")
    kept = back(lab)
    assert {git(lab / "clone", "rev-parse", f"refs/heads/{name}") for name in kept} == {one, two}
    assert untouched(lab, first)
    assert commit(lab / "clone", "goes", "on")


@pytest.mark.parametrize("packed", [False, True])
def test_branches_beneath_the_remote_s_main_go_to_the_backup(lab: Path, packed: bool) -> None:
    first = git(lab / "clone", "rev-parse", "HEAD")
    mine = commit(lab / "clone", "one", "1")
    git(lab / "remote.git", "update-ref", "-d", "refs/heads/main")
    git(lab / "clone", "push", "-q", "origin", "HEAD:refs/heads/main/x")
    git(lab / "clone", "reset", "-q", "--hard", first)
    git(lab / "clone", "fetch", "-q", "--prune")
    git(lab / "clone", "update-ref", "-d", "ORIG_HEAD")
    if packed:
        git(lab / "remote.git", "pack-refs", "--all")
        git(lab / "clone", "pack-refs", "--all")
    (kept,) = back(lab)
    assert git(lab / "clone", "rev-parse", f"refs/heads/{kept}") == mine
    assert untouched(lab, first)


def test_a_main_that_only_names_another_branch_leaves_that_one(lab: Path) -> None:
    first = git(lab / "clone", "rev-parse", "HEAD")
    git(lab / "clone", "switch", "-qc", "trunk")
    mine = commit(lab / "clone", "one", "1")
    git(lab / "clone", "symbolic-ref", "refs/heads/main", "refs/heads/trunk")
    back(lab)
    assert git(lab / "clone", "rev-parse", "trunk") == mine
    assert untouched(lab, first)


@pytest.mark.parametrize(
    "lock",
    [
        "clone/.git/HEAD.lock",
        "clone/.git/index.lock",
        "clone/.git/packed-refs.lock",
        "clone/.git/refs/heads/main.lock",
        "clone/.git/refs/remotes/origin/main.lock",
        "remote.git/refs/heads/main.lock",
        "remote.git/packed-refs.lock",
    ],
)
def test_a_lock_that_a_kill_left_blocks_nothing(lab: Path, lock: str) -> None:
    first = git(lab / "clone", "rev-parse", "HEAD")
    mine = commit(lab / "clone", "one", "1")
    git(lab / "clone", "push", "-q")
    (lab / lock).touch()
    assert [git(lab / "clone", "rev-parse", name) for name in back(lab)] == [mine]
    assert untouched(lab, first)
    assert not (lab / lock).exists()


@pytest.mark.parametrize(
    "path", ["clone/.git/refs/heads/main", "clone/.git/refs/heads/other", "remote.git/refs/heads/main"]
)
@pytest.mark.parametrize("content", ["", "garbage\n", "1" * 40 + "\n", "ref: refs/heads/main\n"])
def test_a_reference_to_nothing_blocks_nothing(lab: Path, path: str, content: str) -> None:
    first = git(lab / "clone", "rev-parse", "HEAD")
    (lab / "clone/draft").write_text("d")
    (lab / path).write_text(content)
    (kept,) = back(lab)
    assert git(lab / "clone", "show", f"refs/heads/{kept}:draft") == "d"
    assert git(lab / "clone", "rev-parse", "main") == first == git(lab / "remote.git", "rev-parse", "main")


def test_an_empty_list_of_packed_references_blocks_nothing(lab: Path) -> None:
    first = git(lab / "clone", "rev-parse", "HEAD")
    (lab / "clone/.git/packed-refs").touch()
    back(lab)
    assert untouched(lab, first)


def test_where_it_ends_in_the_middle_it_says_where_the_work_is(lab: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    commit(lab / "clone", "one", "1")

    def fails(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(working_tree, "write", fails)
    with pytest.raises(EnvironmentFault, match="No space left") as fault:
        back(lab)
    assert "backup/t" in (fault.value.advice or "")


def test_after_a_kill_the_branch_that_was_made_first_is_named_too(lab: Path) -> None:
    (lab / "clone/mine").write_text("m")
    with Both.opened(lab / "clone", lab / "remote.git") as both:
        both.keep("killed")
        both.lay(both.start())
    (lab / "clone/README.md").write_text("changed")
    assert back(lab) == ("backup/killed", "backup/t")
    assert git(lab / "clone", "show", "backup/killed:mine") == "m"
    assert back(lab, "later") == ()
