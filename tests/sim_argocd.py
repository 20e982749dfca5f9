"""Argo CD in a simulated world: its Application, and a repository to push to."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from labs.platform import manifests
from tests.repositories import FOLDER, Clone
from tests.sim_world import World

GROUP = "argoproj.io"


class Lab:
    """A world with Argo CD, the lab's Application, and a repository to push to."""

    def __init__(self, folder: Path) -> None:
        self.clone = Clone(folder / "clone")
        self.write("welcome.yaml", welcome("nobody yet"))
        self.first = self.clone.commit()
        remote = str(self.clone.path / ".git")
        self.world = World(folder / "lab", {manifests.REMOTE_URL: remote})
        self.world.install("argo-cd", "argocd", "argocd")

    def follow(self, **changes: Any) -> None:
        """Makes the lab's Application, its spec changed."""
        value = manifests.application()
        value["spec"].update(changes)
        self.world.create(value)
        self.world.settle()

    def write(self, name: str, value: Any) -> None:
        """A file of the folder that Argo CD reads."""
        self.clone.write(f"{FOLDER}/{name}", value if isinstance(value, str) else yaml.safe_dump(value))

    def push(self) -> str:
        """Commits, and lets Argo CD see it."""
        commit = self.clone.commit()
        self.world.settle()
        return commit

    @property
    def application(self) -> Any:
        return self.world.get("applications", "platform", "argocd", GROUP)

    @property
    def state(self) -> tuple[str, str]:
        """Sync status and phase of the last operation."""
        status = self.application["status"]
        return status["sync"]["status"], (status.get("operationState") or {}).get("phase", "")

    @property
    def said(self) -> str:
        return str(self.application["status"]["operationState"]["message"])


def welcome(owner: str) -> Any:
    return {
        "apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "welcome", "namespace": "default"},
        "data": {"owner": owner},
    }  # fmt: skip


def owner(lab: Lab) -> str:
    return str(lab.world.get("configmaps", "welcome")["data"]["owner"])
