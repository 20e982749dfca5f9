"""The files of a clone, read and written as they lie there: no filter, hook or link is followed."""

from __future__ import annotations

import stat
from contextlib import suppress
from itertools import chain, count
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


def write(root: Path, there: Files, wanted: Files, label: str) -> tuple[tuple[str, str], ...]:
    """Turns the files `there` into those `wanted`; folders that became empty go.

    What is in their way and not among `there` is moved beside, as `NAME.backup-LABEL`; returns for each where it was,
    and where it is.
    """
    moved = []
    for path in there.keys() - wanted.keys():
        (root / path).unlink(missing_ok=True)
        _prune(root, (root / path).parent)
    for path, (mode, content) in wanted.items():
        if there.get(path) == (mode, content):
            continue
        target = root / path
        moved += _cleared(root, path, path in there, label)
        target.parent.mkdir(parents=True, exist_ok=True)
        if mode == LINK:
            target.symlink_to(content.decode(errors="surrogateescape"))
        else:
            target.write_bytes(content)
            target.chmod(0o755 if mode == EXECUTABLE else 0o644)
    return tuple(moved)


def large(root: Path) -> tuple[str, ...]:
    """Plain files over `LIMIT`, all but Git's own."""
    found = ((path, path.lstat()) for path in sorted(root.rglob("*")))
    names = (path.relative_to(root) for path, about in found if stat.S_ISREG(about.st_mode) and about.st_size > LIMIT)
    return tuple(name.as_posix() for name in names if ".git" not in name.parts)


def others(root: Path, known: Files) -> tuple[str, ...]:
    """What lies there beside the files known, all but folders and Git's own."""
    found = (path for path in sorted(root.rglob("*")) if path.is_symlink() or not path.is_dir())
    names = (path.relative_to(root) for path in found)
    return tuple(name.as_posix() for name in names if ".git" not in name.parts and name.as_posix() not in known)


def _cleared(root: Path, path: str, kept: bool, label: str) -> list[tuple[str, str]]:
    """Makes room for a file. What is `kept` or an empty folder goes, all else is moved beside: see `write`."""
    target = root / path
    if kept:
        target.unlink(missing_ok=True)
    on_the_way = [folder for folder in target.parents if root in folder.parents]
    wrong = [folder for folder in on_the_way if _is_there(folder) and not _is_folder(folder)]
    if _is_folder(target):
        _without_empty(target)
    wrong += [target] if _is_there(target) else []
    return [(one.relative_to(root).as_posix(), _beside(one, label).relative_to(root).as_posix()) for one in wrong]


def _beside(path: Path, label: str) -> Path:
    """Gives what is there another name."""
    wanted = f"{path.name}.backup-{label}"
    names = chain((wanted,), (f"{wanted}-{number}" for number in count(2)))
    return path.rename(next(one for name in names if not _is_there(one := path.with_name(name))))


def _without_empty(folder: Path) -> None:
    """Removes the folders of a folder that hold nothing, and itself where it is left empty."""
    for path in (*sorted(folder.rglob("*"), reverse=True), folder):
        if _is_folder(path):
            with suppress(OSError):  # it is not empty
                path.rmdir()


def _is_there(path: Path) -> bool:
    return path.is_symlink() or path.exists()


def _is_folder(path: Path) -> bool:
    return path.is_dir() and not path.is_symlink()


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
