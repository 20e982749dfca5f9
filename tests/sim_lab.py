"""A lab on a simulated cluster in the test's own process: Argo CD, Crossplane, samples and a learner's clone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from grader import course
from labs.cluster.simulated.api.ask import ADMINISTRATOR, Ask
from labs.cluster.simulated.api.cluster import Cluster
from labs.cluster.simulated.api.patches import merge
from labs.cluster.simulated.api.schema import copied
from labs.cluster.simulated.charts.install import CHARTS
from labs.cluster.simulated.charts.parts import Release
from labs.cluster.simulated.settings import Settings, save
from labs.platform import manifests
from labs.registry.samples import SAMPLES
from labs.registry.table import signatures
from tests.repositories import Clone
from tests.sim_server import Served, served
from tests.sim_world import TRUST, pod

COURSE = course.read()
MODULE = COURSE.module("01-chainguard-images")
DIGEST = "sha256:" + "5" * 64
TAG = "v1.2.3"
NAMES = {
    one.name: f"cgr.dev/chainguard/{'provider' if one.provider else 'image'}-{one.name.replace('-', '')}"
    for one in SAMPLES
}
REGISTRY = {
    f"{NAMES[one.name]}:{TAG}": {"digest": DIGEST, "signatures": [asdict(made) for made in signatures(one)]}
    for one in SAMPLES
}
PUBLISHED = {name: {"image": image, "tag": TAG, "digest": DIGEST, "signature": "x"} for name, image in NAMES.items()}


@dataclass
class Places:
    """Where the parts of a lab are; stands for the lab as well."""

    clone: Path
    remote: Path
    kubeconfig: Path

    @property
    def folder(self) -> Places:
        return self


class Lab:
    """A simulated lab with everything but Kyverno, and the learner's clone."""

    def __init__(self, server: Served, folder: Path, clone: Clone, remote: Path) -> None:
        self.server, self.folder, self.clone, self.remote = server, folder, clone, remote

    def create(self, *values: Any) -> None:
        """Creates objects, found by their apiVersion and kind."""

        def act(cluster: Cluster) -> None:
            for value in values:
                resource = cluster.catalogue.of_kind(value["apiVersion"], value["kind"])
                assert resource is not None, value["kind"]
                namespace = value["metadata"].get("namespace", "default")
                cluster.create(resource, namespace, copied(value), Ask(ADMINISTRATOR, "test"))

        self.server.call(act)

    def install(self, chart: str, namespace: str, values: Any = None) -> None:
        """Everything that a chart makes."""
        self.create(*CHARTS[chart][0](Release(chart, namespace, values or {})))

    def change(self, plural: str, group: str, namespace: str, name: str, patch: Any) -> None:
        """A merge patch by a person."""

        def act(cluster: Cluster) -> None:
            resource = cluster.kind(group, plural)
            assert resource is not None, plural
            cluster.patch(resource, namespace, name, lambda old: merge(old, patch), Ask(ADMINISTRATOR, "kubectl-edit"))

        self.server.call(act)

    def push(self, overlay: Path) -> None:
        """Lays an overlay over the clone, commits and pushes."""
        self.clone.lay(overlay)
        self.clone.commit()
        self.clone.push()
        self.clone.publish(self.remote)

    def kyverno(self) -> None:
        """Kyverno as the course's text installs it, with the lab's trust."""
        self.create(manifests.namespace("kyverno"))
        self.install("kyverno", "kyverno", TRUST)

    def providers(self, *samples: str) -> None:
        """A Provider of each sample."""
        self.create(*(provider(sample) for sample in samples))


def provider(sample: str) -> dict[str, Any]:
    """A Provider of a sample."""
    spec = {"package": f"{NAMES[sample]}:{TAG}"}
    return {
        "apiVersion": "pkg.crossplane.io/v1", "kind": "Provider", "metadata": {"name": f"trial-{sample}"}, "spec": spec
    }  # fmt: skip


@contextmanager
def sim_lab(folder: Path) -> Iterator[Lab]:
    """A lab in which the learner has done nothing yet, for as long as the block runs."""
    clone, remote = Clone(folder / "clone"), folder / "platform.git"
    with served(folder / "served", {manifests.REMOTE_URL: str(remote)}) as server:
        save(server.place.settings, Settings(images=REGISTRY, remotes={manifests.REMOTE_URL: str(remote)}))
        made = Lab(server, folder, clone, remote)
        made.push(COURSE.platform)
        made.create(*manifests.namespaces())
        made.create(
            manifests.facts("test", "simulated", PUBLISHED), pod("busybox", "crossplane-system", "crossplane-0")
        )
        made.install("argo-cd", "argocd")
        made.install("crossplane", "crossplane-system")
        made.create(manifests.application())
        yield made
