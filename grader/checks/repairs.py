"""Commands that mend what is not where Argo CD reads: move, commit, push. Each is whole, or not given at all."""

from __future__ import annotations

import posixpath
import re

from grader.checks.commands import TO_MEND, command, in_clone
from grader.evidence.model import Repository
from grader.text import one_line

_PATTERN = re.compile(r"[*?\[]|^:")  # what Git reads as a pattern (gitglossary, pathspec)


def told(*commands: str) -> str:
    """A line of its own that says which commands mend it; nothing where one of them cannot be written out."""
    return f"\n{TO_MEND} `{' && '.join(commands)}`" if commands and all(commands) else ""


def move(repository: Repository, path: str, folder: str) -> str:
    """Moves a file of the working tree into a folder."""
    if not _plain(path) or repository.working is None:
        return ""
    target = f"{posixpath.join(repository.path, folder)}/"
    return command("mv", posixpath.join(repository.path, path), target)


def commit(repository: Repository, path: str, message: str) -> tuple[str, str]:
    """Adds one file, and commits what was added."""
    if not _plain(path) or repository.working is None:
        return "", ""
    literal = ("--literal-pathspecs",) if _PATTERN.search(path) else ()
    add = in_clone(repository, *literal, "add", "--", path)
    return add, in_clone(repository, "commit", "--message", message)


def push(repository: Repository, branch: str) -> str:
    """Pushes what the clone has checked out to a branch of the remote."""
    if repository.working is None:
        return ""
    here = repository.branch
    what = branch if here == branch else f"HEAD:{branch}" if here else f"HEAD:refs/heads/{branch}"
    return in_clone(repository, "push", _remote(repository), what)


def rebase(repository: Repository, branch: str) -> str:
    """Puts the commits of the clone behind those of the remote's branch."""
    return (
        in_clone(repository, "pull", "--rebase", _remote(repository), branch) if repository.working is not None else ""
    )


def _remote(repository: Repository) -> str:
    """The name that the clone knows its remote by."""
    remote = repository.remote
    return remote.name if remote and not remote.asked else "origin"


def _plain(path: str) -> bool:
    """Whether a path is shown as it is, so that a command with it does what it says."""
    return one_line(path, 300) == path and "\\" not in path
