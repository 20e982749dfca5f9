"""What must work before a live answer counts: the lab's own policy, and a Kyverno that is up to date."""

from __future__ import annotations

from collections.abc import Iterable

from grader.checks.context import Context
from grader.errors import EnvironmentFault
from grader.evidence.cluster import versions as live_versions
from grader.text import one_line, quoted

_PROBLEMS = {
    "trust": "Kyverno does not trust the lab's authorities",
    "registry": "Kyverno cannot reach the registry of the samples",
    "webhook": "Kyverno did not answer as it must",
    "missing-lab": "the cluster does not say which sample images it has",
}
# Evidence may come from anybody, so the command that mends is not taken from it.
_MENDED_BY = {
    "trust": "labs trust kyverno",
    "registry": "labs up",
    "webhook": "kubectl get pods --all-namespaces --selector app.kubernetes.io/component=admission-controller",
    "missing-lab": "labs up",
}


def canary(context: Context) -> None:
    """Raises EnvironmentFault unless the lab's own test policy answered as it must."""
    found = context.evidence.canary
    if found.ok is True:
        return
    problem = _PROBLEMS.get(found.problem or "", "the lab's own test policy did not answer as it must")
    said = f": {one_line(found.message, 400)}" if found.message else ""
    raise EnvironmentFault(
        f"{problem}{said}",
        where="ClusterPolicy/platform-labs-canary",
        advice=_MENDED_BY.get(found.problem or "", "labs doctor"),
    )


def versions(context: Context, own: Iterable[str]) -> None:
    """Raises EnvironmentFault where a policy of the learner's was not probed in the version that was read."""
    cluster, probed = context.cluster, context.evidence.probed_versions
    live = live_versions(cluster) if cluster else {}
    for policy in sorted(own):
        if policy in live and probed.get(policy) != live[policy]:
            raise EnvironmentFault(
                f"the ClusterPolicy {quoted(policy)} was changed while it was probed",
                where=f"ClusterPolicy/{one_line(policy, 253)}",
                advice="Grade again.",
            )
