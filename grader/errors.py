"""What can go wrong, told to a person.

LabsError                 base: a message, where it is, what to do about it
├── UsageError            wrong options or arguments (exit 2)
├── InputError            what was handed in cannot be read (exit 2)
│   ├── CourseError       a course's own files are wrong
│   └── ManifestError     YAML that Kubernetes would not read
└── EnvironmentFault      machine, network or cluster: could not tell (exit 3)

The exit codes are those of `grader`: 0 all passed, 1 something failed or is blocked,
2 wrong usage or input, 3 could not tell.
"""

from __future__ import annotations


class LabsError(Exception):
    """A fault with a message for people.

    `message` says what is wrong, `where` names a file:line or an object, `advice` the next
    thing to do. None of them may hold text that did not pass `grader.text.clean`.
    """

    exit_code = 1

    def __init__(self, message: str, *, where: str | None = None, advice: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.where = where
        self.advice = advice

    def __str__(self) -> str:
        return f"{self.where}: {self.message}" if self.where else self.message

    def diagnostics(self) -> str:
        """The message and, on a line of its own, what to do."""
        return f"{self}\n{self.advice}" if self.advice else str(self)


class UsageError(LabsError):
    """Options or arguments that do not fit together."""

    exit_code = 2


class InputError(LabsError):
    """Something handed in cannot be read: a repository, a file, a kubeconfig."""

    exit_code = 2


class CourseError(InputError):
    """A course's own files are wrong; the course's author has to mend them."""


class ManifestError(InputError):
    """YAML or JSON that Kubernetes would refuse to read, or that passes a bound."""

    def __init__(self, message: str, *, line: int, column: int, name: str = "", advice: str | None = None) -> None:
        super().__init__(message, where=f"{name}:{line}:{column}" if name else f"{line}:{column}", advice=advice)
        self.line = line
        self.column = column


class EnvironmentFault(LabsError):
    """The machine, the network or the cluster: never the learner's fault."""

    exit_code = 3
