"""What the demonstrations know of a lab: its cluster and repository as they are, and the policies in force."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from grader.checks.context import Context
from grader.checks.drift import difference
from grader.checks.in_force import own_names
from grader.checks.objects import name
from grader.collect import Source, read_repository
from grader.course import Course, Module
from grader.errors import EnvironmentFault, LabsError
from grader.evidence import cluster as clusters
from grader.evidence import lab as labs
from grader.evidence.lab import LabFacts
from grader.evidence.model import Cluster, Evidence
from grader.kube import Kube, connect
from grader.kyverno import oracle
from grader.kyverno.review import PolicyReview
from grader.manifest import Document
from grader.outcome import Profile
from labs.lab import Lab
from labs.platform.images import Choice

CANARY = "platform-labs-canary"
_LIVE = "ClusterPolicy/"
_NEEDED = frozenset(("namespace", "images", "subject", "issuer"))


def module_of(course: Course) -> Module:
    """The module whose exercise is about signatures of images. Raises EnvironmentFault where there is none."""
    for module in course.modules:
        if module.written and module.exercise.parameters.keys() >= _NEEDED:
            return module
    raise EnvironmentFault("this course has no exercise on signed images, so there is nothing to demonstrate")


@dataclass(frozen=True)
class World:
    """One look at a lab. `choices` are where its images were taken from, `charts` (part to version) what named them."""

    module: Module
    kube: Kube
    source: Source
    choices: tuple[Choice, ...] = ()
    charts: Mapping[str, str] = field(default_factory=dict)

    def parameter(self, key: str) -> str:
        """What the exercise asks for."""
        return str(self.module.exercise.parameters[key])

    @cached_property
    def cluster(self) -> Cluster:
        """The cluster's objects. Raises EnvironmentFault."""
        return clusters.collect(self.kube)

    @cached_property
    def facts(self) -> LabFacts:
        """What the lab says of itself. Raises EnvironmentFault where it says nothing."""
        found = labs.read(self.cluster)
        if found is None:
            raise EnvironmentFault("the cluster does not say which sample images it has", advice="labs up")
        return found

    @cached_property
    def context(self) -> Context:
        """Repository and cluster as checks are given them; without the repository where it cannot be read."""
        exercise = self.module.exercise
        try:
            read = read_repository(exercise, self.source)
        except LabsError:
            read = None
        evidence = Evidence(self.module.id, Profile.CLUSTER.value, "", "", "", repository=read, cluster=self.cluster)
        return Context.begin(evidence, exercise, exercise.checks[0])

    @cached_property
    def own(self) -> frozenset[str]:
        """The names of the learner's policies."""
        return own_names(self.context)

    @cached_property
    def policies(self) -> tuple[PolicyReview, ...]:
        """The ClusterPolicies in force but the grader's own, each read from its file where the file says the same."""
        live = [one for one in self.cluster.all("ClusterPolicy") if name(one) != CANARY]
        return tuple(oracle.review([self._document(one) for one in live]))

    def _document(self, live: Any) -> Document:
        for one in self.context.candidates:
            if one.name == name(live) and difference(one.document, live) is None:
                return one.document
        return Document(live, f"{_LIVE}{name(live)}")


def of_a_file(policy: Document) -> bool:
    """Whether a policy in force was read from a file of the clone, so that its lines are known."""
    return not policy.name.startswith(_LIVE)


@contextmanager
def looked_at(lab: Lab, module: Module) -> Iterator[World]:
    """A world for as long as the block runs. Nothing is asked before it is needed."""
    images, charts = lab.state.get("images") or {}, lab.state.get("charts") or {}
    with connect(lab.folder.kubeconfig) as kube:
        yield World(
            module,
            kube,
            Source(lab.folder.clone, remote=str(lab.folder.remote)),
            tuple(Choice.from_json(one) for one in images.values()),
            {part: str(one.get("version", "")) for part, one in charts.items()},
        )
