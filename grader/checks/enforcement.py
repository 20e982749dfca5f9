"""Task 7: the policy that came by Git is the one in force, and it really refuses."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from grader.checks.application import TRACKING, Application, covering
from grader.checks.behaviour import judged
from grader.checks.candidates import Candidate
from grader.checks.commands import command
from grader.checks.context import Context
from grader.checks.drift import difference
from grader.checks.in_force import live, transformed, wanted
from grader.checks.live import seen_cluster
from grader.checks.objects import condition, items, text
from grader.manifest import Path
from grader.outcome import Status, Verdict
from grader.text import clean, one_line, quoted

_WHY_ACTIVE = "Only a policy that came by Git, and is ready, keeps doing what the repository says."


def active(context: Context) -> Verdict:
    """`policy.active`: the live policy is the committed one, applied by the Application, and Ready."""
    cluster = seen_cluster(context, "ClusterPolicy", "Application")
    expected = "The cluster holds the policy of the commit, applied by Argo CD's Application, and Kyverno says Ready."
    if "ClusterPolicy" in cluster.not_served:
        return Verdict(Status.BLOCKED, expected=expected, needs=("kyverno.installed",))
    policies = wanted(context.submission.commit)
    if not policies:
        return Verdict(Status.BLOCKED, expected=expected, needs=("repository.committed",))
    applications = covering(cluster, str(context.parameter("folder")))
    for policy in policies:
        found = next(_faults(context, policy, applications), None)
        if found:
            return Verdict(
                Status.FAILED,
                expected=expected,
                seen=found.seen,
                where=found.where or f"ClusterPolicy/{one_line(policy.name, 253)}",
                why=_WHY_ACTIVE,
                next=command("kubectl", "get", "clusterpolicy", policy.name, "-o", found.output),
            )
    named = ", ".join(quoted(policy.name) for policy in policies)
    return Verdict(Status.PASSED, expected=expected, seen=f"{named}: as committed, tracked by Argo CD, Ready.")


@dataclass(frozen=True, slots=True)
class _Fault:
    """What is wrong with a live policy; `output` is kubectl's format that shows it."""

    seen: str
    output: str = "yaml"
    where: str | None = None


def _faults(context: Context, policy: Candidate, applications: list[Application]) -> Iterator[_Fault]:
    tree, shown = context.submission.commit, quoted(policy.name)
    found = live(context, seen_cluster(context), tree, policy)
    if found is None:
        yield _Fault(f"There is no ClusterPolicy {shown} in the cluster.")
        return
    if not any(one.tracks(found) for one in applications):
        yield _Fault(f"The ClusterPolicy {shown} was not applied by the Application: {_owner(found)}.", _annotation())
    place = None if transformed(tree) else difference(policy.document, found)
    if place is not None:
        seen = (
            f"The live ClusterPolicy {shown} is not what was committed: it differs at {_dotted(place)}. Argo CD says "
            "Synced all the same, as it does where a field was taken out of the file. Delete the live policy: Argo CD "
            "makes it anew from the commit."
        )
        yield _Fault(seen, "yaml", policy.document.where(*place))
    ready = condition(found, "Ready")
    if text(ready, "status") != "True":
        said = clean(text(ready, "message"), 400) or "Kyverno has not said anything of it"
        yield _Fault(f"The ClusterPolicy {shown} is not Ready: {said}.", 'jsonpath={.status.conditions}{"\\n"}')


def _owner(found: Any) -> str:
    owner = text(found, "metadata", "annotations", TRACKING)
    if owner:
        return f"its tracking annotation names {quoted(owner)}"
    managers = [one_line(text(one, "manager"), 60) for one in items(found, "metadata", "managedFields")]
    by = f" (by {managers[0]})" if managers and managers[0] else ""
    return f"it has no tracking annotation, so somebody applied it by hand{by}"


def _annotation() -> str:
    return "jsonpath={.metadata.annotations." + TRACKING.replace(".", r"\.") + '}{"\\n"}'


def _dotted(place: Path) -> str:
    parts = (f"[{part}]" if isinstance(part, int) else f".{part}" for part in place)
    return one_line("".join(parts).lstrip("."), 200)


def enforcement_live(context: Context) -> Verdict:
    """`enforcement.live`: the policy that came by Git refuses an unsigned provider and admits a signed one."""
    return judged(
        context, "The policy that came by Git refuses an unsigned provider, and admits a properly signed one."
    )
