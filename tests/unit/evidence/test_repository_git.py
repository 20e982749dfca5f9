"""The same repository in the forms that the git program gives it: packed, shallow, SHA-256, tagged."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from grader.errors import InputError
from grader.evidence.model import Repository
from grader.evidence.repository import collect

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="needs the git program")
FOLDER = "gitops-bootstrap/apps/platform"
FILE = f"{FOLDER}/policy.yaml"
QUIET = {
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    **{f"GIT_{who}_{what}": "a@example.org" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")},
}


def git(*words: str, at: Path) -> str:
    run = subprocess.run(["git", "-C", str(at), *words], env={**os.environ, **QUIET}, capture_output=True, check=True)
    return run.stdout.decode().strip()


def fill(clone: Path, commits: int = 4) -> None:
    """Commits a file that grows, so that packing makes deltas of it."""
    file = clone / FILE
    file.parent.mkdir(parents=True, exist_ok=True)
    lines = [f"line-{number}: {number * number}\n" for number in range(400)]
    for number in range(commits):
        file.write_text("".join(lines[: 400 - number]))
        git("add", "-A", at=clone)
        git("commit", "-qm", f"change {number}", at=clone)


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A clone with four commits."""
    made = tmp_path / "clone"
    made.mkdir()
    git("init", "-q", "-b", "main", at=made)
    fill(made)
    return made


def read(path: Path, revision: str | None = None) -> Repository:
    return collect(path, revision=revision, branch="main", folder=FOLDER)


def content(found: Repository) -> bytes | None:
    file = found.at_commit(FILE)
    return file.content if file else None


def test_every_commit_of_a_packed_repository_is_read(clone: Path) -> None:
    commits = git("rev-list", "main", at=clone).split()
    loose = [content(read(clone, commit)) for commit in commits]
    git("gc", "-q", "--aggressive", at=clone)
    assert "chain length" in git("verify-pack", "-v", *_packs(clone), at=clone)
    assert [content(read(clone, commit)) for commit in commits] == loose
    assert len(set(loose)) == 4


def test_deltas_that_name_their_base_are_read(clone: Path) -> None:
    commits = git("rev-list", "main", at=clone).split()
    git("-c", "repack.useDeltaBaseOffset=false", "repack", "-adfq", at=clone)
    assert all(content(read(clone, commit)) for commit in commits)


def _packs(clone: Path) -> list[str]:
    return [str(path) for path in (clone / ".git/objects/pack").glob("*.idx")]


def test_short_hash_is_found_in_a_pack(clone: Path) -> None:
    git("gc", "-q", at=clone)
    head = git("rev-parse", "HEAD", at=clone)
    assert {read(clone, head[:length]).commit for length in (5, 6, 11)} == {head}


def test_annotated_tag_stands_for_its_commit(clone: Path) -> None:
    git("tag", "-a", "v1", "-m", "first", at=clone)
    git("pack-refs", "--all", at=clone)
    assert read(clone, "v1").commit == git("rev-parse", "HEAD", at=clone)


def test_tag_of_a_file_is_no_revision(clone: Path) -> None:
    git("tag", "blob", f"main:{FILE}", at=clone)
    with pytest.raises(InputError, match="has no revision"):
        read(clone, "blob")


def test_sha_256_repository_is_read(tmp_path: Path) -> None:
    clone = tmp_path / "clone"
    clone.mkdir()
    git("init", "-q", "-b", "main", "--object-format=sha256", at=clone)
    fill(clone, commits=2)
    git("gc", "-q", at=clone)
    found = read(clone)
    assert found.commit == git("rev-parse", "HEAD", at=clone)
    assert content(found) == (clone / FILE).read_bytes()
    assert {file.blob for file in found.working or ()} == {file.blob for file in found.files}


def test_shallow_clone_is_read(clone: Path, tmp_path: Path) -> None:
    git("clone", "-q", "--depth=1", clone.as_uri(), str(tmp_path / "shallow"), at=tmp_path)
    found = read(tmp_path / "shallow")
    assert found.remote
    assert (found.remote.head, found.remote.contains) == (found.commit, True)


def test_commit_on_top_of_a_shallow_clone_is_unpushed(clone: Path, tmp_path: Path) -> None:
    git("clone", "-q", "--depth=1", clone.as_uri(), str(tmp_path / "shallow"), at=tmp_path)
    fill(tmp_path / "shallow", commits=1)
    found = read(tmp_path / "shallow")
    assert found.remote
    assert found.remote.contains is False


def test_partial_clone_is_told(clone: Path, tmp_path: Path) -> None:
    git("config", "uploadpack.allowFilter", "true", at=clone)
    words = ("clone", "-q", "--no-checkout", "--filter=blob:none", clone.as_uri(), str(tmp_path / "partial"))
    git(*words, at=tmp_path)
    with pytest.raises(InputError, match="lacks objects"):
        read(tmp_path / "partial", "main")


def test_a_clone_that_borrows_objects_is_refused(clone: Path, tmp_path: Path) -> None:
    """As git clone --shared or --reference makes it: what it lacks is no mistake of the learner's."""
    git("clone", "-q", "--shared", str(clone), str(tmp_path / "shared"), at=clone)
    with pytest.raises(InputError, match="lies in another repository") as caught:
        read(tmp_path / "shared")
    assert "git repack -a -d" in (caught.value.advice or "")


def test_linked_worktree_is_refused(clone: Path, tmp_path: Path) -> None:
    git("worktree", "add", "-q", "-b", "side", str(tmp_path / "side"), at=clone)
    with pytest.raises(InputError, match="linked worktree"):
        read(tmp_path / "side")
    assert read(clone, "side").commit


def test_push_leaves_what_is_read(clone: Path, tmp_path: Path) -> None:
    git("init", "-q", "--bare", "-b", "main", str(tmp_path / "remote.git"), at=tmp_path)
    git("remote", "add", "origin", str(tmp_path / "remote.git"), at=clone)
    git("push", "-q", "origin", "main", at=clone)
    fill(clone, commits=1)
    known = read(clone).remote
    asked = collect(clone, remote=str(tmp_path / "remote.git"), branch="main", folder=FOLDER).remote
    assert known
    assert asked
    assert (known.contains, asked.contains) == (False, False)
    assert known.head == asked.head == git("rev-parse", "HEAD~1", at=clone)
