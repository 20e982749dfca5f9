"""`labs text`: a module's text whole, by its sections, by its steps, and its code to copy."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from grader.course import Module
from grader.errors import UsageError
from labs.commands import learn_tell as tell
from labs.commands.learn import learner, say, standing_of
from labs.commands.learn_text import Code, Section, codes, plain, sections


def text(lab: str | None, module: str | None, step: str | None) -> None:
    """A module's text, or that of one step with its commands."""
    me = learner(lab)
    found = me.module(module)
    if step is None:
        me.progress.enter(found.id)
        me.save()
        say(_whole(found))
        return
    chosen = me.step(found, step, standing_of(me, found))
    me.enter(found, chosen)
    say(tell.lesson(found, chosen))


def listing(lab: str | None, module: str | None) -> None:
    """`--sections`: every section with its number and length."""
    found = learner(lab).module(module)
    for number, one in enumerate(sections(found.text), 1):
        say([f"Section {number}, {one.lines} lines: {one.title}"])
    say([f"To read one: labs text {found.id} --section NUMBER or a word of its title."])


def section(lab: str | None, module: str | None, wanted: str) -> None:
    """`--section`: one section, by its number or words of its title. Raises UsageError."""
    found = learner(lab).module(module)
    listed = sections(found.text)
    number = _number(found, listed, wanted)
    say(plain(found.text, listed[number - 1].anchor, whole=False))
    if number < len(listed):
        after = listed[number]
        say([f"Next is section {number + 1}, “{after.title}”: labs text {found.id} --section {number + 1}"])


def code(lab: str | None, module: str | None, number: int) -> None:
    """`--code`: a block of code as it is, for a file or the clipboard. Raises UsageError."""
    sys.stdout.write(block(learner(lab).module(module), number).text)


def block(module: Module, number: int) -> Code:
    """A block of a module's text by its number. Raises UsageError."""
    blocks = codes(module.text)
    if not 1 <= number <= len(blocks):
        raise UsageError("there is no such block of code", advice=f"The text of {module.id} has 1 to {len(blocks)}.")
    return blocks[number - 1]


def _whole(module: Module) -> Iterator[str]:
    lines = plain(module.text)
    listed = sections(module.text)
    yield (
        f"The text of {module.id}: {len(lines)} lines in {len(listed)} sections. Part by part: "
        f"labs text {module.id} --sections."
    )
    yield ""
    yield from lines


def _number(module: Module, listed: list[Section], wanted: str) -> int:
    if wanted.isdecimal() and 1 <= int(wanted) <= len(listed):
        return int(wanted)
    words = wanted.lower()
    exact = [index for index, one in enumerate(listed, 1) if words in (one.title.lower(), one.anchor)]
    near = [index for index, one in enumerate(listed, 1) if words in one.title.lower() or words in one.anchor]
    if found := exact or near:
        return found[0]
    raise UsageError("there is no such section", advice=f"labs text {module.id} --sections lists them.")
