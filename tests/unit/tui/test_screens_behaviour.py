"""What the screens do with keys, floods of output, hostile text and faults."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.widgets import RichLog, Static

from grader.errors import EnvironmentFault
from labs.learning.live_view import View
from labs.tui import details, links
from labs.tui.app import LabsApp
from labs.tui.making import Making
from labs.tui.running import LINE, WAITING, Run
from labs.tui.screens.home import HomeScreen
from labs.tui.screens.module import ModuleScreen
from labs.tui.widgets.lesson import CodeBlock
from labs.tui.widgets.output import KEPT, OutputPanel
from labs.tui.widgets.steps import Steps
from tests.snapshots.fake import PASSED, REPORT, FakeSession
from tests.snapshots.quiet import pressed, settled
from tests.snapshots.small_course import make_course

MARKED = View(REPORT)


@pytest.fixture
def session(lab_folder: Path) -> FakeSession:
    return FakeSession(lab_folder, MARKED)


async def after(app: LabsApp, *keys: str) -> None:
    """Presses keys in a program, leaves it, and closes it."""
    async with app.run_test(size=(120, 40)) as pilot:
        await pressed(pilot, *keys)
    app.close()


async def test_nothing_runs_without_its_key(session: FakeSession) -> None:
    await after(LabsApp(session), "c", "n", "y", "tab", "enter", "escape", "1", "2", "h", "escape", "o")
    assert session.ran == []


async def test_a_block_runs_by_its_key(session: FakeSession) -> None:
    await after(LabsApp(session), "c", "n", "r")
    assert session.ran == ["helm install kyverno kyverno/kyverno --namespace kyverno  # one line"]


async def test_a_restricted_session_runs_and_writes_nothing(session: FakeSession) -> None:
    await after(LabsApp(session, restricted=True), "c", "n", "r", "w", "e", "t")
    assert session.ran == []
    assert session.edited == []
    assert {path.name for path in session.folder.iterdir()} == {"course", "progress.json", ".progress.json.lock"}


async def test_a_step_goes_on_where_one_was(session: FakeSession) -> None:
    await after(LabsApp(session), "c", "3")
    assert session.learner.at(session.learner.module("01")).step == "push"
    app = LabsApp(session)
    async with app.run_test() as pilot:
        await settled(pilot)
        await pilot.press("c")
        await settled(pilot)
        assert app.screen.query_one(Steps).highlighted == 2
    app.close()


async def test_marks_are_kept(session: FakeSession) -> None:
    session.view = View(PASSED)
    await after(LabsApp(session), "c")
    assert session.learner.at(session.learner.module("01")).done


async def test_a_block_is_written_to_the_clone(session: FakeSession) -> None:
    app = LabsApp(session)
    async with app.run_test() as pilot:
        await settled(pilot)
        await pilot.press("c", "2")
        await settled(pilot)
        block = next(one for one in app.screen.query(CodeBlock) if one.language == "yaml")
        block.focus()
        await pilot.press("w")
        await settled(pilot)
        await pilot.press("enter")
        await settled(pilot)
    app.close()
    assert "kind: ClusterPolicy" in (session.folder / "apps/policy.yaml").read_text()


async def test_a_flood_is_cut_and_told(session: FakeSession) -> None:
    session.lines = [f"{number} {'x' * 60}" for number in range(18_000)]  # more than a megabyte
    app = LabsApp(session)
    async with app.run_test() as pilot:
        await settled(pilot)
        await pilot.press("c", "n", "r")
        await settled(pilot)
        log = app.screen.query_one("#output-lines", RichLog)
        shown = [line.text for line in log.lines]
        assert len(shown) <= KEPT
        assert any(line.startswith("17999 x") for line in shown)
        assert "lines are not shown" in str(app.screen.query_one("#output-head", Static).content)
        assert not app.screen.query_one(OutputPanel).running
    app.close()


async def test_reset_asks_first(session: FakeSession) -> None:
    await after(LabsApp(session), "c", "2", "R", "enter")
    assert session.turned == []
    await after(LabsApp(session), "c", "2", "R", "down", "enter")
    assert session.turned == [("reset", "01-one", "write")]


async def test_jump_asks_first(session: FakeSession) -> None:
    await after(LabsApp(session), "c", "3", "J", "enter")
    assert session.turned == []
    await after(LabsApp(session), "c", "3", "J", "down", "enter")
    assert session.turned == [("jump", "01-one", "push")]


async def test_a_dead_lab_is_told_and_ends_nothing(session: FakeSession, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(self: FakeSession, module: str, told: object) -> None:
        raise EnvironmentFault("the API server is gone")

    monkeypatch.setattr(FakeSession, "marks", broken)
    app = LabsApp(session)
    async with app.run_test() as pilot:
        await settled(pilot)
        await pilot.press("c")
        await settled(pilot)
        assert isinstance(app.screen, ModuleScreen)
        assert any("the API server is gone" in note.message for note in app._notifications)
        await pilot.press("escape")
        await settled(pilot)
        assert isinstance(app.screen, HomeScreen)
    app.close()


def test_untrusted_text_is_text(session: FakeSession) -> None:
    step = session.learner.module("01").exercise.steps[1]
    told = "\n".join(line.plain for line in details.step(step, MARKED, 0.0))
    assert "[red]no[/red] such file" in told
    assert "\x1b" not in told


@pytest.mark.parametrize(
    ("href", "kind", "module", "anchor"),
    [
        ("#below", "anchor", "", "below"),
        ("../02-two/text.md#more", "module", "02-two", "more"),
        ("./02-two.md", "module", "02-two", ""),
        ("./03-three.md", "unwritten", "03-three", ""),
        ("https://docs.sigstore.dev", "external", "", ""),
        ("javascript:alert(1)", "unknown", "", ""),
        ("../../etc/passwd", "unknown", "", ""),
    ],
)
def test_links(tmp_path: Path, href: str, kind: str, module: str, anchor: str) -> None:
    found = links.target(href, make_course(tmp_path))
    assert (found.kind, found.module, found.anchor) == (kind, module, anchor)


def test_a_run_keeps_bounds(session: FakeSession) -> None:
    session.lines = ["y" * (LINE + 100)] + ["z"] * (WAITING + 50)
    run = Run(session, ["print"])
    run._run()
    lines = run.take(WAITING * 2)
    assert lines[0] == "(52 lines are not shown)"
    assert len(lines) == WAITING + 1
    assert run.over
    assert run.status == 0


def test_a_refusal_ends_nothing(session: FakeSession) -> None:
    session.status = 1
    run = Run(session, ["one", "two"])
    run._run()
    assert session.ran == ["one", "two"]
    assert (run.status, run.failed) == (1, 2)


def test_a_making_tells_its_fault(session: FakeSession) -> None:
    session.failing = True
    changes: list[str] = []
    making = Making(session, "default", "kind", lambda: changes.append("changed"))
    making.start()
    making.wait(10)
    assert making.outcome == "failed"
    assert making.rows["cluster"].note == "the node [b]did not[/b] start"
    assert changes


@pytest.mark.parametrize(
    ("keys", "told"), [(("c", "left_square_bracket"), "first"), (("c", *["right_square_bracket"] * 2), "last")]
)
async def test_behind_the_last_module_there_is_none(session: FakeSession, keys: tuple[str, ...], told: str) -> None:
    app = LabsApp(session)
    await after(app, *keys)
    assert any(f"This is the {told} module" in note.message for note in app._notifications)
