"""Tables of a text: nothing of a cell is cut, and each column has its share."""

from __future__ import annotations

import pytest
from textual.app import App, ComposeResult
from textual.widgets import Static

from labs.tui.widgets.lesson import Lesson
from labs.tui.widgets.tables import Table

SUBJECT = "https://github.com/chainguard-images/images/.github/workflows/release.yaml@refs/heads/main"
TEXT = f"""\
| part | for public images |
|---|---|
| subject: which workflow signed | `{SUBJECT}` |
| `any` | short |
"""


class Page(App[None]):
    """A page with one table."""

    def compose(self) -> ComposeResult:
        yield Lesson(TEXT, id="lesson")


def shown(cell: Static) -> str:
    return "".join(cell.render_line(line).text.strip() for line in range(cell.size.height))


@pytest.mark.parametrize("width", [120, 80, 44])
async def test_a_long_word_goes_on_below(width: int) -> None:
    app = Page()
    async with app.run_test(size=(width, 40)) as pilot:
        await pilot.pause()
        cells = list(app.query_one(Table).query(Static))
        assert SUBJECT in [shown(cell) for cell in cells]
        assert all("…" not in shown(cell) for cell in cells)
        assert min(cell.size.width for cell in cells) >= 14
        assert cells[0].region.width + cells[1].region.width <= width - 4
    app.exit()


async def test_another_width_gives_other_shares() -> None:
    app = Page()
    async with app.run_test(size=(100, 40)) as pilot:
        await pilot.pause()
        await pilot.resize_terminal(60, 40)
        await pilot.pause()
        cells = list(app.query_one(Table).query(Static))
        assert SUBJECT in [shown(cell) for cell in cells]
        assert max(cell.region.right for cell in cells) <= 60
