"""Git objects written with dulwich: trees of files, and commits by the lab itself. No hook runs."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dulwich.objects import Commit, ObjectID
    from dulwich.repo import Repo

AUTHOR = b"Platform Labs <platform-labs@platform-labs.invalid>"


def tree(repository: Repo, files: Iterable[tuple[str, int, bytes]]) -> ObjectID:
    from dulwich.index import commit_tree as write_tree
    from dulwich.objects import Blob

    entries = []
    for path, mode, content in files:
        blob = Blob.from_string(content)
        repository.object_store.add_object(blob)
        entries.append((path.encode(errors="surrogateescape"), blob.id, mode))
    return write_tree(repository.object_store, entries)


def commit_tree(repository: Repo, tree: ObjectID, parents: Iterable[ObjectID], message: bytes, when: int) -> ObjectID:
    from dulwich.objects import Commit

    commit: Commit = Commit()
    commit.tree = tree
    commit.parents = list(parents)
    commit.author = commit.committer = AUTHOR
    commit.author_time = commit.commit_time = when
    commit.author_timezone = commit.commit_timezone = 0
    commit.encoding = b"UTF-8"
    commit.message = message
    repository.object_store.add_object(commit)
    return commit.id
