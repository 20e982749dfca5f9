"""In a browser nothing runs, opens, is written or goes out, whatever key is pressed; and the screen says why."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.driver import Driver
from textual.drivers.headless_driver import HeadlessDriver

from labs.learning.live_view import View
from labs.tui.making import Making
from labs.tui.screens.home import HomeScreen
from labs.tui.screens.module import ModuleScreen
from labs.tui.screens.reading import Reading
from labs.tui.served import WELCOME, ServedApp, ServedDriver
from labs.tui.widgets.lesson import CodeBlock
from tests.snapshots.fake import REPORT, FakeSession
from tests.snapshots.quiet import pressed, settled


class Session(FakeSession):
    """Notes a shell too."""

    shells = 0

    def shell(self) -> int:
        self.shells += 1
        return 0


class Headless(ServedApp):
    """The same program without the server's pipes."""

    def get_driver_class(self) -> type[Driver]:
        return HeadlessDriver


@pytest.fixture
def session(lab_folder: Path) -> Session:
    return Session(lab_folder, View(REPORT))


async def said_after(app: ServedApp, *keys: str) -> list[str]:
    """Presses keys; returns what was said since, and the names of the screens at the end."""
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(pilot)
        assert [one.message for one in app._notifications] == [WELCOME]
        await pressed(pilot, *keys)
        assert isinstance(app.screen, HomeScreen | ModuleScreen)
        said = [one.message for one in app._notifications][1:]
    app.close()
    return said


@pytest.mark.parametrize(
    ("keys", "what"),
    [
        (("c", "r"), "run commands"),
        (("c", "n", "r"), "run commands"),
        (("c", "t"), "open a shell"),
        (("c", "e"), "open an editor"),
        (("c", "n", "w"), "write files"),
        (("n",), "make a lab"),
    ],
)
async def test_keys_that_reach_the_machine(session: Session, keys: tuple[str, ...], what: str) -> None:
    said = await said_after(Headless(session), *keys)
    assert [f"may not {what}: whoever reaches it" in line for line in said] == [True]
    assert (session.ran, session.shells, session.edited) == ([], 0, [])


async def test_a_command_asked_for_by_the_mouse(session: Session) -> None:
    app = Headless(session)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("c")
        await settled(pilot)
        screen = app.screen
        assert isinstance(screen, ModuleScreen)
        block = next(one for one in screen.query(CodeBlock) if one.runnable)
        screen.use_block(block, "run")
        await settled(pilot)
    app.close()
    assert session.ran == []


async def test_a_lab_that_is_not_complete_is_not_made(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Making, "start", lambda _: pytest.fail("a lab is made"))
    session.view = None
    app = Headless(session)
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(pilot)
        app.open_lab("old")
        await settled(pilot)
        assert app.making is None
        assert any("may not make a lab" in one.message for one in app._notifications)
    app.close()


async def test_nothing_goes_out(session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def out(*_: object, **__: object) -> None:
        pytest.fail("something went out")

    monkeypatch.setattr(HeadlessDriver, "open_url", out)
    monkeypatch.setattr(HeadlessDriver, "deliver_binary", out)
    (tmp_path / "secret").write_text("secret")
    app = Headless(session)
    async with app.run_test(size=(120, 40)) as pilot:
        app.open_url("https://example.org")
        app.deliver_text(str(tmp_path / "secret"))
        app.deliver_binary(str(tmp_path / "secret"))
        app.deliver_screenshot()
        await pilot.pause()
        said = [one.message for one in app._notifications][1:]
    app.close()
    assert [line.partition(":")[0].partition("may not ")[2] for line in said] == [
        "open an address",
        *["hand out a file"] * 3,
    ]


async def test_reading_and_hints_go_on(session: Session) -> None:
    app = Headless(session)
    async with app.run_test(size=(120, 40)) as pilot:
        await pressed(pilot, "c", "h")
        assert isinstance(app.screen, Reading)
    app.close()


def test_the_driver_is_the_servers_whatever_the_surroundings_say(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TEXTUAL_DRIVER", "textual.drivers.linux_driver:LinuxDriver")
    app = ServedApp(session)
    app.close()
    assert app.driver_class is ServedDriver


@pytest.mark.parametrize("keys", [("n",), ("n", "n")], ids=["shell", "yaml"])
async def test_the_footer_offers_no_key_that_is_refused(session: Session, keys: tuple[str, ...]) -> None:
    app = Headless(session)
    async with app.run_test(size=(120, 40)) as pilot:
        await pressed(pilot, "c", *keys)
        offered = {one.binding.description for one in app.screen.active_bindings.values() if one.binding.show}
        assert {"Copy", "Hint"} <= offered
        assert not {"Run", "Shell", "Edit", "Write"} & offered
        assert app.focused
        assert str(app.focused.border_subtitle) == "y copies it"
    app.close()
