"""References of a repository, set whatever lies in their way; locks that a killed program left are removed.

A name excludes those beneath it, `main` for instance `main/x`: they are files and folders (gitrepository-layout(5)).
"""

from __future__ import annotations

import re
import shutil
from itertools import chain, count
from pathlib import Path
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from dulwich.objects import ObjectID
    from dulwich.refs import Ref
    from dulwich.repo import Repo

HEADS = "refs/heads/"
_IDENTIFIER = re.compile(rb"[0-9a-f]{40}\Z")


def ref(name: str) -> Ref:
    """The full name of a reference as dulwich wants it."""
    return cast("Ref", name.encode(errors="surrogateescape"))


def text(name: bytes) -> str:
    return name.decode(errors="surrogateescape")


def away(path: Path) -> None:
    """Removes a file, link or folder, if it is there."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def mend(repository: Repo) -> None:
    """Removes locks that were left behind, and references that name nothing."""
    unlock(repository)
    for name in repository.refs.allkeys():
        content = repository.refs.read_loose_ref(name) or b""
        if name.startswith(b"refs/") and content and not content.startswith(b"ref:") and not _IDENTIFIER.match(content):
            away(Path(repository.controldir()) / text(name))


def unlock(repository: Repo) -> None:
    """Removes the locks of references, objects and settings. No name of Git's ends so (git-check-ref-format(1))."""
    control = Path(repository.controldir())
    for pattern in ("HEAD.lock", "packed-refs.lock", "config.lock", "refs/**/*.lock", "objects/*/*.lock"):
        for path in sorted(control.glob(pattern)):
            away(path)
    packed = control / "packed-refs"
    if packed.is_file() and not packed.stat().st_size:  # to Git as none, to dulwich an error
        away(packed)


def tips(repository: Repo) -> dict[str, ObjectID]:
    """References to objects that are there. What holds no identifier, or one of nothing, is left out."""
    found = ((text(name), tip) for name, tip in repository.get_refs().items() if _IDENTIFIER.match(tip))
    return {name: tip for name, tip in found if tip in repository}


def in_the_way(repository: Repo, wanted: Ref) -> dict[str, ObjectID]:
    """References that cannot be there beside the one wanted, and their tips."""
    return {name: tip for name, tip in tips(repository).items() if _excludes(ref(name), wanted)}


def put(repository: Repo, wanted: Ref, tip: ObjectID) -> None:
    """Sets a reference; what is in its way goes, with its log."""
    gone = [name for name in repository.refs.allkeys() if _excludes(name, wanted)]
    repository.refs.add_packed_refs(dict.fromkeys(gone))
    control = Path(repository.controldir())
    for base in (control, control / "logs"):
        _cleared(base, text(wanted))
    if (repository.refs.read_loose_ref(wanted) or b"").startswith(b"ref:"):
        away(control / text(wanted))
    repository.refs[wanted] = tip


def free(repository: Repo, label: str) -> str:
    """A name for branches, `backup/LABEL` or one like it, with which no branch begins and that none excludes."""
    taken = [text(name).removeprefix(HEADS) for name in repository.refs.allkeys() if name.startswith(HEADS.encode())]
    prefixes = chain(("backup", "labs-backup"), (f"labs-backup-{number}" for number in count(2)))
    begins = f"{next(one for one in prefixes if one not in taken)}/{label}"
    names = chain((begins,), (f"{begins}-{number}" for number in count(2)))
    return next(name for name in names if not any(one.startswith(name) for one in taken))


def is_backup(branch: str) -> bool:
    """Whether a branch has a name as `free` gives it."""
    first, _, rest = branch.partition("/")
    return bool(rest) and (first == "backup" or first.startswith("labs-backup"))


def _excludes(one: bytes, other: bytes) -> bool:
    return one.startswith(other + b"/") or other.startswith(one + b"/")


def _cleared(base: Path, wanted: str) -> None:
    """Makes room for a file: no folder at its place, no file where a folder of its path must be."""
    place = base / wanted
    for folder in list(place.relative_to(base).parents)[-2::-1]:
        if not (base / folder).is_dir():
            away(base / folder)
    if place.is_dir():
        away(place)
