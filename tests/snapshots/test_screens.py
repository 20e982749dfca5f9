"""Every screen as a picture, small and large."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from labs.learning.live_view import View
from labs.tui.app import LabsApp
from labs.tui.themes import CONTRAST, LIGHT
from tests.snapshots.fake import PASSED, REPORT, WAITING, FakeSession
from tests.snapshots.quiet import settled

SIZES = pytest.mark.parametrize("size", [(80, 24), (160, 48)], ids=["80x24", "160x48"])
MARKED = View(REPORT, WAITING)
DONE = View(PASSED)

SCREENS: dict[str, tuple[View | None, tuple[str, ...]]] = {
    "home": (MARKED, ()),
    "home-without-lab": (None, ()),
    "module-without-lab": (None, ("c",)),
    "module": (MARKED, ("c",)),
    "code-block": (MARKED, ("c", "n")),
    "command-that-ran": (MARKED, ("c", "n", "r")),
    "steps": (MARKED, ("c", "tab", "down")),
    "all-done": (DONE, ("c", "tab")),
    "check": (MARKED, ("c", "2", "tab", "enter")),
    "hints": (MARKED, ("c", "h", "h")),
    "solutions": (MARKED, ("c", "s", "s", "s")),
    "links": (MARKED, ("c", "l")),
    "headings": (MARKED, ("c", "m")),
    "edit": (MARKED, ("c", "2", "e")),
    "reset": (MARKED, ("c", "2", "R")),
    "demonstrations": (MARKED, ("c", "d")),
    "demonstration-table": (MARKED, ("c", "d", "down", "tab", "tab", "down")),
    "demonstration-row": (MARKED, ("c", "d", "down", "tab", "tab", "down", "enter")),
    "demonstration-filtered": (MARKED, ("c", "d", "slash", "2", "enter")),
    "demonstration-away": (MARKED, ("c", "d", "down", "down", "down")),
    "demonstrations-without-lab": (None, ("c", "d")),
    "keys": (MARKED, ("question_mark",)),
    "new-lab": (None, ("n",)),
    "making": (None, ("n", "down", "down", "enter")),
}


def keys(*pressed: str) -> Callable[[Pilot[None]], Awaitable[None]]:
    """Presses keys, each once all that runs in the background has ended."""

    async def press(pilot: Pilot[None]) -> None:
        await settled(pilot)
        for key in pressed:
            await pilot.press(key)
            await settled(pilot)

    return press


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LABS_HOME", str(tmp_path / "home"))
    monkeypatch.setattr("labs.tui.making.time", FrozenTime())
    monkeypatch.setattr("labs.tui.screens.module.time", FrozenTime())
    monkeypatch.setattr("labs.tui.screens.checks.time", FrozenTime())
    folder = tmp_path / "lab"
    folder.mkdir()
    return folder


class FrozenTime:
    """Clocks that stand still, so that pictures do not differ."""

    @staticmethod
    def monotonic() -> float:
        return 100.0

    @staticmethod
    def time() -> float:
        return 12.0


@SIZES
@pytest.mark.parametrize("name", SCREENS)
def test_screen(
    snap_compare: Any, home: Path, monkeypatch: pytest.MonkeyPatch, name: str, size: tuple[int, int]
) -> None:
    view, pressed = SCREENS[name]
    monkeypatch.setattr(FakeSession, "clone", lambda self: Path("platform") if self.view else None)
    app = LabsApp(FakeSession(home, view))
    assert snap_compare(app, terminal_size=size, run_before=keys(*pressed))


def test_a_bring_up_that_failed(snap_compare: Any, home: Path) -> None:
    session = FakeSession(home)
    session.failing = True
    pressed = keys("n", "down", "down", "enter", "d")
    assert snap_compare(LabsApp(session), terminal_size=(80, 24), run_before=pressed)


@pytest.mark.parametrize("theme", [LIGHT, CONTRAST])
def test_module_in_theme(snap_compare: Any, home: Path, theme: str) -> None:
    app = LabsApp(FakeSession(home, MARKED))
    app.theme = theme
    assert snap_compare(app, terminal_size=(160, 48), run_before=keys("c", "n", "r"))


def test_cluster_away(snap_compare: Any, home: Path) -> None:
    view = View(REPORT, mode="away", problem="the API server does not answer")
    app = LabsApp(FakeSession(home, view))
    assert snap_compare(app, terminal_size=(80, 24), run_before=keys("c", "tab"))
