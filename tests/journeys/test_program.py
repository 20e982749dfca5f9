"""Module 01 from the first picture to "all done" by keys alone, on a simulated lab made by the program itself."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import OptionList

from grader import course
from grader.outcome import Status
from labs import lab as labs
from labs.commands.session import LabSession
from labs.learning.progress import Progress
from labs.tui.app import LabsApp
from labs.tui.screens.bringup import BringUpScreen
from labs.tui.screens.dialogs import Ask
from labs.tui.screens.home import HomeScreen
from labs.tui.screens.module import ModuleScreen
from labs.tui.widgets.lesson import CodeBlock, Lesson
from labs.tui.widgets.output import OutputPanel
from labs.tui.widgets.steps import Steps

MODULE = "01-chainguard-images"
PATIENCE = 90.0


class Evening:
    """A learner at the keys."""

    def __init__(self, app: LabsApp, pilot: Pilot[None]) -> None:
        self.app = app
        self.pilot = pilot

    async def until(self, true: Callable[[], bool], what: str) -> None:
        """Looks at the screen until something is so."""
        end = time.monotonic() + PATIENCE
        while not true():
            assert time.monotonic() < end, f"{what} did not come; {self.told()}"
            await asyncio.sleep(0.02)
            await self.pilot.pause()

    def told(self) -> str:
        """What the marks say, for a failure."""
        view = self.module.view if isinstance(self.app.screen, ModuleScreen) else None
        return "no marks" if view is None or view.report is None else str(self.marks)

    @property
    def module(self) -> ModuleScreen:
        assert isinstance(self.app.screen, ModuleScreen)
        return self.app.screen

    @property
    def marks(self) -> dict[str, Status]:
        view = self.module.view
        return {one.check: one.status for one in view.report.outcomes} if view and view.report else {}

    async def passed(self, *checks: str) -> None:
        """Waits for marks, without a key."""
        await self.until(lambda: all(self.marks.get(check) is Status.PASSED for check in checks), ", ".join(checks))

    async def at_step(self, task: int) -> None:
        """Goes to a step, and to the list of steps."""
        await self.pilot.press(str(task))
        self.module.query_one(Steps).focus()
        await self.pilot.pause()

    async def run_step(self, task: int) -> None:
        """Runs a step's commands by the run key; what is meant to be refused is no failure."""
        await self.at_step(task)
        await self.pilot.press("r")
        panel = self.module.query_one(OutputPanel)
        await self.until(lambda: panel.run is not None and not panel.running, f"the end of step {task}")
        assert panel.run is not None
        assert panel.run.failed == 0, f"step {task}: exit status {panel.run.status}"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LABS_HOME", str(tmp_path / "labs"))
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("LABS_OVERRIDES", "PLATFORM_LAB", "KUBECONFIG"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path / "labs"


async def test_an_evening(home: Path) -> None:
    """Every step by its keys; marks come by themselves; what was done is there the next evening."""
    app = LabsApp(LabSession())
    try:
        async with app.run_test(size=(160, 48)) as pilot:
            evening = Evening(app, pilot)
            await _make_the_lab(evening)
            await _do_the_module(evening)
        app.close()
        assert Progress.load(home / "progress.json").module(MODULE).done
    finally:
        labs.down("default", discard=True)


async def _make_the_lab(evening: Evening) -> None:
    app, pilot = evening.app, evening.pilot
    await evening.until(lambda: isinstance(app.screen, HomeScreen) and app.screen.overview is not None, "home")
    await pilot.press("n")
    await evening.until(lambda: bool(app.screen.query(".dialog")), "the question which lab")
    await pilot.press("down", "down", "enter")
    await evening.until(lambda: isinstance(app.screen, BringUpScreen), "the bring-up")
    await evening.until(lambda: app.making is not None and app.making.outcome == "done", "the lab")
    await pilot.press("escape")
    listed = app.screen.query_one("#home-list", OptionList)
    listed.highlighted = listed.get_option_index(f"module:{MODULE}")
    await pilot.press("enter")
    await evening.until(lambda: isinstance(app.screen, ModuleScreen), "module 01")
    await evening.until(lambda: bool(evening.marks), "first marks")
    assert not [check for check, status in evening.marks.items() if status is Status.PASSED]


async def _do_the_module(evening: Evening) -> None:
    await evening.run_step(1)
    await evening.passed("kyverno.installed", "kyverno.ready")
    await _write_the_policy(evening)
    await evening.run_step(2)
    clone = evening.app.session.clone()
    assert clone is not None
    reference = course.read().module(MODULE).solutions[0]
    (file,) = reference.rglob("verify-providers.yaml")
    (clone / "verify-providers.yaml").write_bytes(file.read_bytes())
    for task, checks in ((5, ("repository.path",)), (6, ("repository.committed", "repository.pushed"))):
        await evening.run_step(task)
        await evening.passed(*checks)
    await evening.passed("argocd.synced", "policy.active", "policy.scope", "policy.images", "policy.identity")
    await evening.run_step(7)
    await evening.until(lambda: evening.module.standing.done, "all done")
    assert set(evening.marks.values()) == {Status.PASSED}


async def _write_the_policy(evening: Evening) -> None:
    """The text's own policy, written into the clone by the key for it: right but for its aim."""
    lesson = evening.module.query_one(Lesson)
    await evening.until(lambda: bool(lesson.query(CodeBlock)), "the text")
    block = next(one for one in lesson.query(CodeBlock) if "kind: ClusterPolicy" in one.code)
    await evening.at_step(2)
    block.focus()
    await evening.pilot.press("w")
    await evening.until(lambda: isinstance(evening.app.screen, Ask), "the question for a name")
    assert isinstance(evening.app.screen, Ask)
    assert evening.app.screen.guess == "verify-providers.yaml"
    await evening.pilot.press("enter")
    await evening.until(lambda: isinstance(evening.app.screen, ModuleScreen), "the module again")
    await evening.passed("policy.present")
