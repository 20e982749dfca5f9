"""What a lab's steps and commands work with, whatever the lab's cluster is made of."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from grader.course import Course
from labs.cluster.interface import Cluster
from labs.cluster.kubectl import Kubectl
from labs.command import Runner
from labs.overrides import Overrides
from labs.platform.helm import Helm
from labs.state import Folder, State


class Work(Protocol):
    """One lab at work. `labs.steps.context.Context` (kind) and `labs.steps.simulated.context.Context` are such."""

    @property
    def folder(self) -> Folder:
        """Where everything of the lab lies."""

    @property
    def state(self) -> State:
        """What is known about the lab."""

    @property
    def overrides(self) -> Overrides:
        """What the lab takes from elsewhere."""

    @property
    def course(self) -> Course:
        """The course that is taught."""

    @property
    def runner(self) -> Runner:
        """Runs programs."""

    @property
    def cluster(self) -> Cluster:
        """The lab's cluster."""

    @property
    def cache(self) -> Path:
        """Fetched charts, shared by all labs."""

    @property
    def say(self) -> Callable[[str], None]:
        """Shows a line that is no step's own."""

    def kubectl(self, step: str) -> Kubectl:
        """kubectl that logs under the step's name."""

    def helm(self, step: str) -> Helm:
        """helm that logs under the step's name."""

    def chart(self, name: str) -> Path:
        """The packaged chart of that name."""
