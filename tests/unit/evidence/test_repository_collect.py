"""Reading a repository: commits, revisions, working trees, and each kind of wrong input."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from dulwich.index import commit_tree
from dulwich.objects import ObjectID

from grader.errors import InputError
from grader.evidence.model import File, Repository
from grader.evidence.repository import collect
from tests.repositories import FOLDER, Clone

FILE = f"{FOLDER}/policy.yaml"


@pytest.fixture
def clone(tmp_path: Path) -> Clone:
    """A clone with one commit."""
    made = Clone(tmp_path / "clone")
    made.write(FILE, "a: 1\n")
    made.write("README.txt", "read me")
    made.commit()
    return made


def read(path: Path, **options: Any) -> Repository:
    return collect(path, folder=FOLDER, **options)


def refused(path: Path, **options: Any) -> InputError:
    with pytest.raises(InputError) as caught:
        read(path, **options)
    assert caught.value.exit_code == 2
    return caught.value


def named(files: tuple[File, ...] | None) -> dict[str, bytes | None]:
    return {file.path: file.content for file in files or ()}


def test_commit_and_working_tree_are_read(clone: Clone) -> None:
    clone.write(FILE, "a: 2\n")
    found = read(clone.path)
    assert (found.commit, found.branch) == (clone.head, "main")
    assert named(found.files) == {FILE: b"a: 1\n", "README.txt": None}
    assert named(found.working) == {FILE: b"a: 2\n", "README.txt": None}


def test_same_bytes_have_the_same_name_in_both(clone: Clone) -> None:
    found = read(clone.path)
    assert {f.blob for f in found.files if f.path == FILE} == {f.blob for f in found.working or () if f.path == FILE}


def test_revision_leaves_the_working_tree_alone(clone: Clone) -> None:
    first = clone.head
    clone.write(FILE, "a: 2\n")
    clone.commit()
    found = read(clone.path, revision=first)
    assert found.working is None
    assert found.commit == first
    assert named(found.files)[FILE] == b"a: 1\n"


@pytest.mark.parametrize("name", ["main", "HEAD", "refs/heads/main", "heads/main", "v1", "origin/main"])
def test_revision_may_be_a_name(clone: Clone, name: str) -> None:
    clone.set_ref("refs/tags/v1", clone.head)
    clone.push()
    assert read(clone.path, revision=name).commit == clone.head


@pytest.mark.parametrize("length", [4, 7, 11, 40])
def test_revision_may_be_a_hash(clone: Clone, length: int) -> None:
    assert read(clone.path, revision=clone.head[:length]).commit == clone.head


def test_hash_that_begins_several_commits_is_refused(clone: Clone) -> None:
    seen: dict[str, str] = {}
    for number in range(2000):
        sha = clone.commit_tree(clone.repo[clone.repo.head()].tree, str(number), parents=[])  # type: ignore[attr-defined]
        if sha[:4] in seen:
            break
        seen[sha[:4]] = sha
    assert "more than one commit begins" in refused(clone.path, revision=sha[:4]).message


@pytest.mark.parametrize("name", ["-h", "--upload-pack=x", "", "a b", "../x", "main~1", "main:file", "a\x1b[31m"])
def test_what_is_no_revision_is_refused(clone: Clone, name: str) -> None:
    error = refused(clone.path, revision=name)
    assert "is not the name of a revision" in error.message
    assert "\x1b" not in str(error)


@pytest.mark.parametrize("name", ["nowhere", "0" * 40, "abcd"])
def test_unknown_revision_names_the_branches(clone: Clone, name: str) -> None:
    error = refused(clone.path, revision=name)
    assert "has no revision" in error.message
    assert error.advice == "Its branches: main."


def test_detached_head_has_no_branch(clone: Clone) -> None:
    (clone.path / ".git/HEAD").write_text(clone.head + "\n")
    found = read(clone.path)
    assert (found.commit, found.branch) == (clone.head, None)


def test_repository_without_commits_is_read_by_its_working_tree(tmp_path: Path) -> None:
    clone = Clone(tmp_path / "new")
    clone.write(FILE, "a: 1\n")
    found = read(clone.path)
    assert (found.commit, found.branch, found.files) == (None, "main", ())
    assert named(found.working) == {FILE: b"a: 1\n"}
    assert "no commit yet" in found.notes[0]


def test_revision_of_a_repository_without_commits(tmp_path: Path) -> None:
    assert refused(Clone(tmp_path / "new").path, revision="main").advice == "It has no commits yet."


def test_no_such_folder(tmp_path: Path) -> None:
    error = refused(tmp_path / "nowhere")
    assert error.message == "there is no such folder"
    assert str(tmp_path / "nowhere") in str(error)


def test_file_in_the_place_of_a_folder(clone: Clone) -> None:
    assert "is a file" in refused(clone.path / "README.txt").message


def test_folder_that_is_no_repository(tmp_path: Path) -> None:
    assert refused(tmp_path).message == "this is not a Git repository"


def test_folder_inside_a_repository_is_told_so(clone: Clone) -> None:
    error = refused(clone.path / FOLDER)
    assert str(clone.path) in (error.advice or "")


def test_bare_repository_needs_a_revision(clone: Clone, tmp_path: Path) -> None:
    clone.publish(tmp_path / "remote.git")
    error = refused(tmp_path / "remote.git", branch="main")
    assert "bare" in error.message
    assert "--revision main" in (error.advice or "")


def test_bare_repository_at_a_revision_is_its_own_remote(clone: Clone, tmp_path: Path) -> None:
    clone.publish(tmp_path / "remote.git")
    found = read(tmp_path / "remote.git", revision="main", branch="main")
    assert found.commit == clone.head
    assert found.working is None
    assert found.remote
    assert (found.remote.head, found.remote.contains) == (clone.head, True)


@pytest.mark.parametrize("kind", ["file", "link"])
def test_git_folder_that_points_elsewhere_is_refused(clone: Clone, tmp_path: Path, kind: str) -> None:
    other = tmp_path / "other"
    other.mkdir()
    if kind == "file":
        (other / ".git").write_text(f"gitdir: {clone.path / '.git'}\n")
    else:
        (other / ".git").symlink_to(clone.path / ".git")
    assert "points elsewhere" in refused(other).message


def test_reftable_is_told_how_to_convert(clone: Clone) -> None:
    (clone.path / ".git/reftable").mkdir()
    assert "git refs migrate" in (refused(clone.path).advice or "")


def test_missing_objects_are_told(clone: Clone) -> None:
    blob = next(file.blob for file in read(clone.path).files if file.path == FILE)
    (clone.path / ".git/objects" / blob[:2] / blob[2:]).unlink()
    error = refused(clone.path)
    assert "lacks objects" in error.message
    assert error.where == FILE


def test_object_that_is_not_what_its_name_says_is_told(clone: Clone) -> None:
    blobs = {file.path: file.blob for file in read(clone.path).files}
    good, bad = (clone.path / ".git/objects" / blobs[name][:2] / blobs[name][2:] for name in ("README.txt", FILE))
    bad.chmod(0o644)
    bad.write_bytes(good.read_bytes())
    assert "damaged" in refused(clone.path).message


def test_packed_references_are_read(clone: Clone) -> None:
    (clone.path / ".git/packed-refs").write_text(
        f"# pack-refs with: peeled fully-peeled sorted \n{clone.head} refs/heads/old\n"
    )
    assert read(clone.path, revision="old").commit == clone.head


def test_damaged_packed_references_are_told(clone: Clone) -> None:
    (clone.path / ".git/packed-refs").write_bytes(b"\x00\xff nonsense\n")
    assert "packed-refs" in refused(clone.path, revision="old").message


def test_submodule_is_an_entry_without_content(clone: Clone) -> None:
    tree = commit_tree(clone.repo.object_store, [(b"sub", ObjectID(b"1" * 40), 0o160000)])
    clone.commit_tree(tree)
    (file,) = read(clone.path, revision="main").files
    assert (file.path, file.mode, file.content) == ("sub", 0o160000, None)


def test_executable_file_keeps_its_mode(clone: Clone) -> None:
    os.chmod(clone.path / FILE, 0o755)
    assert {file.mode for file in read(clone.path).working or () if file.path == FILE} == {0o100755}


def test_name_that_is_not_utf_8_is_kept_readable(clone: Clone) -> None:
    (clone.path / os.fsdecode(b"caf\xe9.yaml")).write_text("a: 1\n")
    clone.commit()
    found = read(clone.path)
    assert "caf\\xe9.yaml" in named(found.working)
    assert all(file.path.encode() for file in (*found.files, *(found.working or ())))
