"""The two providers: one that Crossplane runs, one that it could not install, by its own words."""

from __future__ import annotations

from collections.abc import Iterator

from grader.checks.objects import condition, name, text
from grader.checks.providers import Provider, installing
from grader.errors import EnvironmentFault
from grader.kube import resource
from labs.learning.demonstrations.running import containers
from labs.learning.demonstrations.scene import Detail, Row, Scene, row, scene, table
from labs.learning.demonstrations.world import World

TITLE = "Two providers: Crossplane itself before the policy"
_WHY = (
    "A dry run asks; this happens. Crossplane fetches a Provider's package and makes a Deployment that runs it, and "
    "the policy looks at that. A provider that was let in before the policy was in force keeps running."
)
_REQUEST = (
    "kubectl get providers.pkg.crossplane.io\n"
    "kubectl get provider trial-unsigned -o jsonpath='{.status.conditions[?(@.type==\"Healthy\")].message}'"
)
_NONE = (
    "Crossplane has no Provider of a sample yet. The end of step 7 makes both; what a policy would say of their Pods, "
    "“labs look admission” asks."
)


def show(world: World) -> Scene:
    """Every Provider of a sample, with Crossplane's word on it. Raises EnvironmentFault without Crossplane."""
    if "Provider" in world.cluster.not_served:
        raise EnvironmentFault("the cluster has no Crossplane: it serves no Provider", advice="labs up")
    found = {sample: installing(world.cluster, world.facts, sample) for sample in world.facts.samples}
    pods = _pods(world)
    rows = [_row(world, sample, one, pods) for sample, providers in found.items() for one in providers]
    listed = table("providers", ("provider", "sample", "Installed", "Healthy", "what came of it"), rows)
    answer = "\n".join(_told(world, found)) or _NONE
    return scene(TITLE, _WHY, _REQUEST, answer, [listed] if rows else [])


def _told(world: World, found: dict[str, list[Provider]]) -> Iterator[str]:
    for sample, providers in found.items():
        for one in providers:
            yield f"{one.name} ({sample}): {outcome(one, world.own)}"
            if one.denials:
                yield f"Crossplane: {one.says}"


def outcome(one: Provider, own: frozenset[str]) -> str:
    """What came of a Provider, in words."""
    if one.refused_by(own):
        return f"refused by your policy {', '.join(one.denials)}"
    if one.denials:
        return f"refused by {', '.join(one.denials)}"
    if one.runs:
        return "Healthy: it runs" if one.healthy else "it runs, and is not Healthy yet"
    if one.held_back:
        return f"not installed: {one.held_back}"
    return "Healthy" if one.healthy else f"not yet: {one.says}"


def _row(world: World, sample: str, one: Provider, pods: dict[str, str]) -> Row:
    conditions = [condition(one.value, kind) for kind in ("Installed", "Healthy")]
    details: list[Detail] = [
        ("package", text(one.value, "spec", "package")),
        *((text(found, "type"), f"{text(found, 'status')} {text(found, 'message')}") for found in conditions if found),
        *(("refused by", said) for said in _denials(one)),
        *(("Deployment", name(deployment)) for deployment in one.deployments),
        ("Pods", _running(one, pods)),
    ]
    states = [text(found, "status") or "not told" for found in conditions]
    return row((one.name, sample, *states, outcome(one, world.own)), details)


def _denials(one: Provider) -> Iterator[str]:
    for policy, rules in one.denials.items():
        yield from (f"{policy}/{rule}: {reason}" for rule, reason in rules.items())


def _pods(world: World) -> dict[str, str]:
    """The image of each Pod in the providers' namespace, by the Pod's name."""
    listed = world.kube.list(resource("v1", "pods", world.parameter("namespace")))
    return {one.pod: one.image for one in containers(listed)}


def _running(one: Provider, pods: dict[str, str]) -> str:
    names = tuple(f"{name(deployment)}-" for deployment in one.deployments if name(deployment))
    found = [f"{pod} at {image}" for pod, image in pods.items() if names and pod.startswith(names)]
    return "\n".join(found) or "none"
