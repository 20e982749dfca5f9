"""Waiting until Kyverno acts on the policies as they are, before any of them is probed."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from grader.errors import EnvironmentFault
from grader.evidence.canary_policy import NAME, PATH, live_number, marker, number_of, policy
from grader.evidence.cluster import admission_replicas, versions
from grader.evidence.dig import mappings, name, text
from grader.evidence.faults import coming
from grader.evidence.lab import LabFacts
from grader.evidence.model import Cluster, Json
from grader.kube import Kube, Refusal
from grader.text import clean

PATIENCE = 30.0
"""Seconds in which Kyverno takes in a new policy; a first one also needs its webhook made.

Only the leader makes webhooks, and a new one is found 12 s after the last was stopped (1.19.1, pkg/leaderelection).
"""

COMING = 10.0
"""Seconds in which somebody comes to stand behind a Service."""

_FIRST_PAUSE, _LONGEST_PAUSE = 0.05, 0.5
_YOUNG = 2.0
_KINDS = ("ClusterPolicy", "Policy", "ImageValidatingPolicy")
_NOT_WRITTEN = "The canary policy could not be written"


@dataclass(frozen=True, slots=True)
class Clock:
    """Time, in seconds; `wall` counts from 1970. Tests bring their own."""

    now: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    wall: Callable[[], float] = time.time


@dataclass(frozen=True, slots=True)
class Settled:
    """Whether Kyverno acts on `versions` (policy → `uid@resourceVersion`).

    `note` says what is weak about it, or why not.
    """

    ok: bool
    versions: Mapping[str, str] = field(default_factory=dict)
    note: str = ""


def settle(
    kube: Kube, lab: LabFacts, cluster: Cluster, parameters: Mapping[str, Any], clock: Clock | None = None
) -> Settled:
    """Waits until Kyverno acts on the policies of `cluster`, at the versions read there.

    One watch over all ClusterPolicies feeds Kyverno's policy cache, and brings events in the
    order of writing (1.19.1, pkg/controllers/policycache: the handlers queue keys in that order,
    three workers take them up, each reading the newest state). So once the canary is obeyed under
    a rule written after those versions were read, they are obeyed as well. Outside that order are
    a worker a moment slower than its neighbour, the webhook rules that an edit may change, and
    policies of other kinds: for them the youngest policy must be two seconds old. A further
    replica of Kyverno may lag behind: the note says so. A policy that is not Ready is not in the
    cache at all, and that is how it is probed.

    `parameters` are the exercise's. Raises CourseError where one is missing.
    """
    clock = clock or Clock()
    wanted = {policy: version for policy, version in versions(cluster).items() if policy != NAME}
    replicas = admission_replicas(cluster)
    if "ClusterPolicy" in cluster.not_served or not replicas:
        return Settled(False, note="Kyverno does not run here, or does not serve ClusterPolicy.")
    try:
        number = _written(kube, lab, cluster, parameters, wanted, clock)
    except Refusal as refusal:
        if refusal.status != 403:
            return Settled(False, note=f"{_NOT_WRITTEN}: {clean(refusal.words, 500)}")
        _grow_old(kube, cluster, clock, always=True)
        return Settled(
            True, wanted, "The canary policy may not be written with these credentials: time was waited instead."
        )
    except EnvironmentFault as error:
        return Settled(False, note=f"{_NOT_WRITTEN}: {clean(str(error), 500)}")
    missing = _wait(kube, lab, number, clock)
    if missing is not None:
        return Settled(False, note=f"Kyverno does not act on the canary policy: {clean(missing, 500)}")
    _grow_old(kube, cluster, clock)
    note = (
        f"Kyverno has {replicas} replicas, and only one was asked whether it knows the policies."
        if replicas > 1
        else ""
    )
    return Settled(True, wanted, note)


def _written(
    kube: Kube,
    lab: LabFacts,
    cluster: Cluster,
    parameters: Mapping[str, Any],
    wanted: Mapping[str, str],
    clock: Clock,
) -> int:
    """The number of a canary rule that was written after the wanted versions were."""
    bare = policy(lab, parameters, 0, "")
    vouches = hashlib.sha256(json.dumps([bare, sorted(wanted.items())]).encode()).hexdigest()
    live = cluster.get("ClusterPolicy", NAME)
    number = live_number(live)
    if live is not None and number and _holds(live, policy(lab, parameters, number, vouches)):
        return number
    number = max(int(clock.wall() * 1000), number + 1)
    _write(kube, policy(lab, parameters, number, vouches), clock)
    return number


def _write(kube: Kube, canary: Json, clock: Clock) -> None:
    """Writes the canary, which Kyverno has to review. Raises EnvironmentFault."""
    for pause in _pauses(clock, COMING):
        try:
            kube.patch(PATH, canary, "apply")
            return
        except Refusal as refusal:
            if pause is None or not coming(refusal.words):
                raise
            clock.sleep(pause)


def _pauses(clock: Clock, seconds: float) -> Iterator[float | None]:
    """How long to wait before each next try, longer and longer; None for the last one, when the time is over."""
    end, pause = clock.now() + seconds, _FIRST_PAUSE
    while clock.now() < end:
        yield pause
        pause = min(pause * 1.5, _LONGEST_PAUSE)
    yield None


def _holds(live: Any, wanted: Any) -> bool:
    """Whether `live` has all of `wanted`; the API server may have added defaults to mappings."""
    if isinstance(wanted, dict):
        return isinstance(live, dict) and all(key in live and _holds(live[key], wanted[key]) for key in wanted)
    if isinstance(wanted, list):
        same = isinstance(live, list) and len(live) == len(wanted)
        return same and all(_holds(one, other) for one, other in zip(live, wanted, strict=True))
    return bool(live == wanted)


def _wait(kube: Kube, lab: LabFacts, number: int, clock: Clock) -> str | None:
    """Asks until the canary refuses under this number or a later one; what it said instead, or None."""
    silent, begun = 0, clock.now()
    for pause in _pauses(clock, PATIENCE):
        said = marker(kube, lab, "unsigned")
        if any(number_of(rule) >= number for rule in said.denials.get(NAME, {})):
            return None
        silent = silent + 1 if said.again and not said.denials else 0
        awaited = coming(said.message) and clock.now() < begun + COMING
        if pause is None or (silent >= 2 and not awaited):
            break
        clock.sleep(pause)
    return said.message or "it lets an unsigned sample in."


def _grow_old(kube: Kube, cluster: Cluster, clock: Clock, *, always: bool = False) -> None:
    """Waits until every policy is two seconds old by the server's clock, and with `always` in any case."""
    try:
        age = (kube.now() - _youngest(cluster)).total_seconds()
    except EnvironmentFault:
        age = 0.0
    if always or age <= _YOUNG:
        clock.sleep(_YOUNG)


def _youngest(cluster: Cluster) -> datetime:
    """When the newest change was made to a policy, its status left aside."""
    found = [datetime.fromtimestamp(0, UTC)]
    for kind in _KINDS:
        for one in cluster.all(kind):
            if name(one) != NAME:
                found += [
                    _time(entry) for entry in mappings(one, "metadata", "managedFields") if "subresource" not in entry
                ]
    return max(found)


def _time(entry: Json) -> datetime:
    try:
        found = datetime.fromisoformat(text(entry, "time"))
    except ValueError:
        found = datetime.fromtimestamp(0, UTC)
    return found if found.tzinfo else found.replace(tzinfo=UTC)
