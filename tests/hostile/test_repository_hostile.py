"""Repositories made to harm: nothing of them runs, nothing outside is read, and bounds hold."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import threading
import tracemalloc
import zlib
from collections.abc import Callable
from hashlib import sha1
from pathlib import Path
from typing import Any

import pytest
from dulwich.objects import Blob, ObjectID, Tree

from grader.checks import CHECKS
from grader.errors import InputError
from grader.evidence import git_files
from grader.evidence.model import Evidence, Repository
from grader.evidence.repository import collect
from grader.grade import judge
from tests.repositories import FOLDER, Clone
from tests.unit.checks.repository_contexts import MODULE

POLICY = (MODULE.solutions[0] / FOLDER / "verify-providers.yaml").read_text()
FILE = f"{FOLDER}/policy.yaml"
GIT = pytest.mark.skipif(shutil.which("git") is None, reason="compares with the git program")
SECRET = "root:x:0"

KEYS = {
    "core": ("fsmonitor", "sshCommand", "pager", "editor", "askPass", "gitProxy", "alternateRefsCommand"),
    "diff": ("external",),
    'diff "x"': ("textconv", "command"),
    'filter "x"': ("clean", "smudge", "process"),
    "credential": ("helper",),
    "gpg": ("program",),
    "uploadpack": ("packObjectsHook",),
    'remote "origin"': ("uploadpack", "receivepack", "proxy", "vcs"),
    "sequence": ("editor",),
    "alias": ("status", "log", "ls-tree"),
    "interactive": ("diffFilter",),
    "trailer": ("command",),
    "extensions": ("partialClone",),
}


def read(clone: Clone, **options: Any) -> Repository:
    return collect(clone.path, folder=FOLDER, branch="main", **options)


def judged(found: Repository) -> list[str]:
    """All texts of a report on a repository."""

    def broken_off(check: str, error: BaseException) -> None:
        raise AssertionError(check) from error

    evidence = Evidence(MODULE.id, "repository", "", "", "", found)
    told = judge(MODULE, evidence, checks=CHECKS, on_crash=broken_off).outcomes
    return [text for one in told for text in (one.seen, one.expected, one.where or "", one.why, one.next, *one.notes)]


def within(seconds: float, work: Callable[[], Any]) -> Any:
    """The result of `work`, or a failure where it hangs."""
    result: list[Any] = []
    thread = threading.Thread(target=lambda: result.append(work()), daemon=True)
    thread.start()
    thread.join(seconds)
    assert result, "it hangs, or it raised"
    return result[0]


@pytest.fixture
def clone(tmp_path: Path) -> Clone:
    """A clone with a right policy, committed and pushed."""
    made = Clone(tmp_path / "clone")
    made.write(FILE, POLICY)
    made.commit()
    made.push()
    return made


@pytest.fixture
def armed(clone: Clone, tmp_path: Path) -> tuple[Clone, Path]:
    """A clone in which every key, hook and attribute that can run a program leaves a canary."""
    canaries = tmp_path / "canaries"
    canaries.mkdir()
    lines = []
    for section, keys in KEYS.items():
        lines.append(f"[{section}]")
        lines += [f'\t{key} = "touch {canaries}/{section.split()[0]}.{key}; false"' for key in keys]
    lines += ["[core]", f"\thooksPath = {clone.path}/.git/hooks", f"\tworktree = {tmp_path}", '[remote "origin"]']
    lines += [f"\turl = ext::sh -c 'touch {canaries}/ext; false'", "[include]", f"\tpath = {tmp_path}/included"]
    (tmp_path / "included").write_text(f'[core]\n\tfsmonitor = "touch {canaries}/included; false"\n')
    (clone.path / ".git/config").write_text("\n".join(lines) + "\n")
    hooks = clone.path / ".git/hooks"
    hooks.mkdir(exist_ok=True)
    for name in ("post-checkout", "pre-commit", "post-index-change", "fsmonitor-watchman", "reference-transaction"):
        (hooks / name).write_text(f"#!/bin/sh\ntouch {canaries}/hook-{name}\n")
        (hooks / name).chmod(0o755)
    clone.write(".gitattributes", "* filter=x diff=x merge=x\n")
    clone.write(".git/info/attributes", "* filter=x diff=x\n")
    return clone, canaries


def test_no_configured_program_and_no_hook_runs(armed: tuple[Clone, Path]) -> None:
    clone, canaries = armed
    assert read(clone).commit == clone.head
    assert read(clone, revision="main", remote=str(clone.path)).commit == clone.head
    assert list(canaries.iterdir()) == []


@GIT
def test_the_canaries_are_alive(armed: tuple[Clone, Path]) -> None:
    """The control: git itself would have run one of them for a mere status."""
    clone, canaries = armed
    config = clone.path / ".git/config"
    config.write_text("".join(line for line in config.read_text().splitlines(True) if "worktree" not in line))
    subprocess.run(["git", "-C", str(clone.path), "status"], capture_output=True, check=False, timeout=30)
    assert list(canaries.iterdir())


def test_worktree_key_does_not_lead_elsewhere(armed: tuple[Clone, Path], tmp_path: Path) -> None:
    (tmp_path / "elsewhere.yaml").write_text("a: 1\n")
    assert "elsewhere.yaml" not in {file.path for file in read(armed[0]).working or ()}


def test_objects_are_not_borrowed_from_elsewhere(clone: Clone, tmp_path: Path) -> None:
    stolen = tmp_path / "stolen"
    shutil.move(clone.path / ".git/objects", stolen)
    (clone.path / ".git/objects/info").mkdir(parents=True)
    (clone.path / ".git/objects/info/alternates").write_text(f"{stolen}\n")
    with pytest.raises(InputError):
        read(clone, revision="main")


@pytest.mark.parametrize("part", ["objects", "refs", "HEAD", "refs/heads/main"])
def test_links_inside_the_git_folder_are_not_followed(clone: Clone, tmp_path: Path, part: str) -> None:
    moved = tmp_path / "moved"
    (clone.path / ".git" / part).rename(moved)
    (clone.path / ".git" / part).symlink_to(moved)
    with pytest.raises(InputError):
        read(clone, revision="main")


def test_links_in_the_tree_are_reported_and_never_followed(clone: Clone) -> None:
    (clone.path / FILE).unlink()
    (clone.path / FILE).symlink_to("/etc/passwd")
    (clone.path / "etc").symlink_to("/etc")
    clone.commit()
    found = read(clone)
    for files in (found.files, found.working or ()):
        assert {file.path for file in files if file.is_link} == {FILE, "etc"}
        assert {file.path for file in files} == {FILE, "etc"}
        assert not any(file.content for file in files)
    assert not any(SECRET in text for text in judged(found))


def test_folder_of_the_exercise_may_not_be_a_link(clone: Clone, tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    shutil.move(clone.path / FOLDER, tmp_path / "outside/platform")
    (clone.path / FOLDER).symlink_to(tmp_path / "outside/platform")
    assert [file.path for file in read(clone).working or ()] == [FOLDER]


@pytest.mark.parametrize("place", [FILE, ".git/HEAD", ".git/packed-refs", ".git/refs/heads/main", ".git/config"])
def test_pipes_do_not_hold_anything_up(clone: Clone, place: str) -> None:
    path = clone.path / place
    path.unlink(missing_ok=True)
    os.mkfifo(path)

    def attempt() -> Any:
        try:
            return read(clone)
        except InputError as error:
            return error

    within(20, attempt)


def test_pipe_in_the_place_of_an_object(clone: Clone) -> None:
    path = clone.path / ".git/objects" / clone.head[:2] / clone.head[2:]
    path.unlink()
    os.mkfifo(path)
    with pytest.raises(InputError):
        read(clone, revision="main")


def test_nested_repository_is_not_entered(clone: Clone) -> None:
    Clone(clone.path / "vendor/other").write("x.yaml", POLICY)
    found = read(clone)
    assert not any(file.path.startswith("vendor/") for file in found.working or ())
    assert any("repository inside" in note for note in found.notes)


def test_bare_repository_hidden_in_the_tree_is_only_files(clone: Clone, tmp_path: Path) -> None:
    hidden = clone.path / "hidden"
    for name in ("objects", "refs"):
        (hidden / name).mkdir(parents=True)
    (hidden / "HEAD").write_text("ref: refs/heads/main\n")
    (hidden / "config").write_text(f'[core]\n\tfsmonitor = "touch {tmp_path}/canary"\n')
    assert "hidden/HEAD" in {file.path for file in read(clone).working or ()}
    assert not (tmp_path / "canary").exists()


def tree_of(clone: Clone, *entries: tuple[bytes, int, bytes]) -> bytes:
    """A stored tree with entries that Git itself might refuse."""
    raw = b"".join(b"%o %s\0" % (mode, name) + bytes.fromhex(sha.decode()) for name, mode, sha in entries)
    return put(clone, b"tree", raw)


def put(clone: Clone, kind: bytes, content: bytes) -> bytes:
    """Stores a loose object as it is."""
    whole = b"%s %d\0" % (kind, len(content)) + content
    name = sha1(whole, usedforsecurity=False).hexdigest()
    path = clone.path / ".git/objects" / name[:2] / name[2:]
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(zlib.compress(whole, 1))
    return name.encode()


@pytest.mark.parametrize("name", [b"..", b".", b".git", b".GIT", b"a/b"])
def test_names_that_git_forbids_harm_nothing(clone: Clone, name: bytes) -> None:
    blob = put(clone, b"blob", POLICY.encode())
    clone.commit_tree(ObjectID(tree_of(clone, (name, 0o100644, blob))))
    with contextlib.suppress(InputError):
        assert read(clone, revision="main").files == ()


def test_same_name_twice_in_a_tree_is_damage(clone: Clone) -> None:
    blob = put(clone, b"blob", POLICY.encode())
    clone.commit_tree(ObjectID(tree_of(clone, (b"a.yaml", 0o100644, blob), (b"a.yaml", 0o100644, blob))))
    with pytest.raises(InputError, match="damaged"):
        read(clone, revision="main")


def test_control_characters_in_names_never_reach_a_message(clone: Clone) -> None:
    name = f"{FOLDER}/a\x1b]8;;http://evil\x07\u202ex\nyaml.yaml"
    clone.write(name, POLICY.replace("imageReferences", "imageReference\x7f"))
    (clone.path / FILE).unlink()
    shown = "".join(judged(read(clone)))
    assert not any(character in shown for character in "\x1b\x07\u202e\x7f\n")


def test_huge_file_is_listed_and_not_read(clone: Clone) -> None:
    size = 64 << 20
    squeeze = zlib.compressobj(1)
    header = b"blob %d\0" % size
    digest = sha1(header, usedforsecurity=False)
    packed = squeeze.compress(header)
    for _ in range(size >> 20):
        digest.update(bytes(1 << 20))
        packed += squeeze.compress(bytes(1 << 20))
    name = digest.hexdigest()
    path = clone.path / ".git/objects" / name[:2] / name[2:]
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(packed + squeeze.flush())
    clone.commit_tree(ObjectID(tree_of(clone, (b"kyverno.yaml", 0o100644, name.encode()))))
    tracemalloc.start()
    (file,) = read(clone, revision="main").files
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (file.size, file.content) == (size, None)
    assert peak < 8 << 20


def test_object_that_is_longer_than_it_says_is_damage(clone: Clone) -> None:
    blob = put(clone, b"blob", b"a: 1\n")
    path = clone.path / ".git/objects" / blob[:2].decode() / blob[2:].decode()
    path.write_bytes(zlib.compress(b"blob 5\0a: 1\n" + bytes(32 << 20)))
    clone.commit_tree(ObjectID(tree_of(clone, (b"kyverno.yaml", 0o100644, blob))))
    with pytest.raises(InputError, match="damaged"):
        read(clone, revision="main")


def test_ten_thousand_files_are_read_in_time(clone: Clone) -> None:
    blob = Blob.from_string(POLICY.encode())
    tree = Tree()
    for number in range(10_000):
        tree.add(b"policy-%05d.yaml" % number, 0o100644, blob.id)
    for one in (blob, tree):
        clone.repo.object_store.add_object(one)
    clone.commit_tree(tree.id)
    found = within(30, lambda: read(clone, revision="main"))
    assert len(found.files) == 10_000
    assert within(30, lambda: judged(found))


def test_tree_that_unfolds_for_ever_meets_a_bound(clone: Clone) -> None:
    """Ten levels of ten times the same tree: few objects, ten thousand million files."""
    blob = put(clone, b"blob", b"a: 1\n")
    sha = tree_of(clone, *((b"f%d.yaml" % number, 0o100644, blob) for number in range(10)))
    for _ in range(10):
        sha = tree_of(clone, *((b"d%d" % number, 0o40000, sha) for number in range(10)))
    clone.commit_tree(ObjectID(sha))
    found = within(30, lambda: read(clone, revision="main"))
    assert len(found.files) <= git_files.MAX_FILES
    assert any("not looked at" in note or "looked at" in note for note in found.notes)


def test_folders_without_files_meet_a_bound(clone: Clone) -> None:
    sha = tree_of(clone)
    for _ in range(10):
        sha = tree_of(clone, *((b"d%d" % number, 0o40000, sha) for number in range(10)))
    clone.commit_tree(ObjectID(sha))
    found = within(30, lambda: read(clone, revision="main"))
    assert found.files == ()
    assert any("were not looked at" in note for note in found.notes)


def test_very_deep_folders_meet_a_bound(clone: Clone) -> None:
    sha = tree_of(clone, (b"policy.yaml", 0o100644, put(clone, b"blob", POLICY.encode())))
    for _ in range(3000):
        sha = tree_of(clone, (b"d", 0o40000, sha))
    clone.commit_tree(ObjectID(sha))
    assert any("deep" in note for note in read(clone, revision="main").notes)


@pytest.mark.parametrize(
    "content",
    [
        "a: &a [x, x]\n"
        + "".join(f"{chr(98 + n)}: &{chr(98 + n)} [*{chr(97 + n)}, *{chr(97 + n)}]\n" for n in range(24)),
        "[" * 100_000,
        "{" * 5_000 + "}" * 5_000,
        "- " * 60_000,
        "--- \n" * 20_000,
        "a: 'unending",
        "? " * 3_000,
        "\x00\x01\x02",
        "&a [*a]",
    ],
    ids=["aliases", "brackets", "braces", "dashes", "documents", "quote", "keys", "binary", "itself"],
)
def test_yaml_bombs_are_refused_in_time(clone: Clone, content: str) -> None:
    clone.write(FILE, f"apiVersion: kyverno.io/v1\nkind: ClusterPolicy\n---\n{content}")
    found = read(clone)
    assert within(20, lambda: judged(found))


def test_megabytes_of_yaml_are_not_parsed(clone: Clone) -> None:
    for number in range(40):
        clone.write(f"{FOLDER}/kyverno-{number}.yaml", "kind: ClusterPolicy\na: [" + "a," * 60_000 + "]\n")
    found = read(clone)
    assert within(20, lambda: judged(found))


@pytest.mark.parametrize("name", ["../../../../etc/passwd", "refs/../../../etc/passwd", "/etc/passwd", "HEAD"])
def test_symbolic_reference_does_not_lead_out(clone: Clone, name: str) -> None:
    (clone.path / ".git/HEAD").write_text(f"ref: {name}\n")
    found = read(clone)
    assert found.commit is None
    assert not any(SECRET in text for text in judged(found))
