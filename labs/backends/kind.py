"""A lab on a real cluster, made by kind in Docker."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from hashlib import sha256
from typing import Any

from grader import course
from labs import state
from labs.backends.base import Backend
from labs.cluster.interface import Mount, Port
from labs.cluster.kind import NODE_IMAGE, Kind
from labs.platform import manifests
from labs.platform.helm import Helm
from labs.registry import manifests as registry
from labs.registry.node import ON_NODE
from labs.steps import bringup, record
from labs.steps import cluster as steps
from labs.steps.context import Context
from labs.steps.graph import Step
from labs.steps.work import Work

PORTS = {"registry": registry.NODE_PORT, "argocd": manifests.ARGOCD_NODE_PORT}


class OnKind(Backend):
    """A lab with a node of its own."""

    @property
    def facts(self) -> dict[str, str]:
        ports = self.state.get("ports") or {}
        return {
            "argocd": f"http://127.0.0.1:{ports.get('argocd')}",
            "registry": f"https://127.0.0.1:{ports.get('registry')}",
        }

    @property
    def steps(self) -> Sequence[Step[Any]]:
        return bringup.STEPS

    @property
    def cluster_name(self) -> str:
        """The name that kind knows the cluster by."""
        return f"platform-labs-{self.folder.name}"

    @property
    def cluster(self) -> Kind:
        ports = self.state.get("ports") or {}
        return Kind(
            name=self.cluster_name,
            kubeconfig=self.folder.kubeconfig,
            work=self.folder.logs,
            runner=self.runner,
            engine=self.engine,
            mounts=self._mounts(),
            ports=[Port(name, int(ports.get(name, 0)), node) for name, node in PORTS.items()],
            image=self.overrides.node_image or NODE_IMAGE,
            patches=self.overrides.kind_patches,
            mark=self.mark,
        )

    def context(self, say: Callable[[str], None]) -> Context:
        cache = state.home() / "cache" / "charts"
        read = course.read()
        return Context(
            self.folder, self.state, self.overrides, read, self.runner, self.engine, self.cluster, cache, say
        )

    def prepare(self) -> None:
        record.ports(self.state, self.engine, f"{self.cluster_name}-control-plane", PORTS)
        for mount in self._mounts():
            mount.host.mkdir(parents=True, exist_ok=True)

    def awake(self, work: Work) -> bool:
        return isinstance(work, Context) and steps.held(work)

    def revive(self) -> None:
        """Nothing: a node that was stopped waits for `labs start`."""

    def variables(self) -> dict[str, str]:
        return Helm(self.runner, self.folder.helm, self.folder.kubeconfig).environment()

    def _mounts(self) -> list[Mount]:
        return [
            Mount(self.folder.remotes, manifests.REMOTES_ON_NODE),
            Mount(self.folder.tuf, manifests.TUF_ON_NODE),
            Mount(self.folder.trusted_hosts, ON_NODE),
            Mount(self.folder.trusted_hosts, self.mark),
        ]

    @property
    def mark(self) -> str:
        """A path in the node that only a lab in this very folder has."""
        return f"{manifests.MARKS_ON_NODE}/{sha256(str(self.folder.root.resolve()).encode()).hexdigest()[:16]}"
