"""What a command found is told, and then that progress could not be written: a full disk, a folder without rights."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from grader import console
from grader.errors import EnvironmentFault

if TYPE_CHECKING:
    from labs.learning.learner import Learner

_KEY = "labs.commands.unsaved"


def watch(learner: Learner) -> None:
    """Has the command that runs tell at its end what of this learner's progress could not be written."""
    if context := click.get_current_context(silent=True):
        context.meta[_KEY] = learner


@contextmanager
def told(context: click.Context) -> Iterator[None]:
    """Tells it after the block, on standard error; raises EnvironmentFault where the block itself ended well."""
    try:
        yield
    except BaseException as ended:
        fault = _fault(context)
        if fault and isinstance(ended, SystemExit) and not ended.code:
            raise fault from None
        if fault:
            console.say(f"labs: {fault.diagnostics()}")
        raise
    if fault := _fault(context):
        raise fault


def _fault(context: click.Context) -> EnvironmentFault | None:
    learner: Learner | None = context.meta.pop(_KEY, None)
    return learner.unsaved if learner else None
