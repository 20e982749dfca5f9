"""`labs` called as from a shell, in a home of its own where there is no lab."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from grader.console import run
from labs.cli import labs

Say = Callable[..., str]


@pytest.fixture
def home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Where all that is written of labs and progress lies; it is the folder that one stands in, too."""
    monkeypatch.setenv("LABS_HOME", str(tmp_path))
    monkeypatch.delenv("PLATFORM_LAB", raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def say(home: Path, capsys: pytest.CaptureFixture[str]) -> Say:
    """Runs one command and returns what it said; its exit code must be the one expected."""

    def call(*words: str, code: int = 0) -> str:
        try:
            ended = run(labs, list(words), program="labs")
        except SystemExit as left:
            ended = int(left.code or 0)
        told = capsys.readouterr()
        assert ended == code, told
        return told.out + told.err

    return call
