"""Running, writing and editing from a module: what may run, and that the screen always comes back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from textual.widgets import Input, OptionList, Static

from grader.errors import EnvironmentFault
from labs.commands.learn_text import codes
from labs.learning.live_view import View
from labs.tui.app import LabsApp
from labs.tui.screens.checks import ChecksScreen
from labs.tui.screens.dialogs import Ask, Choice
from labs.tui.screens.module import ModuleScreen
from labs.tui.widgets.lesson import CodeBlock
from tests.snapshots.fake import REPORT, FakeSession
from tests.snapshots.quiet import pressed, settled

MARKED = View(REPORT)


@pytest.fixture
def session(lab_folder: Path) -> FakeSession:
    return FakeSession(lab_folder, MARKED)


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Notes that the terminal was given away and taken back; as in Textual, a fault inside skips the taking back."""
    noted: list[str] = []

    @contextmanager
    def suspend(self: LabsApp) -> Iterator[None]:
        noted.append("given")
        yield
        noted.append("taken back")

    monkeypatch.setattr(LabsApp, "suspend", suspend)
    return noted


def said(app: LabsApp) -> str:
    return "\n".join(note.message for note in app._notifications)


def failing(text: str) -> object:
    def fail(*_: object) -> int:
        raise EnvironmentFault(text)

    return fail


async def test_an_editor_that_fails_gives_the_screen_back(
    session: FakeSession, terminal: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(FakeSession, "edit", failing("nano cannot be run"))
    app = LabsApp(session)
    async with app.run_test() as pilot:
        await pressed(pilot, "c", "2", "e", "enter")
        assert terminal == ["given", "taken back"]
        assert "nano cannot be run" in said(app)
        assert isinstance(app.screen, ModuleScreen)
    app.close()


async def test_without_an_editor_the_screen_is_never_left(
    session: FakeSession, terminal: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(FakeSession, "editor", failing("EDITOR names nano, which is not there"))
    app = LabsApp(session)
    async with app.run_test() as pilot:
        await pressed(pilot, "c", "2", "e")
        assert "which is not there" in said(app)
        assert not isinstance(app.screen, Ask)
    app.close()
    assert terminal == []


async def test_a_shell_that_fails_gives_the_screen_back(
    session: FakeSession, terminal: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(FakeSession, "shell", failing("zsh cannot be run"))
    app = LabsApp(session)
    async with app.run_test() as pilot:
        await pressed(pilot, "c", "t")
        assert "zsh cannot be run" in said(app)
    app.close()
    assert terminal == ["given", "taken back"]


async def test_a_block_that_is_no_command_runs_nothing(session: FakeSession) -> None:
    app = LabsApp(session)
    async with app.run_test() as pilot:
        await settled(pilot)
        await pilot.press("c")
        await settled(pilot)
        next(one for one in app.screen.query(CodeBlock) if one.language == "yaml").focus()
        await pressed(pilot, "r", "enter")
        assert "not a command but yaml" in said(app)
    app.close()
    assert session.ran == []


@pytest.mark.parametrize("keys", [("n", "r"), ("tab", "r"), ("t",)])
async def test_without_a_lab_no_command_runs(session: FakeSession, terminal: list[str], keys: tuple[str, ...]) -> None:
    session.view = None
    app = LabsApp(session)
    async with app.run_test() as pilot:
        await pressed(pilot, "c", *keys)
        assert isinstance(app.screen, Choice)
        assert "No lab yet; Enter makes one" in app.screen.question
        await pilot.press("enter")
        await settled(pilot)
        assert isinstance(app.screen, Choice)
        assert app.screen.question == "Make a lab"
    app.close()
    assert (session.ran, terminal) == ([], [])


async def test_a_file_is_chosen_from_the_clone(session: FakeSession, terminal: list[str]) -> None:
    for name in ("apps/one.yaml", "apps/zwei.yaml", ".git/config"):
        (session.folder / name).parent.mkdir(exist_ok=True)
        (session.folder / name).write_text("")
    app = LabsApp(session)
    async with app.run_test() as pilot:
        await pressed(pilot, "c", "1", "e")
        asking = app.screen
        assert isinstance(asking, Ask)
        assert not [name for name in asking.offered if name.startswith(".git")]
        asking.query_one(Input).value = ""
        for key in ("z", "w", "e", "tab"):
            await pilot.press(key)
        assert asking.query_one(Input).value == "apps/zwei.yaml"
        await pilot.press("down", "enter")
        await settled(pilot)
    app.close()
    assert session.edited == [(session.folder / "apps/zwei.yaml", None)]


async def test_what_was_written_is_what_e_opens(session: FakeSession, terminal: list[str]) -> None:
    app = LabsApp(session)
    async with app.run_test() as pilot:
        await settled(pilot)
        for key in ("c", "2", "n", "w", *("x.yaml"), "enter", "e", "enter"):
            await pilot.press({".": "full_stop"}.get(key, key))
            await settled(pilot)
    app.close()
    assert session.edited == [(session.folder / "x.yaml", None)]


async def test_the_line_of_a_failing_check_is_opened(session: FakeSession, terminal: list[str]) -> None:
    app = LabsApp(session)
    async with app.run_test() as pilot:
        await pressed(pilot, "c", "2", "e", "enter")
    app.close()
    assert session.edited == [(session.folder / "apps/policy.yaml", 3)]


@pytest.mark.parametrize("key", ["r", "h"])
async def test_a_locked_step_is_not_worked_on(session: FakeSession, key: str) -> None:
    session.learner.course.order = "gated"
    app = LabsApp(session)
    async with app.run_test() as pilot:
        await settled(pilot)
        for pressed in ("c", "3", "tab", key):
            await pilot.press(pressed)
            await settled(pilot)
        assert "Do step 1 first." in said(app)
        assert isinstance(app.screen, ModuleScreen)
    app.close()
    assert session.ran == []


async def test_a_refusal_that_the_text_means_is_no_failure(session: FakeSession) -> None:
    session.status = 1
    app = LabsApp(session)
    async with app.run_test() as pilot:
        await settled(pilot)
        await pilot.press("c")
        await settled(pilot)
        block = next(one for one in app.screen.query(CodeBlock) if one.runnable)
        block.lexer = "bash refused"
        block.focus()
        await pilot.press("r")
        await settled(pilot)
        head = str(app.screen.query_one("#output-head", Static).content)
        assert "refused, as it should be: 1 of 1" in head
    app.close()


async def test_an_editor_in_the_place_of_another_is_told(
    session: FakeSession, terminal: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(FakeSession, "editor", lambda _: "EDITOR names nosuch, which is not there: vi opens instead.")
    app = LabsApp(session)
    async with app.run_test() as pilot:
        await pressed(pilot, "c", "2", "e")
        assert "EDITOR names nosuch" in str(app.screen.query_one(".dialog-text", Static).content)
        await pressed(pilot, "enter")
        assert "EDITOR names nosuch" in said(app)
    app.close()


async def test_only_what_can_be_run_is_offered_to_run(session: FakeSession) -> None:
    app = LabsApp(session)
    async with app.run_test() as pilot:
        await settled(pilot)
        await pilot.press("c")
        await settled(pilot)
        offered = {}
        for block in app.screen.query(CodeBlock):
            block.focus()
            await settled(pilot)
            offered[block.language] = [app.screen.active_bindings[key].binding.show for key in ("r", "w")]
        assert offered == {"bash": [True, False], "yaml": [False, True]}
    app.close()


async def test_an_opened_step_begins_at_its_first_check_that_did_not_pass(session: FakeSession) -> None:
    app = LabsApp(session)
    async with app.run_test() as pilot:
        await settled(pilot)
        for pressed in ("c", "1", "tab", "enter"):
            await pilot.press(pressed)
            await settled(pilot)
        assert isinstance(app.screen, ChecksScreen)
        assert app.screen.query_one(OptionList).highlighted == 1
    app.close()


@pytest.mark.parametrize(("language", "guess"), [("yaml", "policy.yaml"), ("bash", "")])
async def test_the_file_to_come_is_offered_for_a_manifest(session: FakeSession, language: str, guess: str) -> None:
    """Whoever reads on from the first step writes it under the name that the exercise goes on with."""
    app = LabsApp(session)
    async with app.run_test() as pilot:
        await settled(pilot)
        for pressed in ("c", "1"):
            await pilot.press(pressed)
            await settled(pilot)
        next(one for one in app.screen.query(CodeBlock) if one.language == language).focus()
        await pilot.press("w")
        await settled(pilot)
        assert isinstance(app.screen, Ask)
        assert app.screen.guess == guess
    app.close()


SHELL = "w writes into your clone only. For this file: Esc, then t, and there labs text 01 --code 2 > '../my file.yaml'"


@pytest.mark.parametrize(
    ("name", "told"),
    [("x" * 300, "cannot be written"), (".git/config", "no place for a file"), ("../my file.yaml", SHELL)],
)
async def test_a_name_that_cannot_be_written_stays_in_its_line(session: FakeSession, name: str, told: str) -> None:
    app = LabsApp(session)
    async with app.run_test() as pilot:
        await settled(pilot)
        await pilot.press("c", "2", "n", "w")
        await settled(pilot)
        app.screen.query_one(Input).value = name
        await pilot.press("enter")
        await settled(pilot)
        assert isinstance(app.screen, Ask)
        assert app.screen.query_one(Input).value == name
        assert told in str(app.screen.query_one(".dialog-text", Static).content)
        app.screen.query_one(Input).value = "inside.yaml"
        await pressed(pilot, "enter")
        assert isinstance(app.screen, ModuleScreen)
    app.close()
    assert (session.folder / "inside.yaml").is_file()
    assert not (session.folder.parent / "my file.yaml").exists()


async def test_blocks_have_the_numbers_that_the_commands_know(session: FakeSession) -> None:
    app = LabsApp(session)
    async with app.run_test() as pilot:
        await pressed(pilot, "c")
        text = [one.code.strip() for one in app.screen.query(CodeBlock)]
    app.close()
    assert text == [one.text.strip() for one in codes(session.learner.course.modules[0].text)]
