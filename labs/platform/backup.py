"""What `labs down` keeps of a learner's work: every branch, and the files that were not committed.

No hook runs, and no configuration of the learner's repository is followed.
"""

from __future__ import annotations

import stat
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, cast

from labs.errors import EnvironmentFault
from labs.platform.git_objects import AUTHOR, commit_tree, tree
from labs.platform.manifests import BRANCH

if TYPE_CHECKING:
    from dulwich.objects import ObjectID
    from dulwich.refs import Ref
    from dulwich.repo import Repo

_FILE_LIMIT = 10 << 20


@dataclass(frozen=True, slots=True)
class Kept:
    """What of a learner's work was kept: the repository and its references. Empty: there was nothing."""

    repository: Path
    references: tuple[str, ...] = ()


def keep(clone: Path, remote: Path, backup: Path, label: str) -> Kept:
    """Puts every branch of clone and remote, and uncommitted files, into the bare repository `backup`.

    References become `refs/heads/LABEL/clone/…`, `…/remote/…` and `…/uncommitted`. What is exactly the lab's own
    first commit is not worth keeping. Raises EnvironmentFault where a repository cannot be read.
    """
    found: list[str] = []
    for place, path in (("clone", clone), ("remote", remote)):
        if (path / ".git" / "HEAD").exists() or (path / "HEAD").exists():
            found += _keep_one(path, backup, f"{label}/{place}")
    return Kept(backup, tuple(found))


def _keep_one(path: Path, backup: Path, prefix: str) -> list[str]:
    from dulwich.errors import NotGitRepository
    from dulwich.repo import Repo

    try:
        with Repo(str(path)) as source:
            wanted = {name: tip for name, tip in _branches(source).items() if not _is_first(source, tip)}
            if not source.bare and (dirty := _uncommitted(source)):
                wanted[b"uncommitted"] = dirty
            if not wanted:
                return []
            with _opened(backup) as target:
                source.fetch(target, determine_wants=lambda *_: list(wanted.values()))
                for name, tip in wanted.items():
                    target.refs[cast("Ref", b"refs/heads/" + prefix.encode() + b"/" + name)] = tip
        return [f"{prefix}/{name.decode(errors='replace')}" for name in wanted]
    except (NotGitRepository, KeyError, ValueError, OSError) as error:
        raise EnvironmentFault(
            f"its commits cannot be kept: {type(error).__name__}: {error}",
            where=str(path),
            advice="Save it by hand, then run labs down --discard.",
        ) from None


def _opened(backup: Path) -> Repo:
    from dulwich.repo import Repo

    if (backup / "HEAD").exists():
        return Repo(str(backup))
    backup.mkdir(parents=True, exist_ok=True)
    return Repo.init_bare(str(backup), default_branch=BRANCH.encode())


def _branches(source: Repo) -> dict[bytes, ObjectID]:
    return {
        bytes(name)[len(b"refs/heads/") :]: tip
        for name, tip in source.get_refs().items()
        if name.startswith(b"refs/heads/")
    }


def _is_first(source: Repo, tip: ObjectID) -> bool:
    """Whether a commit is the one that the lab itself made."""
    from dulwich.objects import Commit

    commit = source[tip]
    return isinstance(commit, Commit) and not commit.parents and commit.author == AUTHOR


def _uncommitted(source: Repo) -> ObjectID | None:
    """A commit of the working tree as it lies there, where it differs from HEAD; None where not."""
    from dulwich.objects import Commit

    try:
        head = source.head()
    except KeyError:
        head = None
    listing = tree(source, _working_files(Path(source.path)))
    commit = source[head] if head else None
    if isinstance(commit, Commit) and commit.tree == listing:
        return None
    return commit_tree(source, listing, (head,) if head else (), b"What was not committed\n", int(time.time()))


def _working_files(root: Path) -> Iterable[tuple[str, int, bytes]]:
    """Files of a working tree: plain ones up to 10 MiB, read as they lie there; links are not followed."""
    for path in sorted(root.rglob("*")):
        relative = path.relative_to(root)
        if ".git" in relative.parts:
            continue
        about = path.lstat()
        if stat.S_ISREG(about.st_mode) and about.st_size <= _FILE_LIMIT:
            yield relative.as_posix(), 0o100755 if about.st_mode & 0o100 else 0o100644, path.read_bytes()
        elif stat.S_ISLNK(about.st_mode):
            yield relative.as_posix(), 0o120000, str(path.readlink()).encode()
