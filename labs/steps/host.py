"""Before anything is made: is the engine there, and are the tools?"""

from __future__ import annotations

from labs.doctor import tools
from labs.doctor.finding import Level
from labs.errors import EnvironmentFault
from labs.steps.context import Context


def check(context: Context) -> str:
    """Asks the Docker Engine and looks for kind, helm and kubectl. Raises EnvironmentFault."""
    server = context.engine.info().get("ServerVersion", "?")
    for finding in tools.check():
        if finding.level is Level.BAD:
            raise EnvironmentFault(finding.message, advice=finding.fix)
    return f"Docker {server}"


def held(context: Context) -> bool:
    """Looks again, for an engine may have gone; what was found earlier does not make the rest anew."""
    return bool(check(context))
