"""Contexts over repositories, for the checks of tasks 2, 5 and 6."""

from __future__ import annotations

from typing import Any

from grader import course
from grader.checks import policy_file, policy_valid, repository
from grader.checks.context import Context
from grader.evidence.model import Cluster, Evidence, Repository
from grader.evidence.repository import collect
from grader.outcome import Verdict
from tests.repositories import FOLDER, Clone

MODULE = course.read().module("01-chainguard-images")
CHECKS = {
    "policy.present": policy_file.present,
    "policy.valid": policy_valid.valid,
    "repository.path": repository.path,
    "repository.committed": repository.committed,
    "repository.pushed": repository.pushed,
}


def context(found: Repository | None, check: str = "policy.present", cluster: Cluster | None = None) -> Context:
    """The context of a check over a collected repository."""
    evidence = Evidence(MODULE.id, "repository", "2026-01-01T00:00:00Z", "0", "0", found, cluster)
    return Context.begin(evidence, MODULE.exercise, MODULE.exercise.check(check))


def verdict(check: str, clone: Clone, **options: Any) -> Verdict:
    """What a check says of a clone."""
    return CHECKS[check](context(collect(clone.path, folder=FOLDER, branch="main", **options), check))


def statuses(clone: Clone, **options: Any) -> dict[str, str]:
    """What does not pass, where each check is asked only after what it needs."""
    found = collect(clone.path, folder=FOLDER, branch="main", **options)
    base = context(found)
    told: dict[str, str] = {}
    for name, check in CHECKS.items():
        spec = MODULE.exercise.check(name)
        if any(need in told for need in spec.needs):
            told[name] = "blocked"
        elif (status := check(base.turn(spec)).status.value) != "passed":
            told[name] = status
    return told
