"""Damaged and forged packs: an answer or one clear error, never a crash, a hang or a flood."""

from __future__ import annotations

import contextlib
import struct
import tracemalloc
import zlib
from collections.abc import Iterator
from hashlib import sha1
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from dulwich.pack import write_pack_index_v2
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.errors import InputError
from grader.evidence.folder import Folder
from grader.evidence.git_objects import Objects
from grader.evidence.git_pack import TooLarge
from grader.evidence.repository import collect
from tests.repositories import FOLDER, Clone

Entry = tuple[bytes, int, bytes, bytes]
"""Name, type number, what stands between header and data (a delta's base), and data."""
_BLOB, _OFS, _REF = 3, 6, 7


def number(value: int) -> bytes:
    """A number in groups of seven bits, the last first (gitformat-pack)."""
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    return bytes([*out, value])


def header(kind: int, size: int) -> bytes:
    """The header of a pack entry."""
    first = kind << 4 | size & 15
    rest = size >> 4
    return bytes([first | 128]) + number(rest) if rest else bytes([first])


def pack(folder: Path, entries: list[Entry], sizes: dict[bytes, int] | None = None) -> Objects:
    """A repository's objects in one forged pack; `sizes` are untrue sizes to write."""
    place = folder / "objects/pack"
    place.mkdir(parents=True)
    body = b"PACK" + struct.pack(">LL", 2, len(entries))
    index = []
    for name, kind, base, data in entries:
        packed = header(kind, (sizes or {}).get(name, len(data))) + base + zlib.compress(data)
        index.append((name, len(body), zlib.crc32(packed)))
        body += packed
    checksum = sha1(body, usedforsecurity=False).digest()
    (place / "pack-x.pack").write_bytes(body + checksum)
    with (place / "pack-x.idx").open("wb") as file:
        write_pack_index_v2(file, sorted(index), checksum)
    return Objects(Folder(folder))


def blob(data: bytes) -> bytes:
    """The name of a blob."""
    return sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).digest()


def delta(base: int, result: int, *steps: bytes) -> bytes:
    """A delta from one size to another."""
    return number(base) + number(result) + b"".join(steps)


COPY_ALL = b"\x90\x40"  # copies 64 bytes from the beginning


@pytest.fixture
def objects(tmp_path: Path) -> Iterator[list[Objects]]:
    """Closes what a test puts into it."""
    made: list[Objects] = []
    yield made
    for one in made:
        one.close()


def test_honest_pack_is_read(tmp_path: Path, objects: list[Objects]) -> None:
    base, grown = b"x" * 64, b"x" * 128
    entries = [(blob(base), _BLOB, b"", base), (blob(grown), _REF, blob(base), delta(64, 128, COPY_ALL, COPY_ALL))]
    objects.append(pack(tmp_path, entries))
    assert objects[0].read(blob(grown).hex().encode()) == (3, grown)
    assert objects[0].size(blob(grown).hex().encode()) == 128


def test_delta_that_grows_without_end_is_not_applied(tmp_path: Path, objects: list[Objects]) -> None:
    base, name = b"x" * 64, b"\x11" * 20
    entries = [(blob(base), _BLOB, b"", base), (name, _REF, blob(base), delta(64, 1 << 40, COPY_ALL))]
    objects.append(pack(tmp_path, entries))
    assert objects[0].size(name.hex().encode()) == 1 << 40
    with pytest.raises(TooLarge):
        objects[0].read(name.hex().encode())


def test_chain_that_grows_on_its_way_is_not_followed(tmp_path: Path, objects: list[Objects]) -> None:
    """The object itself is small; what it is made from is not."""
    base = b"x" * 64
    names = [bytes([index]) * 20 for index in range(40)]
    entries: list[Entry] = [(blob(base), _BLOB, b"", base)]
    entries += [(names[0], _REF, blob(base), delta(64, 3 << 20, *[COPY_ALL] * 49152))]
    entries += [(names[n], _REF, names[n - 1], delta(3 << 20, 3 << 20, b"\xf0\x00\x00\x30")) for n in range(1, 39)]
    entries += [(names[39], _REF, names[38], delta(3 << 20, 64, COPY_ALL))]
    objects.append(pack(tmp_path, entries))
    tracemalloc.start()
    with pytest.raises(TooLarge):
        objects[0].read(names[39].hex().encode())
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 8 << 20


def test_circle_of_deltas_ends(tmp_path: Path, objects: list[Objects]) -> None:
    one, two = b"\x01" * 20, b"\x02" * 20
    entries = [(one, _REF, two, delta(64, 64, COPY_ALL)), (two, _REF, one, delta(64, 64, COPY_ALL))]
    objects.append(pack(tmp_path, entries))
    with pytest.raises((TooLarge, InputError)):
        objects[0].read(one.hex().encode())


def test_size_that_is_not_true_is_damage(tmp_path: Path, objects: list[Objects]) -> None:
    data = b"x" * (8 << 20)
    objects.append(pack(tmp_path, [(blob(data), _BLOB, b"", data)], {blob(data): 10}))
    with pytest.raises(InputError):
        objects[0].read(blob(data).hex().encode())


def test_content_under_another_name_is_damage(tmp_path: Path, objects: list[Objects]) -> None:
    objects.append(pack(tmp_path, [(blob(b"right"), _BLOB, b"", b"wrong")]))
    with pytest.raises(InputError):
        objects[0].read(blob(b"right").hex().encode())


@pytest.fixture(scope="module")
def packed() -> Iterator[tuple[Path, dict[str, bytes]]]:
    """A clone with one pack, and the bytes of all files of its Git folder."""
    with TemporaryDirectory() as folder:
        clone = Clone(Path(folder) / "clone")
        for text in range(5):
            clone.write(f"{FOLDER}/policy.yaml", "".join(f"a{n}: {n * text}\n" for n in range(60)))
            clone.commit()
        clone.push()
        clone.repo.object_store.pack_loose_objects()
        clone.repo.close()
        git = clone.path / ".git"
        yield clone.path, {str(path.relative_to(git)): path.read_bytes() for path in git.rglob("*") if path.is_file()}


@settings(max_examples=150)
@given(data=st.data())
def test_changed_bytes_end_in_an_answer_or_one_error(
    packed: tuple[Path, dict[str, bytes]], data: st.DataObject
) -> None:
    clone, files = packed
    name = data.draw(st.sampled_from(sorted(name for name in files if "hooks" not in name)))
    content = bytearray(files[name])
    for _ in range(data.draw(st.integers(1, 8))):
        if content:
            content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    path = clone / ".git" / name
    path.chmod(0o644)
    path.write_bytes(bytes(content[: data.draw(st.integers(0, len(content)))]) if data.draw(st.booleans()) else content)
    try:
        for revision in (None, "main", "abcd"):
            with contextlib.suppress(InputError):
                collect(clone, revision=revision, branch="main", folder=FOLDER)
    finally:
        path.write_bytes(files[name])
