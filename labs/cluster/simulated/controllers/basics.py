"""What every cluster has: its namespaces, its node, and in each namespace the default account."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from labs.cluster.simulated.api.clock import stamp
from labs.cluster.simulated.api.store import Change
from labs.cluster.simulated.api.writing import with_metadata
from labs.cluster.simulated.controllers.client import CONFIG_MAP, NAMESPACE, NODE, SERVICE_ACCOUNT, Client

Object = dict[str, Any]

NODE_NAME = "simulated-control-plane"
_NAMESPACES = ("default", "kube-node-lease", "kube-public", "kube-system")


class Basics:
    """Puts the defaults back where they are missing. The key is a namespace, or empty for the whole."""

    def __init__(self, client: Client, authority: str) -> None:
        self.client = client
        self.authority = authority

    def concerns(self, change: Change) -> Iterable[str]:
        if change.key.kind == NAMESPACE:
            yield change.key.name
        elif change.type == "DELETED" and change.key.kind in (CONFIG_MAP, SERVICE_ACCOUNT):
            yield change.key.namespace

    def reconcile(self, key: str) -> None:
        if not key:
            self._whole()
            return
        found = self.client.get(NAMESPACE, "", key)
        if found and not found["metadata"].get("deletionTimestamp"):
            self.client.ensure(SERVICE_ACCOUNT, {"metadata": {"name": "default", "namespace": key}})
            root = {"name": "kube-root-ca.crt", "namespace": key}
            self.client.ensure(CONFIG_MAP, {"metadata": root, "data": {"ca.crt": self.authority}})

    def _whole(self) -> None:
        for name in _NAMESPACES:
            self.client.ensure(NAMESPACE, {"metadata": {"name": name}})
        if self.client.get(NODE, "", NODE_NAME) is None:
            made = self.client.create(NODE, _node())
            status = _node_status(stamp(self.client.cluster.clock))
            self.client.mark(NODE, {**with_metadata(made), "status": status})


def _node() -> Object:
    labels = {
        "kubernetes.io/hostname": NODE_NAME,
        "kubernetes.io/os": "linux",
        "node-role.kubernetes.io/control-plane": "",
    }
    return {"metadata": {"name": NODE_NAME, "labels": labels}, "spec": {"podCIDR": "10.244.0.0/24"}}


def _node_status(time: str) -> Object:
    words = {"osImage": "Simulated", "kernelVersion": "simulated", "containerRuntimeVersion": "simulated://0",
             "kubeletVersion": "v1.35.4+simulated", "kubeProxyVersion": "", "architecture": "simulated",
             "operatingSystem": "linux", "bootID": "", "machineID": "", "systemUUID": ""}  # fmt: skip
    ready = {"type": "Ready", "status": "True", "reason": "Simulated", "message": "no machine stands behind this node",
             "lastHeartbeatTime": time, "lastTransitionTime": time}  # fmt: skip
    addresses = [{"type": "InternalIP", "address": "127.0.0.1"}, {"type": "Hostname", "address": NODE_NAME}]
    capacity = {"cpu": "2", "memory": "4Gi", "pods": "110"}
    return {
        "nodeInfo": words,
        "conditions": [ready],
        "addresses": addresses,
        "capacity": capacity,
        "allocatable": capacity,
    }
