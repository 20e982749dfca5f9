"""Repositories made to harm: nothing of them runs, and nothing outside is read."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from dulwich.objects import ObjectID

from grader.errors import InputError
from tests.hostile_clone import FILE, POLICY, cloned, judged, put, read, tree_of, within
from tests.repositories import FOLDER, Clone

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


@pytest.fixture
def clone(tmp_path: Path) -> Clone:
    return cloned(tmp_path)


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


@pytest.mark.parametrize("name", ["../../../../etc/passwd", "refs/../../../etc/passwd", "/etc/passwd", "HEAD"])
def test_symbolic_reference_does_not_lead_out(clone: Clone, name: str) -> None:
    (clone.path / ".git/HEAD").write_text(f"ref: {name}\n")
    found = read(clone)
    assert found.commit is None
    assert not any(SECRET in text for text in judged(found))
