"""What can go wrong with a lab, told to a person.

EnvironmentFault (grader.errors; exit 3)
├── DockerFault        the Docker Engine does not answer, or refuses
├── CommandFailed      a program that a lab uses ended badly; its output is in a log
├── StepFailed         a step of the bring-up failed: cause, fix and log are named
├── NoLab              there is no lab of that name, or not in the state that is needed
└── Busy               another session works on the same lab
LabsError
└── Interrupted        stopped by the person (exit 130)
"""

from __future__ import annotations

from pathlib import Path

from grader.errors import EnvironmentFault, InputError, LabsError
from grader.text import clean, one_line

__all__ = [
    "Busy",
    "CommandFailed",
    "DockerFault",
    "EnvironmentFault",
    "InputError",
    "Interrupted",
    "LabsError",
    "NoLab",
    "StepFailed",
]

_TAIL = 64 << 10
_LINE = 300


class DockerFault(EnvironmentFault):
    """The Docker Engine does not answer or refuses what it is asked."""


class NoLab(EnvironmentFault):
    """There is no lab of that name, or it lacks what is asked of it."""


class Busy(EnvironmentFault):
    """Another session holds the lab's lock."""


class Interrupted(LabsError):
    """Stopped by the person; the same command goes on, if `advice` says nothing else."""

    exit_code = 130

    def __init__(self, message: str = "Interrupted.", advice: str = "The same command goes on from here.") -> None:
        super().__init__(message, advice=advice)


class CommandFailed(EnvironmentFault):
    """A program ended with another code than 0, or took too long (`code` is None).

    `output` is what it printed, cleaned and bounded to its end; `log` holds all of it.
    """

    def __init__(self, program: str, code: int | None, output: str, log: Path | None = None) -> None:
        self.program = program
        self.code = code
        self.output = clean(output[-_TAIL:].strip(), _TAIL)
        self.log = log
        ended = "took too long and was stopped" if code is None else f"ended with code {code}"
        told = _telling_line(self.output)
        message = f"{program} {ended}" + (f": {told}" if told else "")
        super().__init__(message, advice=f"Its log: {log}" if log else None)


def _telling_line(output: str) -> str:
    """The last line that calls itself an error, else the last one."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    errors = [line for line in lines if line.lower().startswith("error")]
    return one_line((errors or lines or [""])[-1], _LINE)


class StepFailed(EnvironmentFault):
    """A step of the bring-up failed. `cause` in words, `fix` what to do, `log` where to look."""

    def __init__(self, step: str, cause: str, fix: str, log: Path | None = None) -> None:
        self.step = step
        self.cause = cause
        self.fix = fix
        self.log = log
        lines = [fix, f"Log: {log}" if log else "", "The same command goes on from this step."]
        super().__init__(cause, where=f"step {step}", advice="\n".join(line for line in lines if line))
