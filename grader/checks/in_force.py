"""Which of the learner's policies the cluster enforces, and as which version of the file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from grader.checks.application import covering
from grader.checks.candidates import Candidate, Tree
from grader.checks.context import Context
from grader.checks.drift import difference
from grader.checks.live import seen_cluster
from grader.checks.objects import condition, name, text
from grader.evidence.model import Cluster
from grader.kyverno import oracle
from grader.kyverno.review import PolicyReview
from grader.manifest import Document
from grader.text import quoted


@dataclass(frozen=True, slots=True)
class InForce:
    """The learner's policies as probes met them. `own` are the names whose answers count as theirs."""

    own: frozenset[str]
    reviews: tuple[PolicyReview, ...]


def wanted(tree: Tree) -> tuple[Candidate, ...]:
    """The policies of a tree that the exercise is about: those Argo CD takes that verify images, or the likeliest."""
    deployed = [one for one in tree.candidates if tree.deploys(one.file)] or list(tree.candidates[:1])
    return tuple([one for one in deployed if one.verifies_images] or deployed[:1])


def in_force(context: Context) -> InForce | str:
    """The policies that the cluster enforces, or why it does not enforce what the files say.

    The commit's version counts where it is live, else the working tree's. Raises EnvironmentFault
    where the cluster was not read.
    """
    cluster = seen_cluster(context, "ClusterPolicy")
    trees = dict.fromkeys((context.submission.commit, context.submission.current))
    reason = "There is no policy to ask about yet."
    for tree in trees:
        policies = wanted(tree)
        if not policies:
            continue
        absent = next(_absent(context, cluster, tree, policies), None)
        if absent is None:
            return InForce(own_names(context), tuple(_reviews(context, cluster, tree, policies)))
        reason = absent
    return reason


def _absent(context: Context, cluster: Cluster, tree: Tree, policies: tuple[Candidate, ...]) -> Iterator[str]:
    for policy in policies:
        found = live(context, cluster, tree, policy)
        if found is None:
            yield f"The ClusterPolicy {quoted(policy.name)} is not in the cluster yet."
        elif not transformed(tree) and difference(policy.document, found) is not None:
            yield f"The cluster holds another version of the ClusterPolicy {quoted(policy.name)} than your file."
        elif text(condition(found, "Ready"), "status") != "True":
            yield f"Kyverno does not enforce the ClusterPolicy {quoted(policy.name)} yet: it is not Ready."


def _reviews(context: Context, cluster: Cluster, tree: Tree, policies: tuple[Candidate, ...]) -> Iterator[PolicyReview]:
    """The policies as the oracle reads them: from their files, or as they are live where a build changed them."""
    if not transformed(tree):
        yield from predicted(tree)
        return
    for policy in policies:
        found = live(context, cluster, tree, policy)
        yield from oracle.review([Document(found, f"ClusterPolicy/{policy.name}")])


def predicted(tree: Tree) -> list[PolicyReview]:
    """All policies that Argo CD would put in force, as the oracle reads them."""
    deployed = [one for one in tree.candidates if tree.deploys(one.file)] or list(tree.candidates[:1])
    return oracle.review([one.document for one in deployed])


def transformed(tree: Tree) -> bool:
    """Whether what is applied may differ from what the files say."""
    return bool(tree.build.unsure)


def rewritten(tree: Tree) -> str:
    """What may make another policy of the one in the files (a patch, a chart), or an empty string.

    A name or a namespace that Kustomize gives to it leaves what it does as it is.
    """
    names = tuple(quoted(name) for name in ("namePrefix", "nameSuffix", "namespace"))
    return next((one for one in tree.build.unsure if not any(name in one for name in names)), "")


def live(context: Context, cluster: Cluster, tree: Tree, policy: Candidate) -> Any | None:
    """The live object of a file's policy: by its name, or by its tracking where a build may rename it."""
    found = cluster.get("ClusterPolicy", policy.name) if policy.name else None
    if found is not None or not transformed(tree):
        return found
    renamed = [one for one in tracked(context, cluster) if policy.name and policy.name in name(one)]
    return renamed[0] if len(renamed) == 1 else None


def tracked(context: Context, cluster: Cluster) -> list[Any]:
    """The live ClusterPolicies that the Application over the exercise's folder put there."""
    applications = covering(cluster, str(context.parameter("folder")))
    return [found for found in cluster.all("ClusterPolicy") if any(one.tracks(found) for one in applications)]


def own_names(context: Context) -> frozenset[str]:
    """The names of the learner's ClusterPolicies: those in any file, and those that came by the Application."""
    files = (*context.candidates, *context.submission.commit.candidates)
    cluster = context.cluster
    came = [name(one) for one in tracked(context, cluster)] if cluster else []
    return frozenset(one for one in (*(found.name for found in files), *came) if one)
