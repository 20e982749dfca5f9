"""The state that comes before a step: what the steps before it leave behind, as the course says."""

from __future__ import annotations

from dataclasses import dataclass, field

from grader.course import Module, Step
from grader.errors import CourseError, UsageError


@dataclass(frozen=True)
class Before:
    """What there is before a step. `files` are the course's, by their path in the repository."""

    kyverno: bool = False
    files: dict[str, bytes] = field(default_factory=dict)
    pushed: bool = False


def index_of(module: Module, step: str) -> int:
    """The place of a step, given by its name or its task's number. Raises UsageError naming those there are."""
    steps = module.exercise.steps
    for index, one in enumerate(steps):
        if step in (one.id, str(one.task)):
            return index
    known = ", ".join(f"{one.task} ({one.id})" for one in steps)
    raise UsageError(f"the module {module.id} has no such step", advice=f"Its steps: {known}.")


def before(module: Module, index: int) -> Before:
    """The state before the step at that place. Raises CourseError where a file of the course is missing."""
    steps = module.exercise.steps[:index]
    files = next((one.after.files for one in reversed(steps) if one.after.files), {})
    return Before(
        kyverno=any(one.after.installs == "kyverno" for one in steps),
        files={path: _read(module, source) for path, source in files.items()},
        pushed=any(one.after.pushed for one in steps),
    )


def keeps_files(module: Module, index: int) -> bool:
    """Whether going back to before a step leaves the learner's own files: the step wrote none, it only moved them."""
    step = module.exercise.steps[index]
    earlier = [one.after.files for one in module.exercise.steps[:index] if one.after.files]
    return bool(earlier) and (not step.after.files or _same_sources(step, earlier[-1]))


def _same_sources(step: Step, files: dict[str, str]) -> bool:
    return sorted(step.after.files.values()) == sorted(files.values())


def _read(module: Module, source: str) -> bytes:
    path = module.folder.parents[1] / source
    try:
        return path.read_bytes()
    except OSError as error:
        raise CourseError(f"cannot be read: {error.strerror}", where=str(path)) from None
