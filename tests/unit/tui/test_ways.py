"""Ways about a module: pages of a step, keys over a large output, another width, headings, and leaving."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.containers import VerticalScroll
from textual.widgets import OptionList, Static
from textual.widgets._footer import FooterKey

from labs.learning.live_view import View
from labs.tui.app import LabsApp
from labs.tui.screens.bringup import BringUpScreen
from labs.tui.screens.checks import ChecksScreen
from labs.tui.screens.dialogs import Ask
from labs.tui.screens.help import KEYS
from labs.tui.screens.module import ModuleScreen
from labs.tui.screens.reading import Reading
from labs.tui.widgets.lesson import CodeBlock, Lesson
from labs.tui.widgets.steps import Steps
from tests.snapshots.fake import PASSED, REPORT, FakeSession
from tests.snapshots.quiet import pressed, settled


@pytest.fixture
def session(lab_folder: Path) -> FakeSession:
    return FakeSession(lab_folder, View(REPORT))


def at_module(app: LabsApp) -> ModuleScreen:
    """The module that is open."""
    assert isinstance(app.screen, ModuleScreen)
    return app.screen


def foot(app: LabsApp) -> dict[str, str]:
    return {key.key_display: key.description for key in app.screen.query(FooterKey) if key.display}


async def test_the_pages_of_a_step_are_turned(session: FakeSession) -> None:
    app = LabsApp(session)
    async with app.run_test(size=(80, 14)) as pilot:
        await pressed(pilot, "c", "2", "tab", "pagedown")
        assert app.screen.query_one("#details-frame", VerticalScroll).scroll_offset.y > 0
        assert app.screen.query_one(Steps).highlighted == 1
        await pressed(pilot, "pageup")
        assert app.screen.query_one("#details-frame", VerticalScroll).scroll_offset.y == 0
        await pressed(pilot, "enter", "pagedown")
        assert isinstance(app.screen, ChecksScreen)
        assert app.screen.query_one("#check-frame", VerticalScroll).scroll_offset.y > 0
    app.close()


async def test_the_last_step_stays_and_the_first(session: FakeSession) -> None:
    app = LabsApp(session)
    async with app.run_test(size=(80, 24)) as pilot:
        await pressed(pilot, "c", "tab", "down", "down", "down", "down", "down", "down")
        steps = app.screen.query_one(Steps)
        assert steps.highlighted == steps.option_count - 1
        await pressed(pilot, *["up"] * 6)
        assert steps.highlighted == 0
    app.close()


@pytest.mark.parametrize("key", ["n", "tab", "3"])
async def test_a_key_of_the_text_brings_it_back(session: FakeSession, key: str) -> None:
    session.lines = ["x"] * 50
    app = LabsApp(session)
    async with app.run_test(size=(80, 24)) as pilot:
        await pressed(pilot, "c", "n", "r", "o")
        assert app.screen.has_class("-output")
        await pressed(pilot, key)
        assert not app.screen.has_class("-output")
        kind = {"n": CodeBlock, "tab": Steps, "3": Lesson}[key]
        assert isinstance(app.focused, kind)
    app.close()


async def test_another_width_leaves_the_text_where_it_was(session: FakeSession) -> None:
    app = LabsApp(session)
    async with app.run_test(size=(80, 12)) as pilot:
        await pressed(pilot, "c", "2")
        lesson = app.screen.query_one(Lesson)
        heading = lesson.heading_here()
        above = lesson.query_one(f"#{heading}").virtual_region.y - lesson.scroll_offset.y
        assert 0 <= above <= 1
        for width in (130, 70, 80):
            await pilot.resize_terminal(width, 12)
            await settled(pilot)
            lesson._settle()
            await settled(pilot)
            assert lesson.query_one(f"#{heading}").virtual_region.y - lesson.scroll_offset.y == above
    app.close()


async def test_the_headings_begin_where_one_reads(session: FakeSession) -> None:
    app = LabsApp(session)
    async with app.run_test(size=(80, 12)) as pilot:
        await pressed(pilot, "c", "3")
        here = app.screen.query_one(Lesson).heading_here()
        await pressed(pilot, "m")
        listed = app.screen.query_one(OptionList)
        assert listed.highlighted
        assert listed.options[listed.highlighted].id == here
    app.close()


@pytest.mark.parametrize("keys", [("c",), ("c", "n"), ("c", "tab"), ("c", "2", "tab", "enter"), ("c", "n", "r", "o")])
async def test_no_key_at_the_foot_is_cut(session: FakeSession, keys: tuple[str, ...]) -> None:
    app = LabsApp(session)
    async with app.run_test(size=(80, 24)) as pilot:
        await pressed(pilot, *keys)
        for width in (80, 60, 130):
            await pilot.resize_terminal(width, 24)
            await settled(pilot)
            shown = foot(app)
            assert max(key.region.right for key in app.screen.query(FooterKey) if key.display) <= width
            assert "?" in shown
            assert len(shown) > 4
    app.close()


@pytest.mark.parametrize(("key", "opened"), [("e", Ask), ("h", Reading)])
async def test_help_is_near_in_the_opened_checks(session: FakeSession, key: str, opened: type) -> None:
    app = LabsApp(session)
    async with app.run_test() as pilot:
        await pressed(pilot, "c", "2", "tab", "enter", key)
        assert isinstance(app.screen, opened)
    app.close()


async def test_the_last_check_that_passes_is_told(session: FakeSession) -> None:
    app = LabsApp(session)
    async with app.run_test() as pilot:
        await pressed(pilot, "c")
        session.view = View(PASSED)
        assert not any("All done" in note.message for note in app._notifications)
        at_module(app).told(View(PASSED))
        await settled(pilot)
        assert any("All done" in note.message for note in app._notifications)
    app.close()


async def test_what_was_done_before_the_cluster_went_away_is_told_as_earlier(session: FakeSession) -> None:
    session.view = View(PASSED)
    app = LabsApp(session)
    async with app.run_test() as pilot:
        await pressed(pilot, "c")
        at_module(app).told(View(PASSED, mode="away", problem="nobody answers"))
        await settled(pilot)
        shown = str(app.screen.query_one("#details", Static).content)
        assert "All was done when the cluster was last asked." in shown
        assert "All done" not in shown
    app.close()


async def test_all_done_is_brought_into_sight(session: FakeSession) -> None:
    app = LabsApp(session)
    async with app.run_test(size=(80, 14)) as pilot:
        await pressed(pilot, "c", "1", "tab", "pagedown")
        frame = app.screen.query_one("#details-frame", VerticalScroll)
        assert frame.scroll_offset.y > 0
        at_module(app).told(View(PASSED))
        await settled(pilot)
        assert frame.scroll_offset.y == 0
    app.close()


@pytest.mark.parametrize(
    ("keys", "first"),
    [
        ((), "Home"),
        (("c",), "A module"),
        (("c", "n"), "On a code block"),
        (("c", "tab"), "On the list of steps"),
        (("c", "2", "tab", "enter"), "Opened checks"),
        (("c", "d"), "Demonstrations"),
    ],
)
async def test_the_keys_begin_where_one_is(session: FakeSession, keys: tuple[str, ...], first: str) -> None:
    app = LabsApp(session)
    async with app.run_test() as pilot:
        await pressed(pilot, *keys, "question_mark")
        assert isinstance(app.screen, Reading)
        titles = [line for line in app.screen.text.plain.splitlines() if line and line[0] != " "]
        assert titles[0] == first
        assert sorted(titles) == sorted(title for title, _ in KEYS)
    app.close()


async def test_escape_is_told_as_what_it_does(session: FakeSession) -> None:
    app = LabsApp(session)
    async with app.run_test(size=(80, 24)) as pilot:
        await pressed(pilot, "c", "n", "r", "o")
        assert foot(app)["Esc"] == "Smaller"
        await pressed(pilot, "escape")
        assert foot(app)["Esc"] == "Home"
        await pressed(pilot, "tab")
        assert foot(app)["Esc"] == "Text"
    app.close()


@pytest.mark.parametrize(
    "keys",
    [(), ("n",), ("c", "tab"), ("c", "2", "tab", "enter"), ("c", "d"), ("c", "m"), ("c", "2", "R", "down", "down")],
)
async def test_the_marked_row_is_known_without_colours(session: FakeSession, keys: tuple[str, ...]) -> None:
    app = LabsApp(session)
    async with app.run_test(size=(80, 24)) as pilot:
        await pressed(pilot, *keys)
        listed = app.screen.query_one(OptionList)
        lines = [listed.render_line(y) for y in range(listed.size.height)]
        assert [line.text.startswith("▸ ") for line in lines].count(True) == 1
        assert {line.cell_length for line in lines} == {listed.scrollable_content_region.width}
    app.close()


async def test_the_program_can_be_left_from_a_dialog(session: FakeSession) -> None:
    app = LabsApp(session)
    async with app.run_test() as pilot:
        await pressed(pilot, "c", "R", "ctrl+q")
        assert not app.is_running or app._exit
    app.close()


async def test_a_ready_lab_is_gone_on_with_by_enter(session: FakeSession) -> None:
    session.view = None
    app = LabsApp(session)
    async with app.run_test() as pilot:
        await pressed(pilot, "n", "down", "down", "enter")
        assert isinstance(app.screen, BringUpScreen)
        assert foot(app)["Esc"] == "Back"
        await pressed(pilot, "enter")
        assert isinstance(app.screen, ModuleScreen)
    app.close()


async def test_keys_that_come_fast_go_there_and_back(session: FakeSession) -> None:
    """What is shown decides, not the focus, which follows a moment later."""
    app = LabsApp(session)
    async with app.run_test(size=(80, 24)) as pilot:
        await pressed(pilot, "c")
        assert isinstance(app.screen, ModuleScreen)
        app.screen.action_switch()
        app.screen.action_to_text()
        assert not app.screen.has_class("-side")
        await settled(pilot)
        assert app.screen.query_one(Lesson).has_focus
    app.close()
