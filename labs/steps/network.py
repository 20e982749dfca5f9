"""Namespaces, and the cluster's DNS answer for the lab's registry."""

from __future__ import annotations

import json

from labs.errors import EnvironmentFault
from labs.platform import corefile, manifests
from labs.registry import manifests as registry
from labs.registry.samples import REGISTRY
from labs.steps import trust
from labs.steps.context import Context

_SERVICES = 90


def answers(context: Context) -> str:
    """Waits until the cluster's DNS knows the lab's names."""
    context.kubectl("names").rolled_out("kube-system", "deployment/coredns")
    return "the cluster's DNS answers"


def held(context: Context) -> bool:
    """Whether all namespaces are there, and the name of the registry; a learner may have removed one."""
    kubectl = context.kubectl("network")
    found = kubectl.run("get", "namespaces", "-o", "name").split()
    if not {f"namespace/{one['metadata']['name']}" for one in manifests.namespaces()}.issubset(found):
        return False
    names = kubectl.get("configmap", "coredns", "kube-system") or {}
    return f"{registry.ADDRESS} {REGISTRY}" in str(names.get("data"))


def make(context: Context) -> str:
    """Makes the namespaces, gives Crossplane the registry's authority, and has `cgr.dev` answered by the lab."""
    kubectl = context.kubectl("network")
    kubectl.apply(manifests.namespaces(), server_side=True)
    authority = trust.ca_file(context).read_text()
    kubectl.apply(
        [manifests.config_map(manifests.CA_CONFIG_MAP, manifests.CROSSPLANE, {manifests.CA_KEY: authority})],
        server_side=True,
    )
    found = kubectl.get("configmap", "coredns", "kube-system")
    try:
        changed = corefile.with_host(found["data"]["Corefile"], REGISTRY, registry.ADDRESS)
    except (TypeError, KeyError, ValueError) as error:
        raise EnvironmentFault(f"the cluster's DNS is not as kubeadm sets it up: {error}") from None
    if changed != found["data"]["Corefile"]:
        patch = json.dumps({"data": {"Corefile": changed}})
        kubectl.run("patch", "configmap", "coredns", "-n", "kube-system", "--type=merge", "-p", patch)
        kubectl.run("rollout", "restart", "deployment/coredns", "-n", "kube-system")
    # without it no Service of the cluster has an address; where the host is short of inotify it stops first
    kubectl.rolled_out("kube-system", "daemonset/kube-proxy", seconds=_SERVICES)
    return f"{REGISTRY} answers from {registry.ADDRESS}"
