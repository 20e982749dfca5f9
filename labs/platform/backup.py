"""What `labs down` keeps of a learner's work: every branch, and the files that were not committed.

No hook runs, and no configuration of the learner's repository is followed.
"""

from __future__ import annotations

import os
import shutil
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from labs.errors import EnvironmentFault
from labs.platform import git_faults, unfinished, working_tree
from labs.platform.clone import FIRST_MESSAGE
from labs.platform.git_objects import AUTHOR, commit_tree, tree
from labs.platform.manifests import BRANCH
from labs.platform.references import HEADS, ref, text, unlock

if TYPE_CHECKING:
    from dulwich.objects import Commit, ObjectID
    from dulwich.repo import Repo


@dataclass(frozen=True, slots=True)
class Kept:
    """What of a learner's work was kept: the repository and its references. Empty: there was nothing.

    `files` is a folder with files too large for a branch, as they lay in the clone.
    """

    repository: Path
    references: tuple[str, ...] = ()
    files: Path | None = None


def keep(clone: Path, remote: Path, backup: Path, label: str) -> Kept:
    """Puts every branch of clone and remote, and what is on none, into the bare repository `backup`.

    References become `refs/heads/LABEL/clone/…` and `…/remote/…`; of the clone also `LABEL/head` (a commit
    checked out that is on no branch), `LABEL/stash`, `LABEL/stash-2` and so on (the newest first), `LABEL/autostash`
    (what a rebase or merge put away), `LABEL/staged` (what is only in the index) and `LABEL/uncommitted` (the files
    as they lie there). Files over 10 MiB go to `LABEL` in the folder `….files` beside. What is exactly the lab's own
    first commit is not worth keeping. Raises EnvironmentFault where a repository cannot be read.
    """
    there = backup.exists()
    found: dict[str, ObjectID] = {}
    files = None
    try:
        with _opened(backup) as target:
            unlock(target)
            if clone.is_dir():
                found |= _keep_clone(clone, target, label)
                files = _keep_large(clone, backup.with_suffix(".files") / label)
            if (remote / "HEAD").exists():
                found |= _keep_refs(remote, target, f"{label}/remote")
            for name, tip in found.items():
                target.refs[ref(f"{HEADS}{name}")] = tip
    except EnvironmentFault:
        raise
    except Exception as error:  # what a damaged repository makes of its reader has no bounds
        raise EnvironmentFault(
            f"its commits cannot be kept: {git_faults.reason(error)}",
            where=str(clone.parent),
            advice=git_faults.advice(error, "Save clone and remote by hand, then run labs down --discard."),
        ) from None
    finally:
        if not there and not found:
            shutil.rmtree(backup, ignore_errors=True)
    return Kept(backup, tuple(found), files)


def _keep_large(clone: Path, target: Path) -> Path | None:
    """Has files too large for a branch in a folder too, as links to the same content where that is possible."""
    found = working_tree.large(clone)
    for name in found:
        place = target / name
        place.parent.mkdir(parents=True, exist_ok=True)
        try:
            os.link(clone / name, place)
        except OSError:  # another file system, or one without links
            shutil.copy2(clone / name, place)
    return target if found else None


def _keep_refs(path: Path, target: Repo, prefix: str) -> dict[str, ObjectID]:
    from dulwich.repo import Repo

    with Repo(str(path)) as source:
        wanted = {f"{prefix}/{name}": tip for name, tip in _branches(source).items()}
        return _fetched(source, target, wanted)


def _keep_clone(path: Path, target: Repo, label: str) -> dict[str, ObjectID]:
    from dulwich.errors import NotGitRepository
    from dulwich.repo import Repo

    try:
        source = Repo(str(path))
    except NotGitRepository:
        if (path / ".git" / "objects").exists():
            raise
        return _uncommitted(path, None, target, label)
    with source:
        unlock(source)
        branches = _branches(source)
        wanted = {f"{label}/clone/{name}": tip for name, tip in branches.items()}
        head = _head(source)
        if head and head.id not in branches.values():
            wanted[f"{label}/head"] = head.id
        beside = {**unfinished.stashes(source), **unfinished.put_away(source)}
        wanted |= {f"{label}/{name}": tip for name, tip in beside.items()}
        if staged := unfinished.staged(source, head, working_tree.read(path)):
            wanted[f"{label}/staged"] = staged
        found = _fetched(source, target, wanted)
        if head:  # the parent of what was not committed
            source.fetch(target, determine_wants=lambda *_: [head.id])
        return found | _uncommitted(path, head, target, label)


def _fetched(source: Repo, target: Repo, wanted: dict[str, ObjectID]) -> dict[str, ObjectID]:
    kept = {name: tip for name, tip in wanted.items() if not _is_first(source, tip)}
    if kept:
        source.fetch(target, determine_wants=lambda *_: list(kept.values()))
    return kept


def _opened(backup: Path) -> Repo:
    from dulwich.repo import Repo

    if (backup / "HEAD").exists():
        return Repo(str(backup))
    backup.mkdir(parents=True, exist_ok=True)
    return Repo.init_bare(str(backup), default_branch=BRANCH.encode())


def _branches(source: Repo) -> dict[str, ObjectID]:
    return {
        text(name).removeprefix(HEADS): tip
        for name, tip in source.get_refs().items()
        if name.startswith(HEADS.encode())
    }


def _head(source: Repo) -> Commit | None:
    from dulwich.objects import Commit

    try:
        found = source[source.head()]
    except (KeyError, ValueError):
        return None
    return found if isinstance(found, Commit) else None


def _is_first(source: Repo, tip: ObjectID) -> bool:
    """Whether a commit is the one that the lab itself made."""
    from dulwich.objects import Commit

    commit = source[tip]
    if not isinstance(commit, Commit) or commit.parents:
        return False
    return (commit.author, commit.message) == (AUTHOR, FIRST_MESSAGE)


def _uncommitted(path: Path, head: Commit | None, target: Repo, label: str) -> dict[str, ObjectID]:
    """A commit of the working tree as it lies there, where it differs from HEAD."""
    listing = tree(target, ((name, *file) for name, file in working_tree.read(path).items()))
    if listing == (head.tree if head else tree(target, ())):
        return {}
    parents = (head.id,) if head else ()
    commit = commit_tree(target, listing, parents, b"What was not committed\n", int(time.time()))
    return {f"{label}/uncommitted": commit}
