"""One pack file of a repository that is not trusted, mapped, with its index.

The form is that of gitformat-pack; every size is bounded before anything is inflated.
"""

from __future__ import annotations

import mmap
from typing import Any

from dulwich.object_format import ObjectFormat
from dulwich.pack import DELTA_TYPES, OFS_DELTA, PackIndex, apply_delta, take_msb_bytes_at, unpack_object_at

LIMIT = 4 << 20
"""Bytes of the largest commit, tree or blob that is inflated."""
_CHAIN_BYTES = 64 << 20
_CHAIN_LENGTH = 4095  # Git's own bound on --depth (git-pack-objects)
_DIGITS = 16  # bytes of the longest number that is read


class TooLarge(Exception):
    """The object passes a bound; it was not inflated."""


class Pack:
    """One pack file, mapped, with its index."""

    def __init__(self, contents: mmap.mmap, index: PackIndex, form: ObjectFormat) -> None:
        self._contents = contents
        self.index = index
        self._format = form

    def offset(self, sha: bytes) -> int | None:
        try:
            return int(self.index.object_offset(bytes.fromhex(sha.decode("ascii"))))  # type: ignore[arg-type]
        except KeyError:
            return None

    def size(self, offset: int) -> int:
        kind, size, _ = self._header(offset)
        return _result_size(self._delta(offset)[1]) if kind in DELTA_TYPES else size

    def read(self, offset: int, limit: int) -> tuple[int, bytes]:
        """Type and content: the deltas down to a whole object, and up again."""
        deltas: list[bytes] = []
        spent = 0
        kind, size, _ = self._header(offset)
        while kind in DELTA_TYPES:
            base, delta = self._delta(offset)
            grown = _result_size(delta)
            spent += len(delta) + grown
            if (not deltas and grown > limit) or spent > _CHAIN_BYTES or len(deltas) >= _CHAIN_LENGTH:
                raise TooLarge
            deltas.append(delta)
            offset = base
            kind, size, _ = self._header(offset)
        if size > (limit if not deltas else _CHAIN_BYTES - spent):
            raise TooLarge
        content = self._whole(offset)
        for delta in reversed(deltas):
            content = b"".join(apply_delta(content, delta))
        return kind, content

    def _header(self, offset: int) -> tuple[int, int, int]:
        """Type and inflated size as the entry's header states them (gitformat-pack), and its end."""
        digits = self._digits(offset)
        size = digits[0] & 15
        for place, byte in enumerate(digits[1:]):
            size |= (byte & 127) << (4 + 7 * place)
        return digits[0] >> 4 & 7, size, offset + len(digits)

    def _digits(self, offset: int) -> list[int]:
        return take_msb_bytes_at(self._contents[offset : offset + _DIGITS], 0)[0]

    def _whole(self, offset: int) -> bytes:
        unpacked, _ = unpack_object_at(self._contents, offset, self._format.hash_func)
        return b"".join(unpacked.decomp_chunks)

    def _delta(self, offset: int) -> tuple[int, bytes]:
        """Where the base of a delta stands, and the delta."""
        kind, size, end = self._header(offset)
        if size > LIMIT:
            raise TooLarge
        if kind == OFS_DELTA:
            self._digits(end)
        unpacked, _ = unpack_object_at(self._contents, offset, self._format.hash_func)
        base: Any = unpacked.delta_base
        place = offset - base if unpacked.pack_type_num == OFS_DELTA else self.index.object_offset(base)
        return place, b"".join(unpacked.decomp_chunks)


def _result_size(delta: bytes) -> int:
    """The size that a delta says its result has: its second number."""
    _, place, _ = take_msb_bytes_at(delta[:_DIGITS], 0)
    digits, _, _ = take_msb_bytes_at(delta[place : place + _DIGITS], 0)
    return sum((byte & 127) << (7 * index) for index, byte in enumerate(digits))
