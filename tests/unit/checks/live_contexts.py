"""Contexts over a whole world whose cluster can be changed, for the checks of tasks 1, 3, 4 and 7."""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from grader.checks import CHECKS
from grader.checks.context import Context
from grader.course import Module
from grader.evidence.model import Cluster, Evidence, ProbeAnswer
from grader.outcome import Verdict
from tests import worlds
from tests.worlds import MODULE

GOOD = worlds.evidence(MODULE.solutions[0])
Object = dict[str, Any]


def cluster_of(evidence: Evidence) -> Cluster:
    """The evidence's cluster."""
    assert evidence.cluster is not None
    return evidence.cluster


def with_objects(kind: str, objects: Sequence[Any], evidence: Evidence = GOOD, **more: Any) -> Evidence:
    """The evidence with other objects of one kind; `more` are fields of the cluster."""
    cluster = cluster_of(evidence)
    kinds = {**cluster.objects, kind: tuple(objects)}
    return replace(evidence, cluster=replace(cluster, objects=kinds, **more))


def changed(kind: str, change: Callable[[Any], object], evidence: Evidence = GOOD) -> Evidence:
    """The evidence with its first object of a kind changed in place."""
    first, *others = copy.deepcopy(cluster_of(evidence).all(kind))
    change(first)
    return with_objects(kind, [first, *others], evidence)


def answering(change: Callable[[ProbeAnswer], ProbeAnswer], *probes: str, evidence: Evidence = GOOD) -> Evidence:
    """The evidence with some probes answered otherwise; without names, all."""
    answers = [change(one) if not probes or one.probe in probes else one for one in evidence.probes]
    return replace(evidence, probes=tuple(answers))


def context(evidence: Evidence, check: str, module: Module = MODULE) -> Context:
    """The context of one check."""
    return Context.begin(evidence, module.exercise, module.exercise.check(check))


def verdict(evidence: Evidence, check: str, module: Module = MODULE) -> Verdict:
    """What one check says, whatever it needs."""
    return CHECKS[check](context(evidence, check, module))
