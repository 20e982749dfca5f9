"""The files of a clone, read and written as they lie there: no filter, hook or link is followed."""

from __future__ import annotations

import stat
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dulwich.objects import ObjectID
    from dulwich.repo import Repo

PLAIN = 0o100644
EXECUTABLE = 0o100755
LINK = 0o120000
LIMIT = 10 << 20
"""Bytes of a file; larger ones are left alone."""

Files = dict[str, tuple[int, bytes]]
"""Path in the repository → Git's mode and the content (of a link: where it leads)."""


def read(root: Path) -> Files:
    """Plain files up to `LIMIT` and links, all but Git's own."""
    found: Files = {}
    for path in sorted(root.rglob("*")):
        relative = path.relative_to(root)
        if ".git" in relative.parts:
            continue
        about = path.lstat()
        if stat.S_ISREG(about.st_mode) and about.st_size <= LIMIT:
            found[relative.as_posix()] = (EXECUTABLE if about.st_mode & 0o100 else PLAIN, path.read_bytes())
        elif stat.S_ISLNK(about.st_mode):
            found[relative.as_posix()] = (LINK, str(path.readlink()).encode(errors="surrogateescape"))
    return found


def write(root: Path, there: Files, wanted: Files) -> None:
    """Turns the files `there` into those `wanted`; folders that became empty go."""
    for path in there.keys() - wanted.keys():
        (root / path).unlink(missing_ok=True)
        _prune(root, (root / path).parent)
    for path, (mode, content) in wanted.items():
        if there.get(path) == (mode, content):
            continue
        target = root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.unlink(missing_ok=True)
        if mode == LINK:
            target.symlink_to(content.decode(errors="surrogateescape"))
        else:
            target.write_bytes(content)
            target.chmod(0o755 if mode == EXECUTABLE else 0o644)


def _prune(root: Path, folder: Path) -> None:
    with suppress(OSError):  # the first folder that is not empty
        while folder != root:
            folder.rmdir()
            folder = folder.parent


def of_commit(repository: Repo, listing: ObjectID) -> Files:
    """The files of a tree of the repository."""
    from dulwich.objects import Blob

    found: Files = {}
    for entry in repository.object_store.iter_tree_contents(listing):
        blob = repository.object_store[entry.sha]
        if isinstance(blob, Blob):
            found[_text(entry.path)] = (entry.mode, blob.data)
    return found


def index(repository: Repo, listing: ObjectID, working: Files) -> None:
    """Makes the index that of a tree, so that Git sees as changed what differs from it, and nothing else."""
    from dulwich.index import Index, IndexEntry, index_entry_from_stat

    made = Index(repository.index_path(), read=False)
    for entry in repository.object_store.iter_tree_contents(listing):
        same = working.get(_text(entry.path), (0, b""))
        if same == (entry.mode, repository.object_store[entry.sha].as_raw_string()):
            about = (Path(repository.path) / _text(entry.path)).lstat()
            made[entry.path] = index_entry_from_stat(about, entry.sha, entry.mode)
        else:
            made[entry.path] = IndexEntry(0, 0, 0, 0, entry.mode, 0, 0, 0, entry.sha)
    made.write()


def _text(path: bytes) -> str:
    return path.decode(errors="surrogateescape")
