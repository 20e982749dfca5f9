"""All steps of `labs up` on kind, in the order in which they are shown."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TypeVar

from labs.errors import LabsError
from labs.steps import charts, cluster, host, images, network, platform, registry, repository, trust
from labs.steps.causes import explained
from labs.steps.context import Context
from labs.steps.graph import Step

C = TypeVar("C")


def _told(name: str, run: Callable[[C], str]) -> Callable[[C], str]:
    """The step's action, its failures told with cause and fix."""

    @wraps(run)
    def call(context: C) -> str:
        try:
            return run(context)
        except LabsError as error:
            raise explained(name, error) from None

    return call


def step(
    name: str, title: str, run: Callable[[C], str], *needs: str, holds: Callable[[C], bool] = lambda _: True
) -> Step[C]:
    """A step of a bring-up that tells its failures with cause and fix."""
    return Step(name, title, _told(name, run), needs, holds)


STEPS: tuple[Step[Context], ...] = (
    step("host", "Docker and tools", host.check, holds=host.held),
    step("trust", "The lab's authority", trust.make, holds=trust.held),
    step("repository", "Remote and clone", repository.make, "trust", holds=repository.held),
    step("cluster", "Cluster", cluster.make, "host", "repository", holds=cluster.held),
    step("choice", "Images chosen", images.choose, "host"),
    step("charts", "Helm charts", charts.fetch, "host", holds=charts.held),
    step("images", "Images found", images.pull, "choice", "charts", "repository", holds=images.pulled),
    step("network", "Namespaces and DNS", network.make, "cluster", holds=network.held),
    step("names", "Names answered", network.answers, "network"),
    step("load", "Platform's images", images.load_platform, "cluster", "images", holds=images.platform_loaded),
    step("registry", "Registry", registry.serve, "load", "network", holds=registry.served),
    step("argocd", "Argo CD", platform.argocd, "load", "network", holds=platform.has_argocd),
    step("crossplane", "Crossplane", platform.crossplane, "load", "network", holds=platform.has_crossplane),
    step("git", "Remote inside", platform.git, "load", "network", "repository", holds=platform.has_git),
    step("samples", "Sample images", registry.fill, "registry", holds=registry.filled),
    step("kyverno", "Kyverno's images", images.load_kyverno, "load", holds=images.kyverno_loaded),
    step("application", "Application", platform.application, "argocd", "git", holds=platform.served),
)
