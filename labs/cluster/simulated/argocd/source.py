"""The lab's remotes as Argo CD sees them: a branch's head, and the files at a commit."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from grader.errors import InputError
from grader.evidence.model import File
from grader.evidence.repository import collect
from grader.text import quoted
from labs.cluster.simulated.settings import Current


class SourceError(Exception):
    """The remote could not be read; the text is what Argo CD says."""


class Sources:
    """Reads the bare repositories that the settings name. What was read once is kept for its commit."""

    def __init__(self, settings: Current) -> None:
        self.settings = settings
        self._kept: dict[tuple[str, str, str], tuple[str, tuple[File, ...]]] = {}
        self._heads: dict[tuple[str, str, str], tuple[object, str]] = {}

    def read(self, url: str, revision: str, folder: str) -> tuple[str, tuple[File, ...]]:
        """The commit that `revision` means, and its files. Raises SourceError."""
        path = self._path(url)
        seen = signature(path)
        key = (url, revision, folder)
        if key in self._heads and self._heads[key][0] == seen:
            return self._kept[key]
        found = self._collect(path, revision, folder)
        if len(self._kept) > 20:
            self._kept.clear()
            self._heads.clear()
        self._kept[key], self._heads[key] = found, (seen, found[0])
        return found

    def signature(self) -> tuple[object, ...]:
        """Something that changes whenever a remote is pushed to."""
        return tuple(signature(Path(path)) for path in self.settings.get().remotes.values())

    def _path(self, url: str) -> Path:
        known = self.settings.get().remotes
        found = known.get(url) or known.get(url.removesuffix("/").removesuffix(".git") + ".git")
        if not found:
            raise SourceError(
                f"rpc error: code = Unknown desc = failed to list refs: repository not found: {url} "
                "(simulated: only the lab's own remote can be read)"
            )
        return Path(found)

    def _collect(self, path: Path, revision: str, folder: str) -> tuple[str, tuple[File, ...]]:
        wanted = _default_branch(path) if revision in ("", "HEAD") else revision
        try:
            found = collect(path, revision=wanted, folder=folder)
        except InputError as error:
            unresolved = f"unable to resolve {quoted(revision)} to a commit SHA: {error.message}"
            raise SourceError(f"rpc error: code = Unknown desc = {unresolved}") from None
        if found.commit is None:
            raise SourceError("rpc error: code = Unknown desc = failed to list refs: remote repository is empty")
        return found.commit, found.files


def _default_branch(path: Path) -> str:
    try:
        text = (path / "HEAD").read_text(encoding="utf-8", errors="replace")[:300].strip()
    except OSError:
        return "main"
    return text.removeprefix("ref: refs/heads/")


def signature(path: Path) -> tuple[object, ...]:
    """The state of a repository's references by times and sizes: no file is opened."""
    return tuple(_signs(path))


def _signs(path: Path) -> Iterator[object]:
    for name in ("HEAD", "packed-refs"):
        yield _stat(path / name)
    for folder, _, names in os.walk(path / "refs" / "heads"):
        for name in sorted(names)[:200]:
            yield name, _stat(Path(folder) / name)


def _stat(path: Path) -> tuple[int, int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino
