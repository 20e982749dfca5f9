"""`--wait`: looking again until the cluster has followed, or nothing can change any more."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass

from grader import collect
from grader.collect import Source
from grader.course import Course, Module
from grader.errors import UsageError
from grader.evidence.model import Evidence
from grader.follows import believed_after, refresh, waits_for
from grader.grade import judge
from grader.kube import Kube, Unreachable
from grader.text import quoted

_UNIT = {"s": 1, "m": 60, "h": 3600, "": 1}
_PAUSE = 1.0


def seconds(text: str) -> float:
    """`90s`, `5m`, `1h` or plain seconds. Raises UsageError."""
    found = re.fullmatch(r"(\d{1,6}(?:\.\d+)?)([smh]?)", text.strip())
    if not found:
        raise UsageError(f"--wait {quoted(text)} is no time", advice="Write it as 90s or 5m.")
    return float(found[1]) * _UNIT[found[2]]


@dataclass(frozen=True)
class Waiting:
    """Collects the evidence of one submission, again and again while that can help."""

    course: Course
    module: Module
    source: Source
    kube: Kube | None
    say: Callable[[str], None]
    now: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep

    def collected(self, patience: float) -> Evidence:
        """The last evidence, at most `patience` seconds after the first.

        Raises as `collect` does; a cluster that answered before and is out of reach now is asked again.
        """
        end = self.now() + patience
        told = ""
        final_since: float | None = None
        evidence = self._look()
        while self.kube is not None and self.now() < end:
            waits = waits_for(judge(self.module, evidence))
            if waits is None:
                break
            believed = believed_after(waits.seen)
            if believed is None:
                final_since = None
            elif final_since is None:
                final_since = self.now()
            elif self.now() - final_since >= believed:
                break
            if waits.seen != told:
                told = waits.seen
                self.say(f"waiting for {waits.check}: {told}")
            if evidence.cluster:
                refresh(self.kube, evidence.cluster, str(self.module.exercise.parameters.get("folder", "")))
            self.sleep(min(_PAUSE, max(end - self.now(), 0)))
            evidence = self._again(evidence, end)
        return evidence

    def _look(self) -> Evidence:
        return collect.collect(self.course, self.module, self.source, self.kube)

    def _again(self, last: Evidence, end: float) -> Evidence:
        """What is to be seen now; while there is time, the `last` where the cluster is out of reach."""
        try:
            return self._look()
        except Unreachable:
            if self.now() >= end:
                raise
            return last
