"""Commands that a message tells a learner to run: paths cleaned and quoted for the shell."""

from __future__ import annotations

import posixpath
import shlex

from grader.evidence.model import Repository
from grader.text import one_line


def command(*words: str) -> str:
    """The words as one shell line; none of them can do more than be an argument."""
    return " ".join(shlex.quote(one_line(word, 300)) for word in words)


def in_clone(repository: Repository, *words: str) -> str:
    """`git -C CLONE words…`."""
    return command("git", "-C", repository.path, *words)


def path_in(repository: Repository, path: str) -> str:
    """A file's path as the shell reaches it from where the grader was started."""
    return posixpath.join(repository.path, path)


def lines(repository: Repository, path: str, line: int) -> str:
    """Shows some lines of a file, tabs and other invisible characters made visible."""
    span = f"{max(line - 1, 1)},{line + 1}p"
    return f"{command('sed', '-n', span, path_in(repository, path))} | cat -vet"


def short(sha: str | None) -> str:
    """A commit's hash as people write it."""
    return (sha or "none")[:10]
