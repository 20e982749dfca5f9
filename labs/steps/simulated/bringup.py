"""All steps of `labs up` on the simulated cluster, in the order in which they are shown."""

from __future__ import annotations

from labs.steps import repository, trust
from labs.steps.bringup import step
from labs.steps.graph import Step
from labs.steps.simulated import charts, cluster, machine, platform, samples
from labs.steps.simulated.context import Context

STEPS: tuple[Step[Context], ...] = (
    step("host", "Git and tools", machine.check, holds=machine.held),
    step("cluster", "Simulated cluster", cluster.make, "host", holds=cluster.held),
    step("trust", "The lab's authority", trust.lay, holds=trust.held),
    step("repository", "Remote and clone", repository.lay, "trust", holds=repository.held),
    step("charts", "Helm charts", charts.make),
    step("images", "Images chosen", platform.choose),
    step("settings", "Sample images", samples.tell, "trust", "repository", "cluster", holds=samples.told),
    step("network", "Namespaces", platform.namespaces, "cluster", "trust", holds=platform.has_namespaces),
    step("argocd", "Argo CD", platform.argocd, "images", "network", holds=platform.has_argocd),
    step("crossplane", "Crossplane", platform.crossplane, "images", "network", holds=platform.has_crossplane),
    step("helpers", "The lab's helpers", platform.helpers, "network", holds=platform.has_helpers),
    step("samples", "Facts on the samples", samples.publish, "settings", "network", holds=samples.published),
    step("application", "Application", platform.application, "argocd", "settings", holds=platform.served),
)
