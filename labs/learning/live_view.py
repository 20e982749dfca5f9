"""What live marks tell: the report as it stands, what is waited for, and how it is known."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from grader.outcome import Report

Mode = Literal["watching", "polling", "away"]


@dataclass(frozen=True, slots=True)
class Waiting:
    """A check that may pass by itself, what it waits for in words, and since when (seconds since 1970)."""

    check: str
    for_: str
    since: float


@dataclass(frozen=True, slots=True)
class View:
    """The marks at one moment.

    `report` is None before the first grading. A check in `waiting` counts as waiting, whatever its
    outcome says. `mode`: `watching` (told by cluster and files themselves), `polling` (looked at
    again and again where watching is not possible), `away` (the cluster does not answer; `report`
    rests on what was last known of it). `problem` says why it is not `watching`, or what else keeps
    the marks from being right. `at` is in seconds since 1970.
    """

    report: Report | None
    waiting: tuple[Waiting, ...] = ()
    mode: Mode = "watching"
    problem: str | None = None
    at: float = 0.0

    def tells(self, other: View | None) -> bool:
        """Whether a learner would see something else than in the other."""
        return other is None or _seen(self) != _seen(other)


def _seen(view: View) -> View:
    report = replace(view.report, provenance={}) if view.report else None
    return replace(view, report=report, at=0.0)
