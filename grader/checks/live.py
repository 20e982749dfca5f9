"""What must be known of the cluster before it is judged."""

from __future__ import annotations

from grader.checks.context import Context
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
