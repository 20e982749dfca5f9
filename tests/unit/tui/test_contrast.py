"""Text is readable in every theme: contrast by WCAG 2.2, 1.4.3 (4.5:1) and 1.4.6 (7:1)."""

from __future__ import annotations

from pathlib import Path

import pytest
from rich.color import Color as RichColor
from rich.segment import Segment
from textual.color import Color
from textual.theme import Theme

from labs.learning.live_view import View
from labs.tui.app import LabsApp
from labs.tui.themes import CONTRAST, NAMES, THEMES
from tests.snapshots.fake import REPORT, WAITING, FakeSession
from tests.snapshots.quiet import settled

ENOUGH, MUCH = 4.5, 7.0
WRITTEN = ("foreground", "quiet", "link", "good", "bad", "caution")
UNDER = ("background", "surface", "panel", "chosen")
ORNAMENT = set("─│╭╮╰╯━┃┏┓┗┛┌┐└┘├┤┬┴┼▁▂▃▄▅▆▇█▊▌▎▐▔▏▕╸╺┄")
WAY = (
    *("c", "n", "r", "2", "tab", "enter", "escape", "h", "escape", "s", "s", "escape", "question_mark", "escape"),
    *("d", "tab", "tab", "enter", "escape", "escape", "e"),
)
"""Keys that lead through a module, its code, its checks, the demonstrations, and all that opens over it."""


def luminance(colour: Color) -> float:
    """Relative luminance, WCAG 2.2."""

    def linear(channel: int) -> float:
        value = channel / 255
        return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4

    return 0.2126 * linear(colour.r) + 0.7152 * linear(colour.g) + 0.0722 * linear(colour.b)


def contrast(one: Color, other: Color) -> float:
    """The ratio of two colours, from 1 to 21."""
    bright, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


def test_the_measure_itself() -> None:
    assert contrast(Color.parse("#000"), Color.parse("#fff")) == pytest.approx(21)
    assert contrast(Color.parse("#777"), Color.parse("#fff")) == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("theme", THEMES, ids=NAMES)
def test_colours_of_a_theme(theme: Theme) -> None:
    named = {**theme.to_color_system().generate(), **theme.variables}
    least = MUCH if theme.name == CONTRAST else ENOUGH
    for under in UNDER:
        for written in WRITTEN:
            found = contrast(Color.parse(named[written]), Color.parse(named[under]))
            assert found >= least, f"{written} on {under}: {found:.2f}"
    assert contrast(Color.parse(named["on-bar"]), Color.parse(named["bar"])) >= least


async def test_every_letter_on_screen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LABS_HOME", str(tmp_path / "home"))
    app = LabsApp(FakeSession(tmp_path, View(REPORT, WAITING)))
    seen: set[Segment] = set()
    async with app.run_test(size=(120, 40)) as pilot:
        for key in ("", *WAY):
            await pilot.press(*([key] if key else []))
            await settled(pilot)
            for theme in NAMES:
                app.theme = theme
                await pilot.pause()
                seen |= set(_segments(app))
    app.close()
    weak = {_told(segment) for segment in seen if _ratio(segment) < ENOUGH}
    assert not weak
    assert sum(len(segment.text.strip()) for segment in seen) > 1000


def _segments(app: LabsApp) -> list[Segment]:
    """What is painted; of a question over a screen the question alone, for the screen below is dimmed on purpose."""
    region = app.screen.query_one(".dialog").region if app.screen.is_modal else app.screen.region
    lines = app.screen._compositor.render_strips()[region.y : region.bottom]
    return [segment for line in lines for segment in line.crop(region.x, region.right)]


def _ratio(segment: Segment) -> float:
    style = segment.style
    letters = set(segment.text) - ORNAMENT - {" ", "\n"}
    if not letters or style is None or style.color is None or style.bgcolor is None:
        return 21.0
    front, back = _colour(style.color), _colour(style.bgcolor)
    return contrast(back, front) if style.reverse else contrast(front, back)


def _colour(colour: RichColor) -> Color:
    return Color.from_rich_color(colour)


def _told(segment: Segment) -> str:
    return f"{segment.text!r} {segment.style} {_ratio(segment):.2f}"
