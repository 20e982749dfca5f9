"""What the steps of a bring-up share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from grader.course import Course
from labs.cluster.kind import Kind
from labs.cluster.kubectl import Kubectl
from labs.command import Runner
from labs.docker import Engine
from labs.overrides import Overrides
from labs.platform.helm import Helm
from labs.state import Folder, State


@dataclass(frozen=True)
class Context:
    """One lab at work: its folder and state, and the tools to act with.

    `cache` holds fetched charts and is shared by all labs. `say` shows a line that is no step's own.
    """

    folder: Folder
    state: State
    overrides: Overrides
    course: Course
    runner: Runner
    engine: Engine
    cluster: Kind
    cache: Path
    say: Callable[[str], None] = field(default=lambda _: None)

    def kubectl(self, step: str) -> Kubectl:
        """kubectl that logs under the step's name."""
        return Kubectl(self.runner, self.folder.kubeconfig, step)

    def helm(self, step: str) -> Helm:
        """helm that logs under the step's name."""
        return Helm(self.runner, self.folder.helm, self.folder.kubeconfig, step)

    def port(self, name: str) -> int:
        """The loopback port published under that name."""
        ports: dict[str, Any] = self.state.get("ports") or {}
        return int(ports[name])

    def chart(self, name: str) -> Path:
        """The packaged chart of that name, as the step `charts` found it."""
        charts: dict[str, Any] = self.state.get("charts") or {}
        return Path(charts[name]["file"])
