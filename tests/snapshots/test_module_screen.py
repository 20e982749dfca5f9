"""The module's screen, as pictures."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from labs.tui.app import LabsApp
from tests.snapshots.fake import REPORT, FakeSession

SIZES = pytest.mark.parametrize("size", [(80, 24), (160, 48)], ids=["80x24", "160x48"])
Steps = Callable[[Pilot[None]], Awaitable[None]]


def keys(*pressed: str) -> Steps:
    """Presses the keys once all that runs in the background has ended."""

    async def press(pilot: Pilot[None]) -> None:
        await pilot.app.workers.wait_for_complete()
        for key in pressed:
            await pilot.press(key)
        await pilot.app.workers.wait_for_complete()
        await pilot.pause()

    return press


@SIZES
def test_without_a_lab(snap_compare: Any, tmp_path: Path, size: tuple[int, int]) -> None:
    assert snap_compare(LabsApp(FakeSession(tmp_path)), terminal_size=size, run_before=keys())


@SIZES
def test_with_marks(snap_compare: Any, tmp_path: Path, size: tuple[int, int]) -> None:
    assert snap_compare(LabsApp(FakeSession(tmp_path, REPORT)), terminal_size=size, run_before=keys())


def test_a_failed_check_in_four_parts(snap_compare: Any, tmp_path: Path) -> None:
    app = LabsApp(FakeSession(tmp_path, REPORT))
    assert snap_compare(app, terminal_size=(80, 24), run_before=keys("down"))


def test_a_command_that_ran(snap_compare: Any, tmp_path: Path) -> None:
    assert snap_compare(LabsApp(FakeSession(tmp_path)), terminal_size=(80, 24), run_before=keys("r"))
