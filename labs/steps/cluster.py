"""The cluster itself: made, adopted, or started again."""

from __future__ import annotations

from labs.cluster.interface import Condition
from labs.steps.context import Context


def make(context: Context) -> str:
    """Brings the cluster to running. What an interrupted bring-up left half made is made anew."""
    cluster = context.cluster
    condition = cluster.condition()
    if condition is Condition.RUNNING:
        return "adopted"
    if condition is Condition.STOPPED:
        cluster.start()
        return "started again"
    if condition is Condition.PARTIAL:
        cluster.delete()
    context.state.update(cluster=cluster.name)
    cluster.create()
    return cluster.image


def held(context: Context) -> bool:
    """Whether it runs and answers."""
    return context.cluster.condition() is Condition.RUNNING
