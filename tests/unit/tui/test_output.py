"""What commands printed: its room, its keys, its width, and refusals that are meant."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.widgets import Static

from labs.learning.live_view import View
from labs.tui.app import LabsApp
from labs.tui.running import Run
from labs.tui.screens.module import ModuleScreen
from labs.tui.widgets.lesson import CodeBlock, Lesson
from labs.tui.widgets.output import OutputPanel
from tests.snapshots.fake import REPORT, FakeSession
from tests.snapshots.quiet import pressed, settled


@pytest.fixture
def session(lab_folder: Path) -> FakeSession:
    return FakeSession(lab_folder, View(REPORT))


async def test_output_before_any_says_so(session: FakeSession) -> None:
    app = LabsApp(session)
    async with app.run_test() as pilot:
        await settled(pilot)
        await pressed(pilot, "c", "o")
        assert any("Nothing was run yet" in note.message for note in app._notifications)
        assert not app.screen.query_one(OutputPanel).display
    app.close()


async def test_output_gets_all_the_room_and_gives_it_back(session: FakeSession) -> None:
    session.lines = [str(number) for number in range(200)]
    app = LabsApp(session)
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        await pressed(pilot, "c", "n", "r")
        panel = app.screen.query_one(OutputPanel)
        at_end = panel.lines.scroll_offset.y
        await pressed(pilot, "shift+up")
        assert panel.lines.scroll_offset.y < at_end
        await pressed(pilot, "o")
        assert panel.size.height >= 20
        assert panel.lines.has_focus
        await pressed(pilot, "escape")
        assert 8 <= panel.size.height < 15
        await pressed(pilot, "o", "o")
        assert not panel.display
        assert app.screen.query_one(Lesson).has_focus
    app.close()


async def test_output_is_folded_anew_for_another_width(session: FakeSession) -> None:
    session.lines = ["x" * 100]
    app = LabsApp(session)
    async with app.run_test(size=(130, 40)) as pilot:
        await settled(pilot)
        await pressed(pilot, "c", "n", "r")
        panel = app.screen.query_one(OutputPanel)
        assert max(len(line.text) for line in panel.lines.lines) == 100
        await pilot.resize_terminal(80, 40)
        await settled(pilot)
        panel._fold()
        await settled(pilot)
        assert sum(line.text.count("x") for line in panel.lines.lines) == 100
        assert max(len(line.text.rstrip()) for line in panel.lines.lines) < 80
    app.close()


def test_a_refusal_that_is_meant_is_no_failure(session: FakeSession) -> None:
    session.status = 1
    run = Run(session, ["one", "two"], frozenset({2}))
    run._run()
    assert (run.status, run.failed, run.as_meant) == (1, 1, 1)
    assert "(exit status 1: refused, as it should be)" in run.take(50)
    session.status = 0
    let_in = Run(session, ["two"], frozenset({1}))
    let_in._run()
    assert (let_in.status, let_in.as_meant) == (0, 0)
    assert "(exit status 0: let in, where a refusal is meant)" in let_in.take(50)


@pytest.mark.parametrize(("key", "language"), [("1", "bash"), ("2", "yaml"), ("3", "bash network")])
async def test_the_next_block_is_the_one_behind_the_heading(session: FakeSession, key: str, language: str) -> None:
    app = LabsApp(session)
    async with app.run_test(size=(80, 60)) as pilot:  # so large that no heading can come to the top
        await settled(pilot)
        await pressed(pilot, "c", "n", key, "n")
        focused = app.focused
        assert isinstance(focused, CodeBlock)
        assert focused.lexer == language
    app.close()


async def test_a_jump_can_be_taken_back(session: FakeSession) -> None:
    app = LabsApp(session)
    async with app.run_test(size=(80, 12)) as pilot:
        await settled(pilot)
        await pressed(pilot, "c", "1")
        lesson = app.screen.query_one(Lesson)
        before = lesson.scroll_offset.y
        await pressed(pilot, "2")
        assert lesson.scroll_offset.y > before
        await pressed(pilot, "backspace")
        assert lesson.scroll_offset.y == before
        await pressed(pilot, "backspace", "backspace", "backspace")
        assert any("no jump to go back" in note.message for note in app._notifications)
    app.close()


async def test_the_footer_says_where_escape_goes(session: FakeSession) -> None:
    app = LabsApp(session)
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        await pressed(pilot, "c")
        assert app.screen.active_bindings["escape"].binding.description == "Home"
        assert "x" not in app.screen.active_bindings
        await pressed(pilot, "tab")
        assert app.screen.active_bindings["escape"].binding.description == "Text"
        await pressed(pilot, "escape")
        assert app.screen.query_one(Lesson).has_focus
        assert app.screen.active_bindings["escape"].binding.description == "Home"
    app.close()


async def test_a_line_that_failed_before_the_last_one_is_no_success(session: FakeSession) -> None:
    session.failed_within = 4
    app = LabsApp(session)
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        await pressed(pilot, "c", "n", "r")
        head = str(app.screen.query_one("#output-head", Static).content)
        assert head.startswith("! done, but something in it failed: exit status 4")
    app.close()


async def test_the_last_lines_are_in_sight_at_once(session: FakeSession) -> None:
    """Also where the panel only just comes into sight."""
    session.lines = [f"line {number}" for number in range(30)]
    app = LabsApp(session)
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        await pressed(pilot, "c", "n", "r")
        lines = app.screen.query_one(OutputPanel).lines
        assert 0 < lines.max_scroll_y == lines.scroll_offset.y
    app.close()


@pytest.mark.parametrize(("status", "told"), [(1, True), (0, False)])
async def test_a_file_that_a_failed_command_wants_is_told(
    session: FakeSession, monkeypatch: pytest.MonkeyPatch, status: int, told: bool
) -> None:
    session.status = status
    monkeypatch.setattr(FakeSession, "clone", lambda self: self.folder / "clone")
    app = LabsApp(session)
    async with app.run_test() as pilot:
        await pressed(pilot, "c")
        assert isinstance(app.screen, ModuleScreen)
        app.screen.run_commands(["kubectl create -f policy.yaml"])
        await settled(pilot)
        shown = "\n".join(line.text for line in app.screen.query_one(OutputPanel).lines.lines)
        assert ("! policy.yaml is not there yet. Step 2 has you write it" in shown) == told
    app.close()
