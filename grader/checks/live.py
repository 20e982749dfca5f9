"""The learner's policies as the cluster holds them, and what must be known before they are judged."""

from __future__ import annotations

from typing import Any

from grader.checks.candidates import Candidate
from grader.checks.context import Context
from grader.checks.objects import name
from grader.errors import EnvironmentFault
from grader.evidence.model import Cluster
from grader.text import one_line


def seen_cluster(context: Context, *kinds: str) -> Cluster:
    """The cluster's evidence. Raises EnvironmentFault where there is none or a kind could not be read."""
    cluster = context.cluster
    if cluster is None:
        raise EnvironmentFault("no cluster was read", advice="Give one: --kubeconfig FILE, and grade again.")
    for kind in kinds:
        if kind in cluster.unreadable:
            said = one_line(cluster.unreadable[kind], 300)
            raise EnvironmentFault(f"{kind} objects could not be read: {said}", where=kind)
    return cluster


def committed(context: Context) -> tuple[Candidate, ...]:
    """The ClusterPolicies of the graded commit that Argo CD would apply, or the likeliest alone."""
    tree = context.submission.commit
    deployed = tuple(found for found in tree.candidates if tree.deploys(found.file))
    return deployed or tree.candidates[:1]


def own_names(context: Context) -> frozenset[str]:
    """The names of all ClusterPolicies among the learner's files."""
    found = (*context.candidates, *context.submission.commit.candidates)
    return frozenset(one.name for one in found if one.name)


def live(context: Context, policy: Candidate) -> Any | None:
    """The live ClusterPolicy of a file's policy, or None."""
    cluster = context.cluster
    return cluster.get("ClusterPolicy", policy.name) if cluster and policy.name else None


def live_own(context: Context) -> dict[str, Any]:
    """The learner's live ClusterPolicies, by name."""
    cluster = context.cluster
    names = own_names(context)
    return {name(found): found for found in (cluster.all("ClusterPolicy") if cluster else ()) if name(found) in names}
