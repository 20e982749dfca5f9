"""Taking the time out of a program: waiting until nothing runs in the background, and notices that stay."""

from __future__ import annotations

import asyncio
from typing import Any, cast

import pytest
from textual.app import App
from textual.pilot import Pilot

from labs.tui.app import LabsApp
from labs.tui.widgets.lesson import LessonText
from labs.tui.widgets.output import OutputPanel

_FINAL = ("hint", "edit", "write", "new lab")
"""Groups of workers that wait for a person's answer."""
_LONGEST = 60.0
_LASTING = 3600.0


@pytest.fixture(autouse=True)
def notices_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is said stays until it was looked at, however slow the machine is."""
    notify = App.notify

    def say(app: App[None], message: str, **how: Any) -> None:
        notify(app, message, **{**how, "timeout": _LASTING})

    monkeypatch.setattr(App, "notify", say)


async def settled(pilot: Pilot[None]) -> None:
    """Returns when workers, the text, commands and bring-ups have ended; those that wait for the person are left."""
    app = cast(LabsApp, pilot.app)
    async with asyncio.timeout(_LONGEST):
        while True:
            await pilot.pause()
            if not _busy(app):
                break
            await asyncio.sleep(0.01)
    await asyncio.to_thread(app.keep(lambda: None).result)
    await pilot.pause()
    await pilot.pause()


async def pressed(pilot: Pilot[None], *keys: str) -> None:
    """Presses keys, each once all that runs has ended."""
    await settled(pilot)
    for key in keys:
        await pilot.press(key)
        await settled(pilot)


def _busy(app: LabsApp) -> bool:
    workers = any(not worker.is_finished and worker.group not in _FINAL for worker in app.workers)
    making = app.making is not None and app.making.outcome == "running"
    text = any(not one.table_of_contents for one in app.screen.query(LessonText))
    return workers or making or text or any(one.running for one in app.screen.query(OutputPanel))
