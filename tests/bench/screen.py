"""How soon a key shows on a module's screen, and what the screen costs while nobody does anything."""

from __future__ import annotations

import asyncio
import os
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from labs.learning.live_view import View
from labs.tui.app import LabsApp
from labs.tui.screens.module import ModuleScreen
from labs.tui.session import Session
from tests.snapshots.fake import REPORT, WAITING, FakeSession

_IDLE = 3.0


def rows() -> Iterator[str]:
    """With LABS_HOME of a lab that is there: its live marks; else marks that stand still."""
    with tempfile.TemporaryDirectory() as folder, _home(Path(folder)) as given:
        session, of = _session(Path(folder), given)
        key, idle = asyncio.run(_measured(session))
    yield f"key to paint, {of}: {key * 1000:.0f} ms of one core, median (aim: 50)"
    yield f"a module left alone, {of}: {idle:.1%} of one core (aim: about 0)"


@contextmanager
def _home(folder: Path) -> Iterator[bool]:
    """Whether LABS_HOME names a home; where not, it names an empty one for the block."""
    given = "LABS_HOME" in os.environ
    os.environ.setdefault("LABS_HOME", str(folder / "home"))
    try:
        yield given
    finally:
        if not given:
            del os.environ["LABS_HOME"]


def _session(folder: Path, given: bool) -> tuple[Session, str]:
    if given:
        from labs.commands.session import LabSession

        return LabSession(), "live marks of a lab"
    return FakeSession(folder, View(REPORT, WAITING)), "marks that stand still"


async def _measured(session: Session) -> tuple[float, float]:
    app = LabsApp(session)
    async with app.run_test(size=(160, 48)) as pilot:
        await app.workers.wait_for_complete()
        app.open_module(session.learner.module("01").id)
        while not isinstance(app.screen, ModuleScreen):
            await pilot.pause()
        await pilot.pause(5.0)
        await pilot.press("tab")
        await pilot.pause()
        times = []
        for index in range(20):
            begun = time.process_time()
            await pilot.press("down" if index % 2 else "up")
            times.append(time.process_time() - begun)
        await asyncio.sleep(1.0)
        used = time.process_time()
        await asyncio.sleep(_IDLE)
        idle = (time.process_time() - used) / _IDLE
    app.close()
    return statistics.median(times), idle
