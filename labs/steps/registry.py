"""The lab's registry and the samples in it."""

from __future__ import annotations

import io

from labs.errors import CommandFailed, EnvironmentFault
from labs.platform import manifests
from labs.registry import build, push, runtime
from labs.registry import manifests as registry
from labs.steps import present, trust
from labs.steps.context import Context

_PAUSE = "registry.k8s.io/pause"
_ANSWER = 30


def serve(context: Context) -> str:
    """Runs the registry, and waits until its published port answers."""
    kubectl = context.kubectl("registry")
    kubectl.apply(registry.registry(trust.load(context)), server_side=True)
    kubectl.rolled_out(manifests.NAMESPACE, f"deployment/{registry.NAME}")
    with _client(context) as client:
        if not _answers(context, client):
            raise EnvironmentFault(f"the lab's registry does not answer at {client.address}")
        return client.address


def served(context: Context) -> bool:
    """Whether the registry runs and answers."""
    if not present.running(context, "registry", manifests.NAMESPACE, f"deployment/{registry.NAME}"):
        return False
    with _client(context) as client:
        return _answers(context, client)


def _answers(context: Context, client: push.Registry) -> bool:
    for _ in range(_ANSWER):
        if client.answers():
            return True
        context.runner.pause(1)
    return False


def fill(context: Context) -> str:
    """Builds the samples, pushes them, and publishes what the grader must know of them."""
    built = build.build_all(trust.load(context), _runtime(context))
    with _client(context) as client:
        pushed = client.push(build.artifacts(built))
    samples = build.lab_samples(built)
    facts = manifests.facts(context.folder.name, context.cluster.backend, samples)
    context.kubectl("samples").apply([facts], server_side=True)
    return f"{len(built)} samples, {pushed.uploaded} parts pushed, {pushed.present} there already"


def filled(context: Context) -> bool:
    """Whether the facts that `fill` writes last are there."""
    return context.kubectl("samples").get("configmap", manifests.NAMESPACE, manifests.NAMESPACE) is not None


def _client(context: Context) -> push.Registry:
    return push.Registry(f"127.0.0.1:{context.port('registry')}", ca=trust.ca_file(context))


def _runtime(context: Context) -> runtime.Runtime:
    """The pause program of the node: every node has its image, so the samples need nothing else."""
    name = _pause(context)
    export = ["docker", "exec", context.cluster.node, "ctr", "-n", "k8s.io", "images", "export", "-", name]
    saved = context.runner.run_bytes(export, log="samples")
    return runtime.read(io.BytesIO(saved), "pause", name.rpartition(":")[2])


def _pause(context: Context) -> str:
    listing = ["docker", "exec", context.cluster.node, "ctr", "-n", "k8s.io", "images", "ls", "-q"]
    try:
        names = context.runner.run(listing, log="samples").stdout.split()
    except CommandFailed as failed:
        raise EnvironmentFault(f"the node's images cannot be listed: {failed.message}") from None
    found = next((name for name in names if name.startswith(f"{_PAUSE}:")), None)
    if found is None:
        raise EnvironmentFault(f"the node has no image {_PAUSE}")
    return found
