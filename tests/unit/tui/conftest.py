"""A lab's folder, in a home of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.snapshots.quiet import notices_stay

__all__ = ["lab_folder", "notices_stay"]


@pytest.fixture
def lab_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where a session keeps what is its own; the program sees no other lab."""
    monkeypatch.setenv("LABS_HOME", str(tmp_path / "home"))
    folder = tmp_path / "lab"
    folder.mkdir()
    return folder
