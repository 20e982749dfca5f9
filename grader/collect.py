"""Collecting: everything that one grading looks at, read from the repository and the cluster."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import grader
from grader.checks.context import Context
from grader.checks.in_force import own_names
from grader.checks.objects import dig, name
from grader.course import Course, Exercise, Module
from grader.errors import EnvironmentFault
from grader.evidence import canary, cluster, lab, probes, repository
from grader.evidence.canary import Clock
from grader.evidence.lab import LabFacts
from grader.evidence.model import Canary, Cluster, Evidence, Json, Repository
from grader.kube import Kube, resource
from grader.outcome import Profile


@dataclass(frozen=True, slots=True)
class Source:
    """Where a submission is. `remote` is a path or an address that the caller vouches for."""

    path: Path
    revision: str | None = None
    remote: str | None = None


def collect(course: Course, module: Module, source: Source, kube: Kube | None) -> Evidence:
    """The evidence of one grading; with `kube` of the whole path, without of the repository alone.

    Raises InputError for a repository that cannot be read, EnvironmentFault for a cluster that
    does not answer. A single part that cannot be read is told in the evidence.
    """
    exercise = module.exercise
    found = read_repository(exercise, source)
    evidence = Evidence(
        module=module.id,
        profile=(Profile.CLUSTER if kube else Profile.REPOSITORY).value,
        collected_at=datetime.now(UTC).isoformat(timespec="seconds"),
        grader=grader.__version__,
        course=course.digest,
        repository=found,
    )
    return with_cluster(evidence, exercise, kube) if kube else evidence


def read_repository(exercise: Exercise, source: Source) -> Repository:
    """The learner's repository, with the branch and folder that the exercise is about."""
    parameters = exercise.parameters
    return repository.collect(
        source.path,
        revision=source.revision,
        remote=source.remote,
        branch=str(parameters.get("branch", "main")),
        folder=str(parameters.get("folder", "")),
    )


def with_cluster(evidence: Evidence, exercise: Exercise, kube: Kube) -> Evidence:
    """The evidence with the cluster's objects, and the answers to the exercise's probes."""
    return with_answers(replace(evidence, cluster=cluster.collect(kube)), exercise, kube)


def with_answers(evidence: Evidence, exercise: Exercise, kube: Kube, clock: Clock | None = None) -> Evidence:
    """The evidence with the answers to the exercise's probes, put to the cluster that was read.

    A policy counts as probed where its spec is still the one that was read when the last answer is in.
    """
    seen = evidence.cluster
    if seen is None or not exercise.probes or not worth_asking(evidence, exercise):
        return evidence
    try:
        facts = lab.read(seen)
    except EnvironmentFault as fault:
        return replace(evidence, canary=Canary(None, "missing-lab", str(fault)))
    if facts is None:
        return replace(evidence, canary=canary.ask(kube, None))
    return _probed(evidence, exercise, kube, facts, clock)


def worth_asking(evidence: Evidence, exercise: Exercise) -> bool:
    """Whether a policy of the learner's is live: without one, every answer would say the same."""
    context = Context.begin(evidence, exercise, exercise.checks[0])
    live = {name(found) for found in evidence.cluster.all("ClusterPolicy")} if evidence.cluster else set()
    return bool(live & own_names(context))


def _probed(evidence: Evidence, exercise: Exercise, kube: Kube, facts: LabFacts, clock: Clock | None) -> Evidence:
    seen = evidence.cluster
    if seen is None:
        return evidence
    settled = canary.settle(kube, facts, seen, exercise.parameters, clock)
    notes = (*evidence.notes, *((settled.note,) if settled.note else ()))
    if not settled.ok:
        problem = Canary(False, "webhook", settled.note or "Kyverno did not take in the policies in time.")
        return replace(evidence, canary=problem, notes=notes)
    answered = canary.ask(kube, facts, clock)
    asked = [spec for spec in exercise.probes if spec.sample in facts.samples]
    answers = probes.run(kube, asked, facts) if answered.ok else ()
    probed = {policy: settled.versions[policy] for policy in _steady(kube, seen) if policy in settled.versions}
    return replace(evidence, canary=answered, probes=answers, probed_versions=probed, notes=notes)


def _steady(kube: Kube, before: Cluster) -> set[str]:
    """The ClusterPolicies whose spec is still that of before the probes; none where that cannot be told."""
    try:
        now = {name(found): written(found) for found in kube.list(resource("kyverno.io/v1", "clusterpolicies"))}
    except EnvironmentFault:
        return set()
    return {name(found) for found in before.all("ClusterPolicy") if now.get(name(found)) == written(found)}


def written(found: Json) -> tuple[Json, Json]:
    """Tells one spec of an object from the next; its status may change meanwhile."""
    return dig(found, "metadata", "uid"), dig(found, "metadata", "generation")
