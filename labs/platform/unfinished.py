"""What Git has under way in a clone, and what it put away meanwhile. No configuration or hook is followed."""

from __future__ import annotations

import re
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from labs.platform.git_objects import commit_tree
from labs.platform.references import away
from labs.platform.working_tree import Files

if TYPE_CHECKING:
    from dulwich.objects import Commit, ObjectID
    from dulwich.repo import Repo

_PUT_AWAY = ("rebase-merge/autostash", "rebase-apply/autostash", "MERGE_AUTOSTASH")
"""Files with the commit of `--autostash` (git-rebase(1), git-merge(1)); nothing else names it."""
_UNDER_WAY = (
    "MERGE_HEAD",
    "MERGE_AUTOSTASH",
    "CHERRY_PICK_HEAD",
    "REVERT_HEAD",
    "rebase-merge",
    "rebase-apply",
    "sequencer",
    "index.lock",
)
_IDENTIFIER = re.compile(rb"[0-9a-f]{40}\s*\Z")
_ENOUGH = 64
"""Bytes that hold an identifier."""


def put_away(repository: Repo) -> dict[str, ObjectID]:
    """Commits that `--autostash` made of changes, by the names `autostash`, `autostash-2`, …"""
    found = [_named(repository, Path(repository.controldir()) / name) for name in _PUT_AWAY]
    return _numbered("autostash", [one for one in found if one])


def stashes(repository: Repo) -> dict[str, ObjectID]:
    """Commits of `git stash`, by the names `stash`, `stash-2`, …, the newest first."""
    from dulwich.stash import DEFAULT_STASH_REF, Stash

    newest = [repository.refs[DEFAULT_STASH_REF]] if DEFAULT_STASH_REF in repository.refs else []
    older = [one.new_sha for one in Stash(repository).stashes()] if newest else []
    return _numbered("stash", [one for one in dict.fromkeys([*newest, *older]) if one in repository])


def staged(repository: Repo, head: Commit | None, files: Files) -> ObjectID | None:
    """A commit of the index over `head`, where it holds a file as neither `head` nor `files` has it: else None."""
    from dulwich.index import commit_tree as write_tree
    from dulwich.objects import Blob

    entries = _entries(repository)
    committed = repository.object_store.iter_tree_contents(head.tree) if head else ()
    known = {(entry.path, entry.sha) for entry in committed}
    known |= {(path.encode(errors="surrogateescape"), Blob.from_string(one[1]).id) for path, one in files.items()}
    if all((path, sha) in known for path, sha, _ in entries):
        return None
    listing = write_tree(repository.object_store, entries)
    when = head.commit_time if head else 0
    return commit_tree(repository, listing, [head.id] if head else [], b"What was staged\n", when)


def end(repository: Repo) -> None:
    """Ends what is under way; files and branches stay as they are."""
    for name in _UNDER_WAY:
        away(Path(repository.controldir()) / name)


def _entries(repository: Repo) -> list[tuple[bytes, ObjectID, int]]:
    """Path, content and mode of what the index holds; nothing where it cannot be read, and nothing in conflict."""
    from dulwich.index import EXTENDED_FLAG_INTEND_TO_ADD, IndexEntry

    try:
        found = [(path, one) for path, one in repository.open_index().items() if isinstance(one, IndexEntry)]
    except Exception:  # what a damaged index makes of its reader has no bounds, and Git reads it no more either
        return []
    with_content = (one for one in found if not one[1].extended_flags & EXTENDED_FLAG_INTEND_TO_ADD)
    return [(path, one.sha, one.mode) for path, one in with_content if one.sha in repository.object_store]


def _named(repository: Repo, file: Path) -> ObjectID | None:
    """The commit that a file names."""
    from dulwich.objects import Commit, ObjectID

    content = b""
    with suppress(OSError), file.open("rb") as opened:
        content = opened.read(_ENOUGH)
    if not _IDENTIFIER.match(content):
        return None
    identifier = ObjectID(content.strip())
    return identifier if identifier in repository and isinstance(repository[identifier], Commit) else None


def _numbered(name: str, commits: list[ObjectID]) -> dict[str, ObjectID]:
    return {name if number == 1 else f"{name}-{number}": one for number, one in enumerate(commits, 1)}
