"""The real backend: a cluster of one node made by kind, under a name of the lab's own.

kind is told the whole configuration at creation, for it cannot add mounts or ports later
(kind.sigs.k8s.io/docs/user/configuration).
"""

from __future__ import annotations

import socket
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from labs.cluster.interface import Condition, Mount, Port
from labs.cluster.kubectl import Kubectl
from labs.command import Runner
from labs.docker import Container, Engine
from labs.errors import CommandFailed, EnvironmentFault

NODE_IMAGE = "kindest/node:v1.35.0"
_TAKEN = "already exist for a cluster with the name"
_CREATE = 600
_ANSWER = 90


def free_port() -> int:
    """A loopback port that nothing listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def is_free(port: int) -> bool:
    """Whether the loopback port can be bound."""
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


@dataclass
class Kind:
    """One lab's kind cluster. `work` is a folder for kind's configuration and exported logs.

    `mark` is a path in the node that no other lab's node has: it tells the lab's node from another
    one of the same name. Paths of the host do not serve: an engine in a virtual machine shows its own.
    """

    name: str
    kubeconfig: Path
    work: Path
    runner: Runner
    engine: Engine
    mounts: Sequence[Mount]
    ports: Sequence[Port]
    image: str = NODE_IMAGE
    patches: Sequence[str] = field(default=())
    mark: str = ""
    backend = "kind"

    @property
    def node(self) -> str:
        """The name of the node and of its container."""
        return f"{self.name}-control-plane"

    @property
    def kubectl(self) -> Kubectl:
        return Kubectl(self.runner, self.kubeconfig)

    def configuration(self) -> dict[str, Any]:
        """What kind is told: one node, its mounts, and its ports on the loopback address."""
        node = {
            "role": "control-plane",
            "image": self.image,
            "extraMounts": [
                {"hostPath": str(mount.host), "containerPath": mount.node, "readOnly": mount.read_only}
                for mount in self.mounts
            ],
            "extraPortMappings": [
                {"containerPort": port.node, "hostPort": port.host, "listenAddress": "127.0.0.1", "protocol": "TCP"}
                for port in self.ports
            ],
        }
        return {
            "kind": "Cluster",
            "apiVersion": "kind.x-k8s.io/v1alpha4",
            "name": self.name,
            "networking": {"apiServerAddress": "127.0.0.1"},
            "kubeadmConfigPatches": list(self.patches),
            "nodes": [node],
        }

    def condition(self) -> Condition:
        """What there is of it; changes nothing. Raises EnvironmentFault where the name is another's."""
        found = self.engine.container(self.node)
        if found is None:
            return Condition.ABSENT
        self._check_ours(found)
        if not self._has_kubeconfig():
            return Condition.RUNNING if found.running and self._finished() else Condition.PARTIAL
        if not found.running:
            return Condition.STOPPED
        return Condition.RUNNING if self._ready() else Condition.SILENT

    def create(self) -> None:
        """Makes the cluster. On failure kind's logs are kept and the rest is removed."""
        self.work.mkdir(parents=True, exist_ok=True)
        file = self.work / "kind.yaml"
        file.write_text(yaml.safe_dump(self.configuration(), sort_keys=False))
        self._drop_stale_lock()
        self.kubeconfig.unlink(missing_ok=True)
        try:
            self._make(file)
        except CommandFailed:
            self._export_logs()
            self.delete()
            raise
        self.kubeconfig.chmod(0o600)

    def _make(self, file: Path) -> None:
        """Runs `kind create cluster`; a node that an interrupted one had ordered may come up only now, and goes."""
        for last in (False, True):
            try:
                self._kind("create", "cluster", "--name", self.name, "--config", file, "--retain", timeout=_CREATE)
            except CommandFailed as error:
                if last or _TAKEN not in error.output:
                    raise
                self.delete()
            else:
                return

    def start(self) -> None:
        """Starts the stopped node and waits until its API answers."""
        self.engine.start(self.node)
        self.wait()

    def stop(self) -> None:
        """Stops the node; what is in the cluster stays."""
        self.engine.stop(self.node)

    def wait(self, seconds: float = _ANSWER) -> None:
        """Waits until the API server says that it is ready."""
        until = time.monotonic() + seconds
        while not self._ready():
            if time.monotonic() >= until:
                raise EnvironmentFault(
                    f"the cluster's API does not answer after {seconds:.0f} s",
                    advice=f"docker logs {self.node} shows the node; labs down and labs up make it anew.",
                )
            self.runner.pause(1)

    def delete(self) -> None:
        """Removes the node's container and the kubeconfig."""
        found = self.engine.container(self.node)
        if found is not None:
            self._check_ours(found)
            self.engine.remove(self.node)
        self._drop_stale_lock()
        self.kubeconfig.unlink(missing_ok=True)

    def ensure_kubeconfig(self) -> None:
        """Writes the kubeconfig from the running node where there is none."""
        if not self._has_kubeconfig():
            self._drop_stale_lock()
            self._kind("export", "kubeconfig", "--name", self.name, timeout=30)
            self.kubeconfig.chmod(0o600)

    def sees(self, file: Path, on_node: str) -> bool:
        """Whether the node sees a host's file at that path. It does not once its folder was replaced."""
        try:
            shown = self._in_node("cat", on_node)
        except CommandFailed as failed:
            return "No such file" not in failed.output
        return shown == file.read_text()

    def _in_node(self, *command: str) -> str:
        return self.runner.run(["docker", "exec", self.node, *command], log="cluster", timeout=20, quiet=True).stdout

    def _kind(self, *arguments: str | Path, timeout: float) -> str:
        where = ("--kubeconfig", self.kubeconfig)
        return self.runner.run(["kind", *arguments, *where], log="cluster", timeout=timeout).stderr

    def _check_ours(self, found: Container) -> None:
        if self.mark not in found.mounts:
            raise EnvironmentFault(
                f"a container {self.node} exists that this lab did not make",
                advice=f"Choose another name for the lab, or remove it: kind delete cluster --name {self.name}",
            )

    def _has_kubeconfig(self) -> bool:
        """Whether kind came to its end: it writes the kubeconfig last (kind's create.go)."""
        return self.kubeconfig.exists() and self.kubeconfig.stat().st_size > 0

    def _finished(self) -> bool:
        """Whether kind's last act in the node, the storage class, is done (kind's create.go)."""
        look = ("kubectl", "--kubeconfig=/etc/kubernetes/admin.conf", "get", "storageclass", "standard")
        try:
            self._in_node(*look, "--request-timeout=5s")
            return True
        except CommandFailed:
            return False

    def _ready(self) -> bool:
        try:
            self.kubectl.run("get", "--raw", "/readyz", "--request-timeout=3s", timeout=8)
            return True
        except CommandFailed:
            return False

    def _export_logs(self) -> None:
        """Keeps the node's own logs; one that cannot be read is no second fault."""
        try:
            self._kind("export", "logs", self.work / "node-logs", "--name", self.name, timeout=60)
        except EnvironmentFault:
            return

    def _drop_stale_lock(self) -> None:
        """client-go leaves `<kubeconfig>.lock` for ever when it is killed."""
        self.kubeconfig.with_name(self.kubeconfig.name + ".lock").unlink(missing_ok=True)
