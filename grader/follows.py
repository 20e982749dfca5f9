"""What follows by itself: checks that pass by waiting, and what may hurry them."""

from __future__ import annotations

import re

from grader.checks.application import covering
from grader.errors import EnvironmentFault
from grader.evidence.model import Cluster
from grader.kube import Kube, resource
from grader.outcome import Outcome, Report, Status

FOLLOWS = ("kyverno.ready", "argocd.synced", "platform.synced", "policy.active")
"""Checks that may pass by waiting alone: something else has to catch up."""
_TOLD_LATER = ("enforcement.provider",)
"""Checks that cannot be told before something has come to an end: Crossplane with what it was asked for."""

_REFRESH = {"metadata": {"annotations": {"argocd.argoproj.io/refresh": "normal"}}}
_HOLDS = (
    (30.0, re.compile("denied the request|failed schema validation|field not declared|strict decoding error")),
    (2.0, re.compile(
        "is not among them|cannot work out what to apply|was not applied by the Application|"
        "is scaled to 0|is told not to look|does not trust the lab's|does not say which sample images|"
        "holds what it held at the start|The remote has no such branch yet"
    )),
)  # fmt: skip
"""What only the learner can change, and for how many seconds it has to be seen before it is believed.

Argo CD may still be at an older commit. Where the API server refused that one, the words of the refusal
stay until the next of Argo CD's tries, though the operation already names the new commit.
"""


def following(report: Report) -> tuple[Outcome, ...]:
    """What has not followed yet: it may pass without anybody's doing."""
    return tuple(
        outcome
        for outcome in report.outcomes
        if not outcome.needs
        and (outcome.status is Status.ERROR or (outcome.status is Status.FAILED and outcome.check in FOLLOWS))
        and outcome.check in (*FOLLOWS, *_TOLD_LATER)
    )


def waits_for(report: Report) -> Outcome | None:
    """What has not followed yet or could not be told, or None where waiting changes nothing."""
    follows = following(report)
    for outcome in report.outcomes:
        if outcome in follows or (outcome.status is Status.ERROR and not outcome.needs):
            return outcome
    return None


def believed_after(seen: str) -> float | None:
    """Seconds after which what was seen counts as lasting, or None where it may end by itself."""
    return next((lasting for lasting, words in _HOLDS if words.search(seen)), None)


def refresh(kube: Kube, cluster: Cluster, folder: str) -> None:
    """Asks Argo CD to look at the remote now. Where that is not allowed, its own rhythm has to do."""
    for one in covering(cluster, folder)[:1]:
        try:
            path = resource("argoproj.io/v1alpha1", "applications", one.namespace, one.name)
            kube.patch(path, _REFRESH, "merge")
        except EnvironmentFault:
            return
