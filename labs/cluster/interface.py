"""What every cluster backend offers: `kind` (real) and `simulated`."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Protocol


class Condition(StrEnum):
    """The state of a lab's cluster."""

    ABSENT = "absent"
    PARTIAL = "partial"  # its making was cut short
    STOPPED = "stopped"
    SILENT = "not answering"  # it is whole and its node runs, but not (yet) its API
    RUNNING = "running"


@dataclass(frozen=True, slots=True)
class Mount:
    """A folder of the host as the node sees it."""

    host: Path
    node: str
    read_only: bool = True


@dataclass(frozen=True, slots=True)
class Port:
    """A loopback port of the host that leads to a port of the node."""

    name: str
    host: int
    node: int


class Cluster(Protocol):
    """One lab's cluster. `backend` is `kind` or `simulated`."""

    backend: str
    name: str
    kubeconfig: Path

    def condition(self) -> Condition:
        """What there is of it, by a look that changes nothing and takes no longer than seconds."""
        ...

    def create(self) -> None:
        """Makes the cluster and writes the kubeconfig. Raises EnvironmentFault with the cause."""
        ...

    def start(self) -> None:
        """Starts a stopped cluster and waits until its API answers."""
        ...

    def stop(self) -> None:
        """Stops the cluster; what is in it stays."""
        ...

    def delete(self) -> None:
        """Removes the cluster and all that belongs to it; nothing to remove is no fault."""
        ...
