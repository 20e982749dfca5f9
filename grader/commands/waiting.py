"""`--wait`: looking again until the cluster has followed, or nothing can change any more."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass

from grader import collect
from grader.checks.application import covering
from grader.collect import Source
from grader.course import Course, Module
from grader.errors import EnvironmentFault, UsageError
from grader.evidence.model import Evidence
from grader.grade import judge
from grader.kube import Kube, Refusal, resource
from grader.outcome import Outcome, Report, Status

_UNIT = {"s": 1, "m": 60, "h": 3600, "": 1}
_PAUSE = 1.0
_FOLLOWS = ("kyverno.ready", "argocd.synced", "platform.synced", "policy.active")
"""Checks that may pass by waiting alone: something else has to catch up."""
_REFRESH = {"metadata": {"annotations": {"argocd.argoproj.io/refresh": "normal"}}}
_HOLDS = (
    (30.0, re.compile("denied the request|failed schema validation|field not declared|strict decoding error")),
    (2.0, re.compile(
        "is not among them|cannot work out what to apply|was not applied by the Application|"
        "is scaled to 0|is told not to look|does not trust the lab's|does not say which sample images"
    )),
)  # fmt: skip
"""What only the learner can change, and for how many seconds it has to be seen before it is believed.

Argo CD may still be at an older commit. Where the API server refused that one, the words of the refusal
stay until the next of Argo CD's tries, though the operation already names the new commit.
"""


def seconds(text: str) -> float:
    """`90s`, `5m`, `1h` or plain seconds. Raises UsageError."""
    found = re.fullmatch(r"(\d{1,6}(?:\.\d+)?)([smh]?)", text.strip())
    if not found:
        raise UsageError(f"--wait {text!r} is no time", advice="Write it as 90s or 5m.")
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
        """The last evidence, at most `patience` seconds after the first."""
        end = self.now() + patience
        told, final_since = "", self.now()
        while True:
            evidence = collect.collect(self.course, self.module, self.source, self.kube)
            if self.kube is None or self.now() >= end:
                return evidence
            waits = _waits_for(judge(self.module, evidence))
            if waits is None:
                return evidence
            believed = _believed_after(waits.seen)
            if believed is None:
                final_since = self.now()
            elif self.now() - final_since >= believed:
                return evidence
            if waits.seen != told:
                told = waits.seen
                self.say(f"waiting for {waits.check}: {told}")
            self._refresh(evidence)
            self.sleep(min(_PAUSE, max(end - self.now(), 0)))

    def _refresh(self, evidence: Evidence) -> None:
        """Asks Argo CD to look at the remote now. Where that is not allowed, its own rhythm has to do."""
        if self.kube is None or evidence.cluster is None:
            return
        for one in covering(evidence.cluster, str(self.module.exercise.parameters.get("folder", "")))[:1]:
            try:
                path = resource("argoproj.io/v1alpha1", "applications", one.namespace, one.name)
                self.kube.patch(path, _REFRESH, "merge")
            except (Refusal, EnvironmentFault):
                return


def _believed_after(seen: str) -> float | None:
    """Seconds after which what was seen counts as lasting, or None where it may end by itself."""
    return next((lasting for lasting, words in _HOLDS if words.search(seen)), None)


def _waits_for(report: Report) -> Outcome | None:
    """What has not followed yet, or None where waiting changes nothing."""
    for outcome in report.outcomes:
        if outcome.check in _FOLLOWS and outcome.status in (Status.FAILED, Status.ERROR) and not _rests(outcome):
            return outcome
        if outcome.status is Status.ERROR and not outcome.needs:
            return outcome
    return None


def _rests(outcome: Outcome) -> bool:
    return bool(outcome.needs)
