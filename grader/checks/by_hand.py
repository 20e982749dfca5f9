"""Policies that are in the cluster and that Argo CD did not put there."""

from __future__ import annotations

from typing import Any

from grader.checks.application import TRACKING
from grader.checks.context import Context
from grader.checks.objects import items, mapping, name
from grader.evidence.canary_policy import NAME as CANARY
from grader.text import quoted

_APPLIED = (
    "The cluster already has this ClusterPolicy, and Argo CD did not put it there: under GitOps the push alone is to "
    "bring it in."
)


def policy(context: Context, wanted: str) -> tuple[str, ...]:
    """A note where the policy of that name was applied by hand."""
    live = context.cluster.get("ClusterPolicy", wanted) if context.cluster and wanted else None
    return (_APPLIED,) if live and not _tracked(live) else ()


def any_policy(context: Context) -> tuple[str, ...]:
    """A note on a policy that verifies images and was applied by hand, where there is no file of one."""
    found = context.cluster.all("ClusterPolicy") if context.cluster else ()
    names = [name(one) for one in found if _verifies(one) and not _tracked(one) and name(one) != CANARY]
    if not names:
        return ()
    return (
        f"The cluster already has the ClusterPolicy {quoted(names[0])}, and Argo CD did not put it there: under GitOps "
        "only a file that is pushed counts.",
    )


def _tracked(live: Any) -> bool:
    return TRACKING in mapping(live, "metadata", "annotations")


def _verifies(live: Any) -> bool:
    return any("verifyImages" in mapping(rule) for rule in items(live, "spec", "rules"))
