"""The simulated cluster as a backend of labs, beside kind."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from labs.cluster.interface import Condition
from labs.cluster.simulated import process
from labs.cluster.simulated.place import Place
from labs.cluster.simulated.settings import Settings, save


@dataclass
class Simulated:
    """One lab's simulated cluster. `folder` is its own: everything in it goes with `delete`."""

    name: str
    kubeconfig: Path
    folder: Path
    backend = "simulated"

    def condition(self) -> Condition:
        """What there is of it; changes nothing."""
        if not Place(self.folder).record.exists():
            return Condition.ABSENT
        if process.running(self.folder) is None:
            return Condition.STOPPED
        return Condition.RUNNING if self.kubeconfig.exists() else Condition.PARTIAL

    def configure(self, settings: Settings) -> None:
        """Tells it the registry's images and the remotes; a running server takes them at once."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        save(Place(self.folder).settings, settings)

    def create(self) -> None:
        """Starts it and writes the kubeconfig. Raises EnvironmentFault."""
        process.start(self.folder, self.name, self.kubeconfig)

    def start(self) -> None:
        """Revives it where it does not run: any command may call this first."""
        process.start(self.folder, self.name, self.kubeconfig)

    def stop(self) -> None:
        """Ends its process; what is in it stays."""
        process.stop(self.folder)

    def reset(self) -> None:
        """Forgets all objects; address, token and settings stay."""
        process.reset(self.folder, self.name, self.kubeconfig)

    def delete(self) -> None:
        """Ends it and removes its folder and the kubeconfig."""
        process.stop(self.folder)
        shutil.rmtree(self.folder, ignore_errors=True)
        self.kubeconfig.unlink(missing_ok=True)
