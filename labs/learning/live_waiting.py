"""What is waited for, and since when."""

from __future__ import annotations

from collections.abc import Iterable

from grader.follows import believed_after, following
from grader.outcome import Outcome, Report
from labs.learning.live_view import Waiting


class Tracker:
    """Remembers since when each check waits. Times are seconds since 1970."""

    def __init__(self) -> None:
        self.due: float | None = None
        self._since: dict[str, float] = {}
        self._lasting: dict[str, float] = {}

    def update(self, report: Report, asked: Iterable[str], words: str, now: float) -> tuple[Waiting, ...]:
        """What is waited for now, in the report's order; `asked` are checks whose probes are on their way.

        Afterwards `due` says when time alone changes the answer: what only the learner can change
        is waited for until it has been seen for long enough.
        """
        own = {outcome.check: outcome.seen for outcome in following(report) if self._may_follow(outcome, now)}
        found = {**dict.fromkeys(asked, words), **own}
        self._since = {check: self._since.get(check, now) for check in found}
        ends = [until for check, until in self._ends(report) if check in own]
        self.due = min(ends, default=None)
        order = [outcome.check for outcome in report.outcomes]
        return tuple(Waiting(check, found[check], self._since[check]) for check in order if check in found)

    def _may_follow(self, outcome: Outcome, now: float) -> bool:
        lasting = believed_after(outcome.seen)
        if lasting is None:
            self._lasting.pop(outcome.check, None)
            return True
        return now - self._lasting.setdefault(outcome.check, now) < lasting

    def _ends(self, report: Report) -> Iterable[tuple[str, float]]:
        for outcome in following(report):
            lasting = believed_after(outcome.seen)
            if lasting is not None and outcome.check in self._lasting:
                yield outcome.check, self._lasting[outcome.check] + lasting
