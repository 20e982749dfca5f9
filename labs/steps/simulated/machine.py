"""The machine: Git for the learner, and the programs of the lab's shell."""

from __future__ import annotations

from labs.cluster.simulated import tools as own
from labs.doctor import tools
from labs.doctor.finding import Level
from labs.errors import EnvironmentFault
from labs.steps.simulated.context import Context


def check(context: Context) -> str:
    """Looks for Git, and writes the lab's kubectl and helm. Raises EnvironmentFault."""
    finding = tools.look("git")
    if finding.level is Level.BAD:
        raise EnvironmentFault(finding.message, advice=finding.fix)
    own.install(context.cluster.tools, context.cluster)
    return finding.message


def held(context: Context) -> bool:
    """Looks again: Git may have gone, and the programs name this very installation."""
    return bool(check(context))
