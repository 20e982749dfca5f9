"""What a step's commands want to be there first: a file that the learner writes, or a change in one that was given.

All of it is in the course's data: `after.files` of the steps, and the exercise's parameter `starter`.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from hashlib import sha1
from pathlib import Path

from grader.course import Module
from labs.learning import files


def wanted(module: Module, folder: Path, commands: Sequence[str]) -> Iterator[str]:
    """A sentence for each file that the commands name or commit, and that nobody wrote or changed in the clone yet."""
    words = {word for command in commands for word in _words(command)}
    there = {Path(file).name for file in files.of(folder)}
    places: dict[str, int] = {}
    for step in module.exercise.steps:
        for name in step.after.files:
            places.setdefault(name, step.task)
    for name, task in places.items():
        if name in words and Path(name).name not in there:
            yield f"{name} is not there yet. Step {task} has you write it: w on a block of the text, or e."
    if any(_words(command)[:2] == ["git", "commit"] for command in commands):
        for name, blob in dict(module.exercise.parameters.get("starter") or {}).items():
            if _blob(folder / name) == blob:
                yield f"{Path(name).name} is still as it came. Change it first: e opens it."


def _words(command: str) -> list[str]:
    try:
        return shlex.split(command)
    except ValueError:
        return []


def _blob(file: Path) -> str:
    """Git's name of what a file holds, or an empty text where it cannot be read."""
    try:
        content = file.read_bytes()
    except OSError:
        return ""
    return sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()
