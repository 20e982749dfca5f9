"""`labs edit`: a file of the clone in the person's editor, by default at the first line that fails."""

from __future__ import annotations

import re
import sys

from grader.course import Module
from grader.errors import UsageError
from labs import console
from labs.commands.learn import learner, looked
from labs.commands.session import LabSession
from labs.errors import NoLab
from labs.learning import pointing
from labs.learning.learner import Learner

_NAMED = re.compile(r"(?P<path>.+?)(?::(?P<line>\d{1,9}))?(?::\d{1,9})?", re.DOTALL)
"""A file as a check names it: `FILE`, `FILE:LINE` or `FILE:LINE:COLUMN`."""


def edit(lab: str | None, module: str | None, named: str | None) -> None:
    """Opens a file, as seen from the clone; ends with the editor's exit code. Raises NoLab, UsageError."""
    me = learner(lab)
    me.needed_lab()
    session = LabSession(me.name)
    clone = session.clone()
    if clone is None:
        raise NoLab(f"the lab {me.name} has no clone yet", advice=f"labs up {me.name} goes on with it.")
    if instead := session.editor():
        console.say(instead)
    if named is None:
        path, line = _pointed(me, me.module(module), session)
    elif (clone / named).exists():
        path, line = named, None
    else:
        path, line = _parts(named)
    console.say(f"Opening: {path}" + (f", line {line}." if line else "."))
    sys.exit(session.edit(clone / path, line))


def _pointed(me: Learner, module: Module, session: LabSession) -> tuple[str, int | None]:
    """The first failing line of the module, else the file of the step that one is at."""
    report = looked(me, module)
    step = me.step(module, None, me.standing(module, report))
    path, line = pointing.failing(report) or pointing.pointed(module, step, report, session.clone())
    if not path:
        raise UsageError("no check points at a file", advice="Name one: labs edit FILE or labs edit FILE:LINE.")
    return path, line


def _parts(named: str) -> tuple[str, int | None]:
    found = _NAMED.fullmatch(named)
    if found is None:
        raise UsageError("this is no name of a file", advice="Name one: labs edit FILE or labs edit FILE:LINE.")
    return found["path"], int(found["line"]) if found["line"] else None
