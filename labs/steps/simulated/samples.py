"""The samples of a lab without a registry: built in memory, and told to the cluster as a table.

The same lab gives the same bytes at any time, so nothing of them has to be kept.
"""

from __future__ import annotations

import io
import tarfile
from functools import lru_cache

from grader.kube import Kube, resource
from labs.cluster.simulated.settings import Settings
from labs.platform import manifests
from labs.registry import authority, build, table
from labs.registry.build import Built
from labs.registry.runtime import Runtime
from labs.steps import trust
from labs.steps.simulated.context import Context
from labs.steps.simulated.objects import apply
from labs.steps.work import Work

_PROGRAM = b"#!/bin/false\n# simulated: a sample of a lab whose Pods run nothing\n"


def tell(context: Context) -> str:
    """Tells the cluster what its registry holds and where its remote is. A running server takes it at once."""
    built = build_samples(context)
    remotes = {manifests.REMOTE_URL: str(context.folder.remote)}
    context.cluster.configure(Settings(images=table.images(built), remotes=remotes))
    return f"{len(built)} samples"


def told(context: Context) -> bool:
    """Whether the table is still there; a lab whose folder was moved has its remote elsewhere."""
    return context.cluster.settings().remotes.get(manifests.REMOTE_URL) == str(context.folder.remote)


def publish(context: Context) -> str:
    """Publishes what the grader and the text must know of the samples."""
    samples = build.lab_samples(build_samples(context))
    with context.api() as kube:
        apply(kube, manifests.facts(context.folder.name, context.cluster.backend, samples))
    return f"ConfigMap {manifests.NAMESPACE}"


def published(context: Context) -> bool:
    """Whether the facts are there."""
    with context.api() as kube:
        return _there(kube)


def _there(kube: Kube) -> bool:
    found = kube.list(resource("v1", "configmaps", manifests.NAMESPACE))
    return manifests.NAMESPACE in {one["metadata"]["name"] for one in found}


def build_samples(context: Work) -> tuple[Built, ...]:
    """Every sample of the lab."""
    return _built(trust.load(context).seed, str(context.folder.registry))


@lru_cache(maxsize=1)
def _built(seed: bytes, folder: str) -> tuple[Built, ...]:
    from pathlib import Path

    return build.build_all(authority.load_or_create(Path(folder) / "authority"), _runtime())


def _runtime() -> Runtime:
    """What stands for the program inside: a file that says that it is none."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        member = tarfile.TarInfo("pause")
        member.size, member.mode = len(_PROGRAM), 0o755
        archive.addfile(member, io.BytesIO(_PROGRAM))
    return Runtime((buffer.getvalue(),), version="simulated")
