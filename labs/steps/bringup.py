"""All steps of `labs up`, in the order in which they are shown."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from labs.errors import LabsError
from labs.steps import charts, cluster, host, images, network, platform, registry, repository, trust
from labs.steps.causes import explained
from labs.steps.context import Context
from labs.steps.graph import Step

Run = Callable[[Context], str]


def _told(name: str, run: Run) -> Run:
    """The step's action, its failures told with cause and fix."""

    @wraps(run)
    def call(context: Context) -> str:
        try:
            return run(context)
        except LabsError as error:
            raise explained(name, error) from None

    return call


def _step(
    name: str, title: str, run: Run, *needs: str, holds: Callable[[Context], bool] = lambda _: True
) -> Step[Context]:
    return Step(name, title, _told(name, run), needs, holds)


STEPS: tuple[Step[Context], ...] = (
    _step("host", "Docker and tools", host.check, holds=host.held),
    _step("trust", "The lab's authority", trust.make, holds=trust.held),
    _step("repository", "Remote and clone", repository.make, "trust", holds=repository.held),
    _step("cluster", "Cluster", cluster.make, "host", "repository", holds=cluster.held),
    _step("choice", "Images chosen", images.choose, "host"),
    _step("charts", "Helm charts", charts.fetch, "host", holds=charts.held),
    _step("images", "Images found", images.pull, "choice", "charts", "repository", holds=images.pulled),
    _step("network", "Namespaces and DNS", network.make, "cluster", holds=network.held),
    _step("load", "Platform's images", images.load_platform, "cluster", "images", holds=images.platform_loaded),
    _step("registry", "Registry", registry.serve, "load", "network", holds=registry.served),
    _step("argocd", "Argo CD", platform.argocd, "load", "network", holds=platform.has_argocd),
    _step("crossplane", "Crossplane", platform.crossplane, "load", "network", holds=platform.has_crossplane),
    _step("git", "Remote inside", platform.git, "load", "network", "repository", holds=platform.has_git),
    _step("samples", "Sample images", registry.fill, "registry", holds=registry.filled),
    _step("kyverno", "Kyverno's images", images.load_kyverno, "load", holds=images.kyverno_loaded),
    _step("application", "Application", platform.application, "argocd", "git", holds=platform.served),
)
