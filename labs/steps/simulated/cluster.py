"""The simulated cluster itself: started, or revived with all that is in it."""

from __future__ import annotations

from labs.cluster.interface import Condition
from labs.steps.simulated.context import Context


def make(context: Context) -> str:
    """Starts the server where none lives."""
    context.state.update(cluster=context.cluster.name)
    context.cluster.create()
    return "simulated"


def held(context: Context) -> bool:
    """Whether there is one; one that was stopped or has died is started with all that is in it."""
    condition = context.cluster.condition()
    if condition is Condition.ABSENT:
        return False
    if condition is not Condition.RUNNING:
        context.say("starting the stopped cluster")
    context.cluster.start()
    return True
