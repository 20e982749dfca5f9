"""The simulated cluster as a backend of labs, beside kind."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from labs.cluster.interface import Condition
from labs.cluster.simulated import process
from labs.cluster.simulated.place import Place
from labs.cluster.simulated.settings import Settings, read, save


@dataclass
class Simulated:
    """One lab's simulated cluster. `folder` is its own: everything in it goes with `delete`."""

    name: str
    kubeconfig: Path
    folder: Path
    backend = "simulated"

    @property
    def tools(self) -> Path:
        """Where the lab's kubectl and helm lie."""
        return self.folder / "bin"

    @property
    def log(self) -> Path:
        """What the server has to say."""
        return Place(self.folder).log

    def condition(self) -> Condition:
        """What there is of it; changes nothing."""
        if not Place(self.folder).record.exists():
            return Condition.ABSENT
        if process.running(self.folder) is None:
            return Condition.STOPPED
        return Condition.RUNNING if self.kubeconfig.exists() else Condition.PARTIAL

    def settings(self) -> Settings:
        """What it was told of images and remotes."""
        return read(Place(self.folder).settings)

    def configure(self, settings: Settings) -> None:
        """Tells it the registry's images and the remotes; a running server takes them at once."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        save(Place(self.folder).settings, settings)

    def create(self) -> None:
        """Starts it and writes the kubeconfig. Raises EnvironmentFault."""
        self.start()

    def start(self) -> None:
        """Starts it where it does not run, with all that is in it."""
        Place(self.folder).resting.unlink(missing_ok=True)
        process.start(self.folder, self.name, self.kubeconfig)

    def revive(self) -> None:
        """Starts it where it has died. One that was never made, or that was stopped on purpose, stays so."""
        place = Place(self.folder)
        if place.record.exists() and not place.resting.exists() and self.condition() is not Condition.RUNNING:
            self.start()

    def stop(self) -> None:
        """Ends its process; what is in it stays, and no command but `start` brings it back."""
        if self.folder.is_dir():
            Place(self.folder).resting.touch()
        process.stop(self.folder)

    def reset(self) -> None:
        """Forgets all objects; address, token and settings stay."""
        process.reset(self.folder, self.name, self.kubeconfig)

    def delete(self) -> None:
        """Ends it and removes its folder and the kubeconfig."""
        process.stop(self.folder)
        shutil.rmtree(self.folder, ignore_errors=True)
        self.kubeconfig.unlink(missing_ok=True)
