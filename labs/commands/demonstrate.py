"""`labs look`: the demonstrations, in plain lines."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from grader.errors import UsageError
from grader.text import quoted
from labs import console
from labs.commands.learn import looking, say
from labs.image import tell
from labs.learning.demonstrations.scene import Scene, Table
from labs.learning.demonstrations.shows import TOPICS, Shows

_WIDTH = 79
_EFFECTS = ("1", "2", "3", "4")


def show(lab: str | None, topic: str | None, part: str | None, *, opened: bool) -> None:
    """`labs look [TOPIC [PART]]`; with `opened` each row is told with all that is known of it."""
    if topic is None:
        say(f"labs look {name:10} {told}" for name, told in TOPICS.items())
        return
    if topic not in TOPICS:
        raise UsageError(f"there is no demonstration {quoted(topic)}", advice=f"There are: {', '.join(TOPICS)}.")
    me = looking(lab)
    shows = Shows(me.needed_lab(), me.course)
    parts = _EFFECTS if topic == "admission" and part is None else (part,)
    for number, one in enumerate(parts):
        if number:
            console.say()
        say(lines(shows.scene(f"{topic} {one}" if one else topic), opened=opened))


def lines(scene: Scene, *, opened: bool) -> Iterator[str]:
    """A scene, a fact a line."""
    yield scene.title
    yield from textwrap.wrap(scene.explanation, _WIDTH)
    yield "Asked:"
    yield from (f"    {line}" for line in scene.request.splitlines())
    yield "Answer:"
    yield from (f"    {line}" for line in scene.answer.splitlines())
    for one in scene.tables:
        yield ""
        yield from _table(one, opened=opened)


def _table(found: Table, *, opened: bool) -> Iterator[str]:
    yield f"{found.title[:1].upper()}{found.title[1:]}, rows: {len(found.rows)}"
    if not opened:
        yield from tell.table([tuple(one.upper() for one in found.columns), *(one.cells for one in found.rows)])
        return
    for one in found.rows:
        yield f"- {one.cells[0]}: {', '.join(one.cells[1:])}"
        for label, text in one.details:
            first, *rest = text.splitlines() or [""]
            yield f"    {label}: {first}"
            yield from (f"        {line}" for line in rest)
