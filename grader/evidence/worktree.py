"""The files of a working tree, read as they lie there: no link followed, no nested repository."""

from __future__ import annotations

import hashlib
import stat

from grader.evidence.folder import Folder
from grader.evidence.git_files import MAX_FILE, MAX_FILES, Listing, worth_reading
from grader.evidence.model import File

_LINK = 0o120000


def read(root: Folder, listing: Listing, algorithm: str = "sha1") -> None:
    """Adds the files of a working tree to the listing, those of the exercise's folder first.

    A file's `blob` is the name that Git would give its bytes, empty where it was not read.
    `algorithm` is the repository's hash. Pipes, sockets and devices are left out.
    """
    first = listing.folder
    walk = _Walk(root, listing, algorithm, skipped="")
    walk.enter(first, first.count("/") + 1)
    _Walk(root, listing, algorithm, skipped=first).enter("", 0)


class _Walk:
    def __init__(self, root: Folder, listing: Listing, algorithm: str, *, skipped: str) -> None:
        self.root = root
        self.listing = listing
        self.algorithm = algorithm
        self.skipped = skipped

    def enter(self, folder: str, depth: int) -> None:
        """Takes all files of a folder, and of those below it."""
        if not self.listing.enter(depth):
            return
        entries = self.root.entries(folder, MAX_FILES)
        if entries is None:
            if self.root.is_folder(folder):
                self.listing.note("a folder that cannot be listed was left out")
            return
        if folder and any(name == ".git" for name, _ in entries):
            self.listing.note("a repository inside the repository was not looked at")
            return
        for name, status in entries:
            path = f"{folder}/{name}" if folder else name
            if name != ".git":
                self._take(path, status.st_mode, status.st_size, depth)

    def _take(self, path: str, mode: int, size: int, depth: int) -> None:
        if stat.S_ISDIR(mode):
            if path != self.skipped:
                self.enter(path, depth + 1)
        elif not self.listing.full() and (stat.S_ISREG(mode) or stat.S_ISLNK(mode)):
            self.listing.files.append(self._file(path, mode, size))

    def _file(self, path: str, mode: int, size: int) -> File:
        shown = path.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
        if stat.S_ISLNK(mode):
            return File(shown, _LINK, "", size)
        git_mode = 0o100755 if mode & 0o100 else 0o100644
        wanted = worth_reading(shown, self.listing.folder) and self.listing.room(size)
        content = self.root.read(path, MAX_FILE) if wanted else None
        if content is None:
            return File(shown, git_mode, "", size)
        name = hashlib.new(self.algorithm, b"blob %d\0" % len(content) + content).hexdigest()
        return File(shown, git_mode, name, len(content), content)
