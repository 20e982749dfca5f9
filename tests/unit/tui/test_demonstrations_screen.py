"""What the screen of the demonstrations does with keys, with slow answers, and when it is left."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path
from typing import cast

import pytest
from textual.app import App
from textual.pilot import Pilot
from textual.widgets import OptionList, Static

from labs.learning.demonstrations.scene import Scene, row, table
from labs.learning.live_view import View
from labs.tui.app import LabsApp
from labs.tui.screens.demonstrations import DemonstrationsScreen
from labs.tui.screens.reading import Reading
from labs.tui.widgets.rows import RowsTable, fitting
from tests.snapshots.fake import REPORT, FakeSession, FakeShows
from tests.snapshots.quiet import pressed, settled


class SlowShows(FakeShows):
    """Answers nothing before it is allowed to."""

    def __init__(self) -> None:
        super().__init__()
        self.begun = threading.Event()
        self.allowed = threading.Event()

    def scene(self, identifier: str) -> Scene:
        self.begun.set()
        assert self.allowed.wait(20)
        return super().scene(identifier)


class Session(FakeSession):
    """Has one set of demonstrations all the time."""

    shows: FakeShows

    def demonstrations(self) -> FakeShows:
        return self.shows


@pytest.fixture
def session(lab_folder: Path) -> Session:
    made = Session(lab_folder, View(REPORT))
    made.shows = FakeShows()
    return made


async def press(pilot: Pilot[None], *keys: str) -> DemonstrationsScreen:
    """Presses keys, each once all that runs has ended."""
    await pressed(pilot, "c", "d", *keys)
    return cast(DemonstrationsScreen, pilot.app.screen)


def text(screen: DemonstrationsScreen) -> str:
    return str(screen.query_one("#show-text", Static).content)


async def test_each_is_asked_once_until_it_is_asked_anew(session: Session) -> None:
    app = LabsApp(session)
    async with app.run_test(size=(120, 40)) as pilot:
        await press(pilot, "down", "up", "down", "g")
    app.close()
    assert session.shows.asked == ["images", "sbom a", "sbom a"]


async def test_what_is_passed_by_is_not_asked(session: Session) -> None:
    slow = SlowShows()
    session.shows = slow
    app = LabsApp(session)
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(pilot)
        await pilot.press("c")
        await settled(pilot)
        await pilot.press("d")
        assert await asyncio.to_thread(slow.begun.wait, 20)
        await pilot.press("down", "down", "down")
        assert "Asking the lab" in text(cast(DemonstrationsScreen, app.screen))
        slow.allowed.set()
        await settled(pilot)
        assert "it is no fault of yours" in text(cast(DemonstrationsScreen, app.screen))
    app.close()
    assert slow.asked == ["images", "providers"]


async def test_leaving_while_the_lab_is_asked_does_no_harm(session: Session) -> None:
    slow = SlowShows()
    session.shows = slow
    app = LabsApp(session)
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(pilot)
        await pilot.press("c")
        await settled(pilot)
        await pilot.press("d")
        assert await asyncio.to_thread(slow.begun.wait, 20)
        await pilot.press("escape")
        slow.allowed.set()
        await settled(pilot)
        assert not isinstance(app.screen, DemonstrationsScreen)
    app.close()


async def test_a_row_opens_and_its_text_is_no_markup(session: Session) -> None:
    app = LabsApp(session)
    async with app.run_test(size=(120, 40)) as pilot:
        await press(pilot, "tab", "tab", "enter")
        opened = app.screen
        assert isinstance(opened, Reading)
        assert (opened.heading, opened.text.plain) == ("package-[b]1[/b]", "licence\nMIT")
    app.close()


async def test_a_filter_goes_with_its_demonstration(session: Session) -> None:
    app = LabsApp(session)
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await press(pilot, "slash", "2", "9", "enter")
        assert [one.row_count for one in screen.query(RowsTable)] == [1, 0]
        screen.query_one("#shows", OptionList).focus()
        await pilot.press("down")
        await settled(pilot)
        assert [one.row_count for one in screen.query(RowsTable)] == [30, 0]
    app.close()


async def test_the_request_is_copied(session: Session) -> None:
    app = LabsApp(session)
    async with app.run_test(size=(120, 40)) as pilot:
        await press(pilot, "y")
        assert app.clipboard == "kubectl get pods\nkubectl get [b]"
    app.close()


@pytest.mark.parametrize(
    ("room", "widths"), [(30, ()), (29, (3, 10, 10)), (20, (3, 5, 6)), (9, (1, 1, 1)), (0, (1, 1, 1))]
)
def test_wide_columns_share_what_narrow_ones_leave(room: int, widths: tuple[int, ...]) -> None:
    assert fitting([("one", "x" * 10, "y" * 11), ("a", "b", "c")], room) == widths


async def test_a_table_is_folded_into_the_width_that_there_is(session: Session) -> None:
    app = LabsApp(session)
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await press(pilot)
        table = screen.query(RowsTable).first()
        await pilot.resize_terminal(52, 24)
        await settled(pilot)
        narrow = screen.query(RowsTable).first()
        assert narrow is not table
        assert narrow.virtual_size.width <= narrow.size.width
        assert max(row.height for row in narrow.rows.values()) > 1
    app.close()


@pytest.mark.parametrize(("stacked", "columns"), [(True, 1), (False, 3)])
async def test_where_columns_would_be_narrow_a_row_is_told_line_by_line(stacked: bool, columns: int) -> None:
    found = table("t", ("image", "from", "digest"), [row(("x" * 20 + "/y", "z " * 20, "-"))])
    app = App[None]()
    async with app.run_test(size=(80, 24)) as pilot:
        shown = RowsTable(found, room=30, stacked=stacked)
        await app.mount(shown)
        await pilot.pause()
        assert len(shown.columns) == columns
        cells = [line.rstrip() for line in str(shown.get_row_at(0)[0]).splitlines()]
        told = [f"{'x' * 20}/y", "  from: z z z z z z z z z", "    z z z z z z z z z z z"]
        assert (cells == told) == stacked
        assert shown.virtual_size.width <= 30
