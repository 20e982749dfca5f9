"""A folder that is read through one handle: what is found in it, and that nothing leads out."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from grader.evidence.folder import Folder


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Folder]:
    """A folder with a file, a subfolder, and ways out of it."""
    inside = tmp_path / "inside"
    (inside / "sub").mkdir(parents=True)
    (inside / "file").write_text("content")
    (inside / "sub/file").write_text("below")
    (tmp_path / "secret").write_text("secret")
    (inside / "link").symlink_to("../secret")
    (inside / "way").symlink_to("..")
    (inside / "loop").symlink_to("loop")
    os.mkfifo(inside / "pipe")
    with Folder(inside) as opened:
        yield opened


def test_files_are_read(folder: Folder) -> None:
    assert (folder.read("file", 100), folder.read("sub/file", 100), folder.read("./sub//file", 100)) == (
        b"content",
        b"below",
        b"below",
    )


def test_limit_is_the_most_that_is_read(folder: Folder) -> None:
    assert folder.read("file", 7) == b"content"
    assert folder.read("file", 6) is None


@pytest.mark.parametrize(
    "path",
    [
        "../secret",
        "link",
        "way/secret",
        "sub/../../secret",
        "/etc/passwd",
        "pipe",
        "loop",
        "sub",
        "none",
        "",
        "..",
        "a\0b",
    ],
)
def test_nothing_else_is_read(folder: Folder, path: str) -> None:
    assert folder.read(path, 1000) is None


def test_entries_come_in_order_with_their_kinds(folder: Folder) -> None:
    entries = folder.entries("", 100)
    assert entries
    assert [name for name, _ in entries] == ["file", "link", "loop", "pipe", "sub", "way"]


def test_folder_with_too_many_entries_is_not_listed(folder: Folder) -> None:
    assert folder.entries("", 5) is None


@pytest.mark.parametrize("path", ["way", "..", "file", "none"])
def test_what_is_no_folder_inside_is_not_listed(folder: Folder, path: str) -> None:
    assert folder.entries(path, 100) is None
    assert not folder.is_folder(path)


def test_handles_are_given_back(folder: Folder) -> None:
    before = len(os.listdir("/proc/self/fd")) if Path("/proc/self/fd").exists() else 0
    for path in ("file", "link", "way/secret", "pipe", "none/none"):
        folder.read(path, 100)
        folder.entries(path, 100)
    assert not before or len(os.listdir("/proc/self/fd")) == before


def test_subfolder_is_opened_inside_only(folder: Folder) -> None:
    with Folder("sub", inside=folder) as below:
        assert below.read("file", 100) == b"below"
    with pytest.raises(OSError, match="way"):
        Folder("way", inside=folder)
