"""Task 7, the end: Crossplane itself installs a signed provider, and is refused an unsigned one.

Crossplane 1.15 copies what its last try said of a package's newest revision into the condition
Healthy of the Provider (internal/controller/pkg/manager/reconciler.go), and tries again after at
most a minute. Where a policy refuses Pods only, the refusal stands in the condition ReplicaFailure
of the provider's Deployment.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from grader.checks.commands import command
from grader.checks.context import Context
from grader.checks.in_force import own_names
from grader.checks.live import seen_cluster
from grader.checks.objects import condition, items, mapping, name, number, text
from grader.errors import EnvironmentFault
from grader.evidence import lab
from grader.evidence.answers import told
from grader.evidence.faults import fault
from grader.evidence.model import Cluster
from grader.outcome import Status, Verdict
from grader.text import one_line, quoted

KIND = "providers.pkg.crossplane.io"
EXPECTED = (
    "Crossplane has a Provider whose package is the signed sample, and it is Healthy; "
    "and one whose package is the unsigned sample, which your policy keeps out."
)
_WHY = "A dry run is a question; a provider that Crossplane could not install is the policy at work."
_AGAIN = "Crossplane tries again within a minute. Grade again with `--wait 2m`."


def provider(context: Context) -> Verdict:
    """`enforcement.provider`: the signed sample's Provider is Healthy, the unsigned one's is refused by the policy.

    Any name of the Providers counts, and a package by tag or by digest. Raises EnvironmentFault where Crossplane
    has not come to an end with what the learner asked of it.
    """
    cluster = seen_cluster(context, "Provider", "Deployment")
    if "Provider" in cluster.not_served:
        raise EnvironmentFault("the cluster has no Crossplane: it serves no Provider", advice="labs up")
    facts = lab.read(cluster)
    if facts is None:
        raise EnvironmentFault("the cluster does not say which sample images it has", advice="labs up")
    signed = _installing(cluster, facts, "signed", "signed-2")
    unsigned = _installing(cluster, facts, "unsigned")
    own = own_names(context)
    wrong = _runs_unsigned(unsigned) or _lacks(signed, unsigned)
    wrong = wrong or _unhealthy(signed) or _not_refused(unsigned, own)
    return wrong or _passed(signed, unsigned, own)


@dataclass(frozen=True, slots=True)
class _Provider:
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
        """Policies kept it out, all of them among `own`, and by what they saw: a fault of the network is no refusal."""
        reasons = [reason for rules in self.denials.values() for reason in rules.values()]
        return bool(reasons) and own.issuperset(self.denials) and not any(fault(reason) for reason in reasons)

    @property
    def says(self) -> str:
        """What Crossplane says of it, or that it says nothing."""
        for kind in ("Installed", "Healthy"):
            found = condition(self.value, kind)
            if found and text(found, "status") != "True":
                said = one_line(text(found, "message"), 500)
                return f"{kind} is {one_line(text(found, 'status'), 20)}" + (f": {said}" if said else "")
        return "Crossplane has not said anything of it yet"


def _installing(cluster: Cluster, facts: lab.LabFacts, *names: str) -> list[_Provider]:
    """The Providers whose package is one of the named samples, by name; those that are being deleted left out."""
    samples = [facts.samples[one] for one in names if one in facts.samples]
    if not samples:
        raise EnvironmentFault(f"this lab has no sample image {quoted(names[0])}", where=lab.WHERE, advice="labs up")
    found = [
        _Provider(one, _deployments(cluster, text(one, "status", "currentRevision")))
        for one in cluster.all("Provider")
        if any(_is_sample(text(one, "spec", "package"), sample) for sample in samples)
        and not text(one, "metadata", "deletionTimestamp")
    ]
    return sorted(found, key=lambda one: one.name)


def _is_sample(package: str, sample: lab.Sample) -> bool:
    """Whether a package's reference, by tag, by digest or by both, stands for the sample."""
    both = f"{sample.reference('tag')}@{sample.digest}"
    return package in (sample.reference("tag"), sample.reference("digest"), both)


def _deployments(cluster: Cluster, revision: str) -> tuple[Any, ...]:
    """The Deployments that a ProviderRevision owns, whatever a runtime configuration calls them."""
    return tuple(
        one
        for one in cluster.all("Deployment")
        for by in items(one, "metadata", "ownerReferences")
        if revision and text(by, "kind") == "ProviderRevision" and text(by, "name") == revision
    )


def _runs_unsigned(unsigned: list[_Provider]) -> Verdict | None:
    """An unsigned provider runs: it came before the policy, or while no policy looked.

    Raises EnvironmentFault for what goes by itself.
    """
    running = next((one for one in unsigned if one.runs), None)
    if running is None:
        return None
    if running.leftover:
        message = f"what an earlier Provider {quoted(running.name)} left behind is still being removed"
        raise EnvironmentFault(message, where=running.where, advice=_AGAIN)
    return _failed(
        f"The Provider {quoted(running.name)} runs the unsigned sample. It was let in while your policy was not in "
        "force: admission looks at what comes, not at what is there. Delete it, and create it again.",
        command("kubectl", "delete", KIND, running.name),
        running.where,
    )


def _lacks(signed: list[_Provider], unsigned: list[_Provider]) -> Verdict | None:
    wanted = [kind for kind, found in (("signed", signed), ("unsigned", unsigned)) if not found]
    if not wanted:
        return None
    seen = " and ".join(f"no Provider whose package is the {kind} sample" for kind in wanted)
    return _failed(f"There is {seen}. The end of step 7 makes both.", command("kubectl", "get", KIND))


def _unhealthy(signed: list[_Provider]) -> Verdict | None:
    """No signed Provider is Healthy. Raises EnvironmentFault: the policy admits it, so the rest is Crossplane's."""
    if any(one.healthy for one in signed):
        return None
    first = signed[0]
    if first.held_back:
        return _held_back(first)
    if first.denials:
        policies = _listed(first.denials)
        message = f"the Provider {quoted(first.name)} was refused by {policies} when Crossplane last tried"
    else:
        message = f"the Provider {quoted(first.name)} is not Healthy yet. {first.says}"
    raise EnvironmentFault(message, where=first.where, advice=_AGAIN)


def _not_refused(unsigned: list[_Provider], own: frozenset[str]) -> Verdict | None:
    """No unsigned Provider was kept out by the learner's policies and no others. Raises EnvironmentFault."""
    if any(one.refused_by(own) for one in unsigned):
        return None
    first = unsigned[0]
    if first.held_back:
        return _held_back(first)
    others = _listed(set(first.denials) - own)
    if others:
        message = f"when Crossplane last tried, the Provider {quoted(first.name)} was refused by {others}, not by yours"
    else:
        message = f"Crossplane does not say that your policy refused the Provider {quoted(first.name)}. {first.says}"
    raise EnvironmentFault(message, where=first.where, advice=_AGAIN)


def _held_back(found: _Provider) -> Verdict:
    seen = f"Crossplane does not install the Provider {quoted(found.name)}: {found.held_back}."
    return _failed(seen, command("kubectl", "get", KIND, found.name, "-o", "yaml"), found.where)


def _passed(signed: list[_Provider], unsigned: list[_Provider], own: frozenset[str]) -> Verdict:
    healthy = next(one for one in signed if one.healthy)
    refused = next(one for one in unsigned if one.refused_by(own))
    seen = f"The Provider {quoted(healthy.name)} is Healthy; the Provider {quoted(refused.name)} was refused by "
    return Verdict(Status.PASSED, expected=EXPECTED, seen=f"{seen}{_listed(refused.denials)}.", where=refused.where)


def _failed(seen: str, shown: str, where: str | None = None) -> Verdict:
    return Verdict(Status.FAILED, expected=EXPECTED, seen=seen, why=_WHY, next=shown, where=where)


def _listed(policies: Iterable[str]) -> str:
    return ", ".join(quoted(policy) for policy in sorted(policies))
