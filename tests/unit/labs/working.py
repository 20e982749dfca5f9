"""A lab's context over programs and an engine that answer from data."""

from __future__ import annotations

from pathlib import Path

from grader import course
from labs.cluster.kind import Kind
from labs.overrides import Overrides
from labs.state import Folder, State
from labs.steps.context import Context
from tests.unit.labs.fakes import Answer, FakeEngine, FakeRunner


def context(
    folder: Path, engine: FakeEngine | None = None, overrides: Overrides | None = None, **answers: Answer
) -> Context:
    """A context in `folder`; keys of `answers` stand for parts of command lines, `_` for a space."""
    place = Folder(folder / "mine", "mine")
    place.make()
    runner = FakeRunner(place.root, {part.replace("_", " "): answer for part, answer in answers.items()})
    used = engine or FakeEngine()
    kind = Kind("platform-labs-mine", place.kubeconfig, place.logs, runner, used, [], [], mark="/srv/mark")
    said: list[str] = []
    return Context(
        place, State.load(place.state), overrides or Overrides(), course.read(), runner, used, kind, folder, said.append
    )


def runner_of(made: Context) -> FakeRunner:
    """The context's runner, as the fake that it is."""
    assert isinstance(made.runner, FakeRunner)
    return made.runner
