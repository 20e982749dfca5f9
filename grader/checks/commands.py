"""Commands that a message tells a learner to run: paths cleaned and quoted for the shell."""

from __future__ import annotations

import posixpath
import shlex
from dataclasses import dataclass

from grader.checks.context import Context
from grader.evidence.model import Repository
from grader.text import one_line

TO_MEND = "To mend:"
"""What a line begins with that says what to write."""


def command(*words: str) -> str:
    """The words as one shell line; none of them can do more than be an argument."""
    return " ".join(shlex.quote(one_line(word, 300)) for word in words)


def in_clone(repository: Repository, *words: str) -> str:
    """`git -C CLONE words…`."""
    return command("git", "-C", repository.path, *words)


def short(sha: str | None) -> str:
    """A commit's hash as people write it."""
    return (sha or "none")[:10]


def folder_of(path: str) -> str:
    """The folder that a path lies in; `.` for the root."""
    return posixpath.dirname(path) or "."


@dataclass(frozen=True, slots=True)
class Show:
    """Commands that show the judged files: in the working tree, or at the commit where that was judged."""

    repository: Repository
    committed: bool

    @classmethod
    def of(cls, context: Context, repository: Repository) -> Show:
        """Commands for the files that a context judges."""
        return cls(repository, context.submission.current is context.submission.commit)

    def lines(self, path: str, line: int) -> str:
        """The lines around one, tabs and other invisible characters made visible."""
        span = f"{max(line - 1, 1)},{line + 1}p"
        if self.committed:
            return f"{self._blob(path)} | {command('sed', '-n', span)} | cat -vet"
        return f"{command('sed', '-n', span, self._path(path))} | cat -vet"

    def dry_run(self, path: str) -> str:
        """What the cluster says of a manifest, nothing changed."""
        ask = ("kubectl", "apply", "--dry-run=server", "--validate=strict", "-f")
        if self.committed:
            return f"{self._blob(path)} | {command(*ask, '-')}"
        return command(*ask, self._path(path))

    def listing(self, folder: str) -> str:
        """The entries of a folder."""
        if self.committed:
            return in_clone(self.repository, "ls-tree", self._commit, f"{folder}/".removeprefix("./"))
        return command("ls", "-l", self._path(folder))

    def built(self, folder: str, root: str) -> str:
        """What a kustomization builds; at a commit, the kustomization itself."""
        return self._blob(root) if self.committed else command("kubectl", "kustomize", self._path(folder))

    def found(self, text: str, path: str | None = None) -> str:
        """Where a text stands: in one file, or anywhere."""
        if self.committed:
            below = ("--", path) if path else ()
            return in_clone(self.repository, "grep", "-n", "-F", text, self._commit, *below)
        if path:
            return command("grep", "-n", "-F", text, self._path(path))
        return command("grep", "-rn", "--exclude-dir=.git", "-F", text, self.repository.path)

    @property
    def _commit(self) -> str:
        return short(self.repository.commit)

    def _blob(self, path: str) -> str:
        return in_clone(self.repository, "show", f"{self._commit}:{path}")

    def _path(self, path: str) -> str:
        """A file's path as the shell reaches it from where the grader was started."""
        return posixpath.join(self.repository.path, path)
