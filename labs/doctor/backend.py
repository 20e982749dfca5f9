"""What a lab's cluster can be made of here: `kind`, or `simulated` where that cannot be."""

from __future__ import annotations

from dataclasses import dataclass

from labs.docker import Engine
from labs.doctor import engine, tools
from labs.doctor.finding import Level

KIND, SIMULATED = "kind", "simulated"


@dataclass(frozen=True, slots=True)
class Choice:
    """A backend, and why it is this one."""

    backend: str
    reason: str


def choose(docker: Engine) -> Choice:
    """`kind` where Docker answers with enough memory and all tools are there, else `simulated`."""
    for findings in (engine.check(docker), tools.check()):
        for finding in findings:
            if finding.level is Level.BAD:
                return Choice(SIMULATED, finding.message)
    return Choice(KIND, "Docker answers, and all tools are there")
