"""Task 7, the end: Crossplane itself installs a signed provider, and is refused an unsigned one."""

from __future__ import annotations

from collections.abc import Iterable

from grader.checks.commands import command
from grader.checks.context import Context
from grader.checks.in_force import own_names
from grader.checks.live import seen_cluster
from grader.checks.pinned import Pin, of_sample
from grader.checks.providers import Provider, installing
from grader.errors import EnvironmentFault
from grader.evidence import lab
from grader.evidence.answers import strangers
from grader.kyverno.oracle import Answer
from grader.outcome import Status, Verdict
from grader.text import quoted

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
    signed = installing(cluster, facts, "signed", "signed-2")
    unsigned = installing(cluster, facts, "unsigned")
    own = own_names(context)
    wrong = _runs_unsigned(unsigned) or _lacks(signed, unsigned)
    pin = _pin(context, signed, own)
    wrong = wrong or (None if pin else _unhealthy(signed)) or _not_refused(unsigned, own)
    return wrong or (_not_shown(unsigned, own, pin) if pin else _passed(signed, unsigned, own))


def _pin(context: Context, signed: list[Provider], own: frozenset[str]) -> Pin | None:
    """Where the policy names the public Sigstore's keys, for which a lab refuses what the world would admit."""
    if any(one.healthy for one in signed):
        return None
    denials = next((one.denials for one in signed if one.refused_by(own)), {})
    found = of_sample(context, [reason for rules in denials.values() for reason in rules.values()])
    return found if found and found.prediction.answer is Answer.ADMITTED else None


def _not_shown(unsigned: list[Provider], own: frozenset[str], pin: Pin) -> Verdict:
    refused = next(one for one in unsigned if one.refused_by(own))
    note = (
        f"The policy names certificates or keys of the public Sigstore ({pin.where}), and the samples are signed by "
        "the lab's own authority. A signed provider cannot be shown in this lab: a model of Kyverno answered."
    )
    seen = f"The Provider {quoted(refused.name)} was refused by {_listed(refused.denials)}."
    return Verdict(Status.PASSED, expected=EXPECTED, seen=seen, where=refused.where, notes=(note,), predicted=True)


def _runs_unsigned(unsigned: list[Provider]) -> Verdict | None:
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


def _lacks(signed: list[Provider], unsigned: list[Provider]) -> Verdict | None:
    wanted = [kind for kind, found in (("signed", signed), ("unsigned", unsigned)) if not found]
    if not wanted:
        return None
    seen = " and ".join(f"no Provider whose package is the {kind} sample" for kind in wanted)
    return _failed(f"There is {seen}. The end of step 7 makes both.", command("kubectl", "get", KIND))


def _unhealthy(signed: list[Provider]) -> Verdict | None:
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


def _not_refused(unsigned: list[Provider], own: frozenset[str]) -> Verdict | None:
    """No unsigned Provider was kept out by the learner's policies and no others. Raises EnvironmentFault."""
    if any(one.refused_by(own) for one in unsigned):
        return None
    first = unsigned[0]
    if first.held_back:
        return _held_back(first)
    others = _listed(strangers(first.denials, own))
    if others:
        message = f"when Crossplane last tried, the Provider {quoted(first.name)} was refused by {others}, not by yours"
    else:
        message = f"Crossplane does not say that your policy refused the Provider {quoted(first.name)}. {first.says}"
    raise EnvironmentFault(message, where=first.where, advice=_AGAIN)


def _held_back(found: Provider) -> Verdict:
    seen = f"Crossplane does not install the Provider {quoted(found.name)}: {found.held_back}."
    return _failed(seen, command("kubectl", "get", KIND, found.name, "-o", "yaml"), found.where)


def _passed(signed: list[Provider], unsigned: list[Provider], own: frozenset[str]) -> Verdict:
    healthy = next(one for one in signed if one.healthy)
    refused = next(one for one in unsigned if one.refused_by(own))
    seen = f"The Provider {quoted(healthy.name)} is Healthy; the Provider {quoted(refused.name)} was refused by "
    return Verdict(Status.PASSED, expected=EXPECTED, seen=f"{seen}{_listed(refused.denials)}.", where=refused.where)


def _failed(seen: str, shown: str, where: str | None = None) -> Verdict:
    return Verdict(Status.FAILED, expected=EXPECTED, seen=seen, why=_WHY, next=shown, where=where)


def _listed(policies: Iterable[str]) -> str:
    return ", ".join(quoted(policy) for policy in sorted(policies))
