"""Git objects of a repository that is not trusted.

dulwich reads the formats; every size is bounded before anything is inflated, every object is
checked against its name, and nothing outside the repository's own folder is opened: alternates,
grafts, replacements and the repository's configuration are not read.
"""

from __future__ import annotations

import mmap
import os
import re
import struct
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, closing, suppress
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from dulwich.errors import ApplyDeltaError, ObjectFormatException
from dulwich.object_format import SHA1, SHA256, ObjectFormat
from dulwich.objects import ShaFile, parse_tree
from dulwich.pack import load_pack_index_file

from grader.errors import InputError
from grader.evidence.folder import Folder
from grader.evidence.git_pack import LIMIT, Pack, TooLarge
from grader.text import one_line

_PACKS = 256
_TAGS = 10  # tags of tags that are followed
_HEX = re.compile(rb"[0-9a-f]+\Z")
_COMMIT, _TREE, _BLOB, _TAG = 1, 2, 3, 4
_TYPES = {b"commit": _COMMIT, b"tree": _TREE, b"blob": _BLOB, b"tag": _TAG}
_NAMES = {number: name for name, number in _TYPES.items()}
_BAD = (ValueError, TypeError, KeyError, IndexError, AssertionError, OverflowError, OSError, struct.error, zlib.error)
_FAULTS = (*_BAD, ApplyDeltaError, ObjectFormatException)


class Missing(Exception):
    """The object is not in the repository."""


class Damaged(InputError):
    """An object that is not what its name says, or a pack that cannot be read."""

    def __init__(self, what: bytes | str) -> None:
        name = what if isinstance(what, str) else f"object {what.decode('ascii', 'replace')}"
        super().__init__(
            f"the repository is damaged: {one_line(name)} cannot be read",
            advice="Look with: git fsck --full. A fresh clone usually mends it.",
        )


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a tree: `name` as bytes, `mode` as Git writes it, `sha` as hexadecimal."""

    name: bytes
    mode: int
    sha: bytes


@dataclass(frozen=True, slots=True)
class Links:
    """What a commit names: its tree and its parents, as hexadecimal."""

    tree: bytes
    parents: tuple[bytes, ...]


class Objects:
    """The objects of one repository, given its Git folder (`.git`, or a bare repository)."""

    def __init__(self, folder: Folder, form: ObjectFormat = SHA1) -> None:
        self._folder = folder
        self._format = form
        self._opened = ExitStack()

    def read(self, sha: bytes, limit: int = LIMIT) -> tuple[int, bytes]:
        """Type number and content of an object, checked against its name.

        Raises Missing, TooLarge or Damaged.
        """
        try:
            kind, content = self._inflate(sha, limit)
            header = b"%s %d\0" % (_NAMES[kind], len(content))
            if self._format.hash_object_hex(header + content) != sha:
                raise Damaged(sha)
        except _FAULTS:
            raise Damaged(sha) from None
        return kind, content

    def size(self, sha: bytes) -> int:
        """Bytes of an object, without inflating it. Raises Missing or Damaged."""
        try:
            for pack in self._packs:
                offset = pack.offset(sha)
                if offset is not None:
                    return pack.size(offset)
            return self._loose(sha, 0)[1]
        except _FAULTS:
            raise Damaged(sha) from None

    def commit(self, sha: bytes) -> Links:
        """What a commit names. Raises Missing, TooLarge or Damaged (also where it is no commit)."""
        kind, content = self.read(sha)
        try:
            found: Any = ShaFile.from_raw_string(kind, content, object_format=self._format)
            links = Links(bytes(found.tree), tuple(bytes(parent) for parent in found.parents))
            if kind == _COMMIT and all(self._is_name(one) for one in (links.tree, *links.parents)):
                return links
        except (*_FAULTS, AttributeError):
            pass
        raise Damaged(sha)

    def peel(self, sha: bytes) -> bytes:
        """The commit that a tag stands for, or the commit itself. Raises Missing (also where
        there is no commit behind it), TooLarge or Damaged."""
        for _ in range(_TAGS):
            kind, content = self.read(sha)
            if kind == _COMMIT:
                return sha
            if kind != _TAG:
                break
            sha = content.split(b"\n", 1)[0].removeprefix(b"object ")
            if not self._is_name(sha):
                break
        raise Missing

    def tree(self, sha: bytes) -> list[Entry]:
        """The entries of a tree. Raises Missing, TooLarge or Damaged (also for a name given twice)."""
        kind, content = self.read(sha)
        try:
            entries = [Entry(*entry) for entry in parse_tree(content, self._format.oid_length)]
            if kind == _TREE and len({entry.name for entry in entries}) == len(entries):
                return entries
        except _FAULTS:
            pass
        raise Damaged(sha)

    def commits_called(self, prefix: str) -> list[bytes]:
        """Names of the commits and tags that begin with `prefix` (4 or more hexadecimal digits)."""
        found = sorted(set(self._names(prefix)))[:50]
        return [sha for sha in found if self._kind(sha) in (_COMMIT, _TAG)]

    def close(self) -> None:
        """Lets go of the open packs."""
        self._opened.close()

    def _is_name(self, sha: bytes) -> bool:
        return len(sha) == self._format.hex_length and _HEX.match(sha) is not None

    def _inflate(self, sha: bytes, limit: int) -> tuple[int, bytes]:
        for pack in self._packs:
            offset = pack.offset(sha)
            if offset is not None:
                return pack.read(offset, limit)
        kind, size, content = self._loose(sha, limit)
        if size > limit:
            raise TooLarge
        return kind, content

    def _loose(self, sha: bytes, limit: int) -> tuple[int, int, bytes]:
        """Type, size and, where it is within the limit, the content of a loose object."""
        text = sha.decode("ascii")
        file = self._folder.open(f"objects/{text[:2]}/{text[2:]}")
        if file is None:
            raise Missing
        with file:
            inflate = zlib.decompressobj()
            start = inflate.decompress(file.read(512), 64)
            header, _, content = start.partition(b"\0")
            kind, _, size = header.partition(b" ")
            length = int(size)
            if length <= limit:
                rest = inflate.unconsumed_tail + file.read(limit + 1024)
                content += inflate.decompress(rest, length - len(content) + 1) if length >= len(content) else b""
        return _TYPES[kind], length, content

    @cached_property
    def _packs(self) -> list[Pack]:
        names = [name for name, _ in self._folder.entries("objects/pack", 10_000) or ()]
        stems = [name[:-4] for name in names if name.endswith(".idx") and f"{name[:-4]}.pack" in names]
        if len(stems) > _PACKS:
            raise InputError(f"the repository has more than {_PACKS} packs", advice="Run: git gc")
        with ExitStack() as opened:
            packs = [pack for stem in stems if (pack := self._pack(stem, opened)) is not None]
            self._opened = opened.pop_all()
        return packs

    def _pack(self, stem: str, opened: ExitStack) -> Pack | None:
        index, data = (self._folder.open(f"objects/pack/{stem}.{end}") for end in ("idx", "pack"))
        for file in filter(None, (index, data)):
            opened.enter_context(file)
        if index is None or data is None:
            return None
        try:
            contents = mmap.mmap(data.fileno(), 0, access=mmap.ACCESS_READ)
            opened.callback(_unmap, contents)
            loaded = opened.enter_context(closing(load_pack_index_file(stem, index, self._format)))
            if len(loaded) * self._format.oid_length > os.fstat(index.fileno()).st_size:
                raise ValueError("more names than fit into the file")
            return Pack(contents, loaded, self._format)
        except _FAULTS:
            raise Damaged(f"the pack {stem}") from None

    def _names(self, prefix: str) -> Iterator[bytes]:
        for name, _ in self._folder.entries(f"objects/{prefix[:2]}", 100_000) or ():
            if name.startswith(prefix[2:]) and len(name) == self._format.hex_length - 2:
                yield (prefix[:2] + name).encode("ascii", "replace")
        even = bytes.fromhex(prefix[: len(prefix) // 2 * 2])
        try:
            for pack in self._packs:
                for raw in pack.index.iter_prefix(even):
                    if raw.hex().startswith(prefix):
                        yield raw.hex().encode()
        except _FAULTS:
            raise Damaged("a pack") from None

    def _kind(self, sha: bytes) -> int:
        try:
            return self.read(sha)[0]
        except (Missing, TooLarge, Damaged):
            return 0


def _unmap(contents: mmap.mmap) -> None:
    with suppress(BufferError):  # an error that is still being handled may hold a view of it
        contents.close()


def format_of(sha: bytes) -> ObjectFormat:
    """The object format of a repository, told by the length of one of its names."""
    return SHA256 if len(sha) == 64 else SHA1
