"""A file that somebody names is read whole, bounded, and waited for in no case."""

from __future__ import annotations

import contextlib
import os
import threading
from pathlib import Path

import pytest

from grader import files
from grader.errors import InputError


def test_a_plain_file_is_read_whole(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"a\r\n\xff")
    assert files.read(tmp_path / "file", 1) == b"a\r\n\xff"


def test_what_is_no_plain_file_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path, tmp_path / "pipe", Path(os.devnull)):
        with pytest.raises(InputError, match="is not a file"):
            files.read(path, 1)


def test_a_pipe_is_read_to_its_end_however_late_its_writer_is(monkeypatch: pytest.MonkeyPatch) -> None:
    reading, writing = os.pipe()
    wait = os.set_blocking

    def late(handle: int, blocking: bool) -> None:
        os.write(writing, b"ab" * 1000)
        os.close(writing)
        wait(handle, blocking)

    monkeypatch.setattr(os, "set_blocking", late)
    assert files.read(Path(f"/dev/fd/{reading}"), 1) == b"ab" * 1000
    os.close(reading)


def test_a_pipe_is_read_to_its_bound() -> None:
    reading, writing = os.pipe()
    writer = threading.Thread(target=_fill, args=(writing, 3 << 20))
    writer.start()
    with pytest.raises(InputError, match="larger than 1 MiB"):
        files.read(Path(f"/dev/fd/{reading}"), 1)
    os.close(reading)
    writer.join()


def _fill(handle: int, size: int) -> None:
    with contextlib.suppress(BrokenPipeError), os.fdopen(handle, "wb", buffering=0) as file:
        file.write(bytes(size))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="absent: cannot be read: No such file"):
        files.read(tmp_path / "absent", 1)


def test_a_file_is_read_to_its_bound(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(bytes(1 << 20))
    assert len(files.read(tmp_path / "file", 1)) == 1 << 20
    (tmp_path / "file").write_bytes(bytes((1 << 20) + 1))
    with pytest.raises(InputError, match="larger than 1 MiB"):
        files.read(tmp_path / "file", 1)
