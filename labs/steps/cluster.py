"""The cluster itself: made, adopted, or started again."""

from __future__ import annotations

from labs.cluster.interface import Condition
from labs.registry.node import AUTHORITY, ON_NODE
from labs.steps.context import Context


def make(context: Context) -> str:
    """Brings the cluster to running. What an interrupted bring-up left half made is made anew."""
    cluster = context.cluster
    if held(context):
        return "adopted"
    cluster.delete()
    context.state.update(cluster=cluster.name)
    cluster.create()
    return cluster.image


def held(context: Context) -> bool:
    """Whether there is a whole cluster, running. One that is stopped is started: what is in it stays as it was."""
    cluster = context.cluster
    condition = cluster.condition()
    if condition in (Condition.ABSENT, Condition.PARTIAL):
        return False
    if condition is Condition.STOPPED:
        context.say("starting the stopped cluster")
        cluster.start()
    elif condition is Condition.SILENT:
        context.say("waiting for the cluster's API")
        cluster.wait()
    cluster.ensure_kubeconfig()
    if cluster.sees(context.folder.trusted_hosts / AUTHORITY, f"{ON_NODE}/{AUTHORITY}"):
        return True
    context.say("the cluster does not see the lab's folder any more, for it was replaced: it is made anew")
    return False
