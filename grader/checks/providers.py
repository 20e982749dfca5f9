"""Crossplane's Providers as the cluster holds them: which installs a sample, and how it stands.

Crossplane 1.15 copies what its last try said of a package's newest revision into the condition
Healthy of the Provider (internal/controller/pkg/manager/reconciler.go). Where a policy refuses Pods
only, the refusal stands in the condition ReplicaFailure of the provider's Deployment.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from grader.checks.objects import condition, items, mapping, name, number, text
from grader.errors import EnvironmentFault
from grader.evidence import lab
from grader.evidence.answers import strangers, told
from grader.evidence.faults import fault
from grader.evidence.model import Cluster
from grader.text import one_line, quoted

_MOST = 100
"""Providers of one sample that are looked at: a learner makes one, and evidence may come from anybody."""


@dataclass(frozen=True, slots=True)
class Provider:
    """A Provider and the Deployments of its present revision."""

    value: Any
    deployments: tuple[Any, ...]

    @property
    def name(self) -> str:
        return one_line(name(self.value), 253)

    @property
    def where(self) -> str:
        return f"Provider/{self.name}"

    @property
    def healthy(self) -> bool:
        """Crossplane runs what the Provider asks for."""
        asked = text(self.value, "spec", "package")
        current = text(self.value, "status", "currentIdentifier") == asked
        return current and text(condition(self.value, "Healthy"), "status") == "True"

    @property
    def runs(self) -> bool:
        """Something of it was let in."""
        replicas = (number(one, "status", "availableReplicas") for one in self.deployments)
        return bool(self.deployments) and (self.healthy or any(count > 0 for count in replicas))

    @property
    def leftover(self) -> bool:
        """Its Deployments are those of an earlier Provider of the same name, and still have to go."""
        made = text(self.value, "metadata", "creationTimestamp")
        return any(text(one, "metadata", "creationTimestamp") < made for one in self.deployments)

    @property
    def held_back(self) -> str:
        """Which of its own fields keeps Crossplane from installing it, or an empty string."""
        if mapping(self.value, "metadata", "annotations").get("crossplane.io/paused") == "true":
            return "its annotation crossplane.io/paused is true"
        manual = text(self.value, "spec", "revisionActivationPolicy") == "Manual"
        waits = text(condition(self.value, "Installed"), "reason") == "InactivePackageRevision"
        return "its revisionActivationPolicy is Manual, and nobody made the revision active" if manual and waits else ""

    @property
    def denials(self) -> Mapping[str, Mapping[str, str]]:
        """Policy → rule → reason of what kept it out, by Crossplane's words or its Deployment's."""
        failures = [condition(one, "ReplicaFailure") for one in self.deployments]
        for found in (condition(self.value, "Healthy"), *failures):
            if denials := told(text(found, "message")):
                return denials
        return {}

    def refused_by(self, own: frozenset[str]) -> bool:
        """Policies kept it out, all of them among `own`, and by what they saw: a fault of the network is no refusal.

        What is held back says nothing new: its condition may be of an earlier policy.
        """
        reasons = [reason for rules in self.denials.values() for reason in rules.values()]
        if not reasons or self.held_back or strangers(self.denials, own):
            return False
        return not any(fault(reason) for reason in reasons)

    @property
    def says(self) -> str:
        """What Crossplane says of it, or that it says nothing."""
        for kind in ("Installed", "Healthy"):
            found = condition(self.value, kind)
            if found and text(found, "status") != "True":
                said = one_line(text(found, "message"), 500)
                return f"{kind} is {one_line(text(found, 'status'), 20)}" + (f": {said}" if said else "")
        return "Crossplane has not said anything of it yet"


def installing(cluster: Cluster, facts: lab.LabFacts, *names: str) -> list[Provider]:
    """The Providers whose package is one of the named samples, by name; those that are being deleted left out."""
    samples = [facts.samples[one] for one in names if one in facts.samples]
    if not samples:
        raise EnvironmentFault(f"this lab has no sample image {quoted(names[0])}", where=lab.WHERE, advice="labs up")
    owned = _owned(cluster)
    found = [
        Provider(one, tuple(owned.get(text(one, "status", "currentRevision"), ())))
        for one in cluster.all("Provider")
        if any(_is_sample(text(one, "spec", "package"), sample) for sample in samples)
        and not text(one, "metadata", "deletionTimestamp")
    ]
    return sorted(found, key=lambda one: one.name)[:_MOST]


def _is_sample(package: str, sample: lab.Sample) -> bool:
    """Whether a package's reference, by tag, by digest or by both, stands for the sample."""
    both = f"{sample.reference('tag')}@{sample.digest}"
    return package in (sample.reference("tag"), sample.reference("digest"), both)


def _owned(cluster: Cluster) -> dict[str, list[Any]]:
    """The Deployments by the ProviderRevision that owns them, whatever a runtime configuration calls them."""
    found: dict[str, list[Any]] = {}
    for one in cluster.all("Deployment"):
        for owner in items(one, "metadata", "ownerReferences")[:10]:
            if text(owner, "kind") == "ProviderRevision" and text(owner, "name"):
                found.setdefault(text(owner, "name"), []).append(one)
    return found
