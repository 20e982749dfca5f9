"""Git repositories made for tests, by dulwich and so without a program or a configuration."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

from dulwich.index import commit_tree
from dulwich.objects import Blob, Commit, ObjectID
from dulwich.refs import HEADREF, Ref
from dulwich.repo import Repo

FOLDER = "gitops-bootstrap/apps/platform"
_WHO = b"A Learner <learner@example.org>"


class Clone:
    """A learner's clone: files in its folder, commits by `commit`, `push` as the clone remembers it."""

    def __init__(self, path: Path, branch: str = "main") -> None:
        path.mkdir(parents=True, exist_ok=True)
        self.path = path
        self.repo = Repo.init(str(path), default_branch=branch.encode())
        self._time = 1_700_000_000

    def write(self, name: str, content: str | bytes) -> Path:
        """Writes a file of the working tree."""
        file = self.path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
        return file

    def lay(self, folder: Path, without: str = "about.yaml") -> None:
        """Lays a folder's files over the working tree."""
        for file in folder.rglob("*"):
            relative = file.relative_to(folder).as_posix()
            if file.is_file() and relative != without:
                self.write(relative, file.read_bytes())

    def commit(
        self,
        message: str = "A change",
        entries: dict[str, tuple[int, bytes]] | None = None,
        parents: list[str] | None = None,
    ) -> str:
        """Commits all files of the working tree; `entries` adds others, path → mode and content."""
        blobs = []
        for name, (mode, content) in {**self._files(), **(entries or {})}.items():
            blob = Blob.from_string(content)
            self.repo.object_store.add_object(blob)
            blobs.append((os.fsencode(name), blob.id, mode))
        return self.commit_tree(commit_tree(self.repo.object_store, blobs), message, parents)

    def commit_tree(self, tree: ObjectID, message: str = "A change", parents: list[str] | None = None) -> str:
        """Commits a tree that is already stored."""
        commit: Any = Commit()
        head = self.repo.refs.read_ref(HEADREF)
        commit.tree, commit.message = tree, message.encode()
        commit.parents = [ObjectID(one.encode()) for one in parents] if parents is not None else self._parents()
        commit.author = commit.committer = _WHO
        self._time += 60
        commit.author_time = commit.commit_time = self._time
        commit.author_timezone = commit.commit_timezone = 0
        self.repo.object_store.add_object(commit)
        branch = head.removeprefix(b"ref: ") if head and head.startswith(b"ref: ") else HEADREF
        self.repo.refs[Ref(branch)] = commit.id
        return str(commit.id.decode())

    def push(self, branch: str = "main", commit: str | None = None) -> None:
        """What `git push origin HEAD:branch` leaves in the clone."""
        self.set_ref(f"refs/remotes/origin/{branch}", commit or self.head)

    def publish(self, bare: Path, branch: str = "main") -> None:
        """A bare remote that holds all of the clone's objects, its branch at the clone's HEAD."""
        if not bare.exists():
            bare.mkdir(parents=True)
            Repo.init_bare(str(bare))
        shutil.copytree(self.path / ".git/objects", bare / "objects", dirs_exist_ok=True)
        (bare / "refs/heads" / branch).write_text(self.head + "\n")

    def set_ref(self, name: str, commit: str) -> None:
        """Writes a reference."""
        self.repo.refs[Ref(name.encode())] = ObjectID(commit.encode())

    @property
    def head(self) -> str:
        """The commit of HEAD."""
        return str(self.repo.head().decode())

    def _parents(self) -> list[ObjectID]:
        try:
            return [self.repo.head()]
        except KeyError:
            return []

    def _files(self) -> dict[str, tuple[int, bytes]]:
        found: dict[str, tuple[int, bytes]] = {}
        for file in sorted(self.path.rglob("*")):
            relative = file.relative_to(self.path).as_posix()
            if relative.split("/")[0] == ".git" or (file.is_dir() and not file.is_symlink()):
                continue
            if file.is_symlink():
                found[relative] = (0o120000, str(file.readlink()).encode())
            elif file.is_file():
                found[relative] = (0o100644, file.read_bytes())
        return found
