"""Task 7: the policy that came by Git is the one in force, and it really refuses."""

from __future__ import annotations

from typing import Any

from grader.checks.application import TRACKING, Application, covering
from grader.checks.candidates import Candidate
from grader.checks.commands import command
from grader.checks.contains import difference
from grader.checks.context import Context
from grader.checks.live import committed, live, seen_cluster
from grader.checks.objects import condition, dig, text
from grader.checks.probing import answered
from grader.outcome import Status, Verdict
from grader.text import clean, one_line, quoted

_WHY_ACTIVE = "Only a policy that came by Git, and is ready, keeps doing what the repository says."
_WHY_LIVE = "Synced and Ready tell that a policy is there; only a refusal and an admission tell that it works."


def active(context: Context) -> Verdict:
    """`policy.active`: the live policy is the committed one, applied by the Application, and Ready."""
    cluster = seen_cluster(context, "ClusterPolicy", "Application")
    expected = "The cluster holds the policy of the commit, applied by Argo CD's Application, and Kyverno says Ready."
    policies = committed(context)
    if not policies:
        return Verdict(Status.BLOCKED, expected=expected, needs=("policy.present",))
    applications = covering(cluster, str(context.parameter("folder")))
    for policy in policies:
        wrong = _wrong(context, policy, applications)
        if wrong:
            seen, path = wrong
            name = one_line(policy.name, 200)
            return Verdict(
                Status.FAILED,
                expected=expected,
                seen=seen,
                where=f"ClusterPolicy/{name}",
                why=_WHY_ACTIVE,
                next=command("kubectl", "get", "clusterpolicy", name, "-o", path),
            )
    named = ", ".join(quoted(policy.name) for policy in policies)
    return Verdict(Status.PASSED, expected=expected, seen=f"{named}: as committed, tracked by Argo CD, Ready.")


def _wrong(context: Context, policy: Candidate, applications: list[Application]) -> tuple[str, str] | None:
    """What is wrong with the live policy, and the output format that shows it."""
    found = live(context, policy)
    name = quoted(policy.name)
    if found is None:
        return f"There is no ClusterPolicy {name} in the cluster.", "yaml"
    if not any(one.tracks(found) for one in applications):
        owner = text(found, "metadata", "annotations", TRACKING)
        by = f"it is tracked as {quoted(owner)}" if owner else "it has no tracking annotation: it was applied by hand"
        return f"The ClusterPolicy {name} was not applied by the Application: {by}.", _annotation()
    if context.submission.commit.build.mode == "directory":
        place = difference(dig(policy.document.value, "spec"), dig(found, "spec"))
        if place is not None:
            return f"The live ClusterPolicy {name} differs from the commit at spec.{_dotted(place)}.", "yaml"
    return _not_ready(found, name)


def _not_ready(found: Any, name: str) -> tuple[str, str] | None:
    ready = condition(found, "Ready")
    if text(ready, "status") == "True":
        return None
    said = clean(text(ready, "message"), 400) or "Kyverno has not answered yet"
    return f"The ClusterPolicy {name} is not Ready: {said}.", "jsonpath={.status.conditions}"


def _annotation() -> str:
    return "jsonpath={.metadata.annotations." + TRACKING.replace(".", r"\.") + "}"


def _dotted(place: tuple[str | int, ...]) -> str:
    return one_line("".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in place).lstrip("."), 200)


def enforcement_live(context: Context) -> Verdict:
    """`enforcement.live`: the policy that came by Git refuses an unsigned provider and admits a signed one."""
    expected = "The policy that came by Git refuses an unsigned provider, and admits a properly signed one."
    seen = answered(context, (context.spec.id,))
    wrong = next((one for one in seen if not one.met), None)
    if wrong is None:
        refusal = next((one.denial for one in seen if one.denial), "")
        return Verdict(Status.PASSED, expected=expected, seen=f"Refused by name: {refusal}")
    told = wrong.denial or "it was admitted"
    return Verdict(
        Status.FAILED,
        expected=expected,
        seen=f"{one_line(wrong.spec.says, 200)}: this was not so; {told}.",
        where=f"ClusterPolicy/{one_line(', '.join(sorted(wrong.own)), 200)}",
        why=_WHY_LIVE,
        next=wrong.again,
    )
