"""What every kind of lab offers to `labs.lab`."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from labs.cluster.interface import Cluster
from labs.command import Runner
from labs.docker import Engine
from labs.overrides import Overrides
from labs.state import Folder, State
from labs.steps.graph import Step
from labs.steps.work import Work


@dataclass(frozen=True)
class Backend(ABC):
    """One lab, as far as its kind of cluster matters. `engine` is asked by a real one alone."""

    folder: Folder
    state: State
    overrides: Overrides
    runner: Runner
    engine: Engine

    @property
    def path(self) -> tuple[Path, ...]:
        """Folders of the lab's own programs, for the front of PATH."""
        return ()

    @property
    def facts(self) -> dict[str, str]:
        """What `labs status` says of addresses, by what is reached there."""
        return {}

    @property
    @abstractmethod
    def steps(self) -> Sequence[Step[Any]]:
        """The bring-up."""

    @property
    @abstractmethod
    def cluster(self) -> Cluster:
        """The cluster."""

    @abstractmethod
    def context(self, say: Callable[[str], None]) -> Work:
        """What the steps work with."""

    @abstractmethod
    def prepare(self) -> None:
        """Before the first step: what has to be written down, and folders that must be there."""

    @abstractmethod
    def awake(self, work: Work) -> bool:
        """Starts a stopped cluster, and says whether it is whole."""

    @abstractmethod
    def revive(self) -> None:
        """Brings back what has died by itself. Raises EnvironmentFault."""

    @abstractmethod
    def variables(self) -> dict[str, str]:
        """What the lab's shell knows beside the session's own variables."""
