"""The files of one commit, and what of them is read."""

from __future__ import annotations

import posixpath
import re
import stat
from collections.abc import Callable
from dataclasses import dataclass, field

from grader.errors import InputError
from grader.evidence.git_objects import Missing, Objects
from grader.evidence.git_pack import TooLarge
from grader.evidence.model import File
from grader.text import one_line

MAX_FILES = 20_000
MAX_FOLDERS = 5_000
MAX_DEPTH = 40
MAX_FILE = 1 << 20
MAX_CONTENT = 8 << 20
_NAMED = re.compile(r"\.(ya?ml|json)\b|kustomization|policy|kyverno", re.IGNORECASE)


def worth_reading(path: str, folder: str) -> bool:
    """Whether a file's content may matter: all of the exercise's folder, and manifests elsewhere."""
    return path.startswith(folder + "/") or bool(_NAMED.search(posixpath.basename(path)))


@dataclass
class Listing:
    """Files found so far, and how much of them was read; bounds that were met are in `notes`."""

    folder: str
    files: list[File] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    read: int = 0
    folders: int = 0
    known: dict[bytes, tuple[int, bytes]] = field(default_factory=dict)

    def room(self, size: int) -> bool:
        """Whether a content of that size may still be read."""
        if size > MAX_FILE or self.read + size > MAX_CONTENT:
            self.note("files too large to be a manifest were not read")
            return False
        self.read += size
        return True

    def full(self) -> bool:
        """Whether no more files are taken."""
        if len(self.files) >= MAX_FILES:
            self.note(f"only the first {MAX_FILES} files were looked at")
            return True
        return False

    def enter(self, depth: int) -> bool:
        """Whether one more folder may be looked into, that many levels deep."""
        self.folders += 1
        if depth <= MAX_DEPTH and self.folders <= MAX_FOLDERS:
            return True
        self.note(f"folders more than {MAX_DEPTH} deep, or after the first {MAX_FOLDERS}, were not looked at")
        return False

    def note(self, text: str) -> None:
        """Keeps a note, once."""
        if text not in self.notes:
            self.notes.append(text)


def at_commit(objects: Objects, commit: bytes, listing: Listing) -> None:
    """Adds all files of a commit to the listing. Raises InputError where objects are missing."""
    _whole(objects, objects.commit(commit).tree, "", 0, listing, lambda path: worth_reading(path, listing.folder))


def below(objects: Objects, commit: bytes, folder: str) -> tuple[File, ...]:
    """The files of a commit under `folder`, without content."""
    tree = objects.commit(commit).tree
    for step in folder.split("/"):
        found = next((e for e in objects.tree(tree) if e.name == step.encode() and stat.S_ISDIR(e.mode)), None)
        if found is None:
            return ()
        tree = found.sha
    listing = Listing(folder)
    _whole(objects, tree, folder + "/", 0, listing, lambda _: False)
    return tuple(listing.files)


def _whole(
    objects: Objects, tree: bytes, prefix: str, depth: int, listing: Listing, wanted: Callable[[str], bool]
) -> None:
    if not listing.enter(depth):
        return
    try:
        entries = objects.tree(tree)
    except (Missing, TooLarge):
        raise _incomplete(prefix or "/") from None
    for entry in entries:
        if _forbidden(entry.name):
            listing.note("entries with names that Git forbids were left out")
            continue
        if listing.full():
            return
        path = prefix + entry.name.decode("utf-8", "backslashreplace")
        if stat.S_ISDIR(entry.mode):
            _whole(objects, entry.sha, path + "/", depth + 1, listing, wanted)
        else:
            listing.files.append(_file(objects, path, entry.mode, entry.sha, listing, wanted(path)))


def _file(objects: Objects, path: str, mode: int, sha: bytes, listing: Listing, wanted: bool) -> File:
    blob = sha.decode("ascii")
    if not wanted or not stat.S_ISREG(mode):
        return File(path, mode, blob, 0)
    try:
        size, content = listing.known.get(sha) or (objects.size(sha), None)
        if not listing.room(size):
            content = None
        elif content is None:
            content = objects.read(sha, MAX_FILE)[1]
            listing.known[sha] = size, content
    except TooLarge:
        return File(path, mode, blob, 0)
    except Missing:
        raise _incomplete(path) from None
    return File(path, mode, blob, size, content)


def _forbidden(name: bytes) -> bool:
    return name in (b"", b".", b"..") or b"/" in name or name.lower() == b".git"


def _incomplete(path: str) -> InputError:
    return InputError(
        "the clone lacks objects of the graded commit: it is a partial clone, or borrows from another repository",
        where=one_line(path),
        advice="Make a full clone: git clone --no-local URL",
    )
