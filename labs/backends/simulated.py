"""A lab on a simulated cluster: Python and Git alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from grader import course
from labs import state
from labs.backends.base import Backend
from labs.cluster.simulated.backend import Simulated
from labs.steps.graph import Step
from labs.steps.simulated import bringup
from labs.steps.simulated import cluster as steps
from labs.steps.simulated.context import Context
from labs.steps.work import Work

FOLDER = "simulated"
"""The part of a lab's folder that the cluster keeps everything in."""


class OnSimulated(Backend):
    """A lab with a process of its own in place of a node."""

    @property
    def path(self) -> tuple[Path, ...]:
        return (self.cluster.tools,)

    @property
    def facts(self) -> dict[str, str]:
        return {
            "argocd": "simulated: no web interface",
            "registry": "simulated: labs image reads the samples without one",
        }

    @property
    def steps(self) -> Sequence[Step[Any]]:
        return bringup.STEPS

    @property
    def cluster(self) -> Simulated:
        return Simulated(self.folder.name, self.folder.kubeconfig, self.folder.root / FOLDER)

    def context(self, say: Callable[[str], None]) -> Context:
        cache = state.home() / "cache" / "charts"
        return Context(self.folder, self.state, self.overrides, course.read(), self.runner, self.cluster, cache, say)

    def prepare(self) -> None:
        self.folder.remotes.mkdir(parents=True, exist_ok=True)

    def awake(self, work: Work) -> bool:
        return isinstance(work, Context) and steps.held(work)

    def revive(self) -> None:
        self.cluster.revive()

    def variables(self) -> dict[str, str]:
        return {}
