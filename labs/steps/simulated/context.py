"""What the steps of a simulated lab share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from grader.course import Course
from grader.kube import Kube, connect
from labs.cluster.kubectl import Kubectl
from labs.cluster.simulated.backend import Simulated
from labs.command import Runner
from labs.overrides import Overrides
from labs.platform.helm import Helm
from labs.state import Folder, State


@dataclass(frozen=True)
class Context:
    """One simulated lab at work; `runner` finds the lab's own kubectl and helm first."""

    folder: Folder
    state: State
    overrides: Overrides
    course: Course
    runner: Runner
    cluster: Simulated
    cache: Path
    say: Callable[[str], None] = field(default=lambda _: None)

    @contextmanager
    def api(self) -> Iterator[Kube]:
        """The cluster's API, without a program in between."""
        with connect(self.folder.kubeconfig) as kube:
            yield kube

    def kubectl(self, step: str) -> Kubectl:
        """kubectl that logs under the step's name."""
        return Kubectl(self.runner, self.folder.kubeconfig, step)

    def helm(self, step: str) -> Helm:
        """The small helm; it logs under the step's name."""
        return Helm(self.runner, self.folder.helm, self.folder.kubeconfig, step)

    def chart(self, name: str) -> Path:
        """What stands for the packaged chart of that name (see `labs.steps.simulated.charts`)."""
        return Path(self.state.get("charts")[name]["file"])
