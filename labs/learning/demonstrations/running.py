"""Which images the platform runs, Pod by Pod, and where each came from."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from grader.checks.objects import image_parts
from grader.evidence.dig import mappings, name, namespace, text
from grader.kube import resource
from labs.learning.demonstrations.scene import Detail, Row, Scene, row, scene, table
from labs.learning.demonstrations.world import World
from labs.platform import manifests
from labs.platform.images import Choice

TITLE = "Images of the running platform"
REQUEST = (
    "kubectl get pods --all-namespaces "
    "-o custom-columns='POD:.metadata.name,IMAGE:.spec.containers[*].image,ID:.status.containerStatuses[*].imageID'"
)
_WHY = (
    "A platform runs on images. For each part the lab tried, in this order, the tag that the course asks for, "
    "Chainguard's free latest, and upstream's image. Here is what runs, asked from the cluster, and why it is this one."
)
_KYVERNO = re.compile(r"(?:^|/)kyverno(?:pre|-cli)?(?:[:@]|$)")
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_PARTS = {manifests.ARGOCD: "argocd", manifests.CROSSPLANE: "crossplane"}


@dataclass(frozen=True, slots=True)
class Container:
    """One container of a Pod; `identifier` is what the node says of its image, `initial` that it ran first."""

    pod: str
    namespace: str
    name: str
    image: str
    identifier: str
    initial: bool


def show(world: World) -> Scene:
    """Every image of Crossplane, Argo CD and Kyverno. Raises EnvironmentFault."""
    found = list(containers(world.kube.list(resource("v1", "pods"))))
    kyverno = {one.namespace for one in found if _KYVERNO.search(one.image)}
    by_namespace: dict[str, list[Container]] = defaultdict(list)
    for one in found:
        if one.namespace in _PARTS or one.namespace in kyverno:
            by_namespace[one.namespace].append(one)
    columns = ("image", "from", "Pod", "digest")
    tables = [
        table(f"namespace {where}", columns, (_row(world, one) for one in here))
        for where, here in sorted(by_namespace.items())
    ]
    shown = [one for here in by_namespace.values() for one in here]
    return scene(TITLE, _WHY, REQUEST, _answer(shown, bool(kyverno)), tables)


def containers(pods: Iterable[Any]) -> Iterator[Container]:
    """The containers of Pods, in order; those that ran first come first."""
    for pod in pods:
        for key in ("initContainers", "containers"):
            said = {text(one, "name"): text(one, "imageID") for one in mappings(pod, "status", _STATUSES[key])}
            for one in mappings(pod, "spec", key):
                called = text(one, "name")
                image, identifier = text(one, "image"), said.get(called, "")
                yield Container(name(pod), namespace(pod), called, image, identifier, key == "initContainers")


_STATUSES = {"initContainers": "initContainerStatuses", "containers": "containerStatuses"}


def _answer(shown: list[Container], kyverno: bool) -> str:
    images = {one.image for one in shown}
    ours = sum(image.startswith("cgr.dev/chainguard/") for image in images)
    pods = len({(one.namespace, one.pod) for one in shown})
    told = f"{pods} Pods run {len(images)} images; {ours} of these are from cgr.dev/chainguard."
    return told if kyverno else f"{told} No Kyverno runs yet: step 1 of the exercise installs it."


def _row(world: World, one: Container) -> Row:
    source, why = origin(world, one)
    digest, told = digest_of(one, simulated=world.cluster.simulated)
    kind = "init container" if one.initial else "container"
    details: list[Detail] = [
        (kind, f"{one.name} of the Pod {one.pod} in {one.namespace}"),
        ("image", one.image),
        ("from", source),
        ("why", why),
        ("digest", f"{digest}\n{told}".strip()),
    ]
    return row((one.image, source, f"{one.pod} ({one.name})", digest[:19] or "not told"), details)


def origin(world: World, one: Container) -> tuple[str, str]:
    """Where an image came from, and why it is that one."""
    for choice in world.choices:
        if one.image in choice.images.values():
            return choice.source, _reason(choice)
    repository = image_parts(one.image)[0]
    for called, sample in world.facts.samples.items():
        if repository == sample.image:
            return "a sample of the lab", f"The lab built it as the sample {called}; somebody asked Crossplane for it."
    chart = _PARTS.get(one.namespace, "kyverno")
    version = world.charts.get(chart, "")
    if one.namespace in _PARTS and any(
        repository in map(_repository, known.images.values()) for known in world.choices
    ):
        return "not the lab's choice", "The lab chose another tag of this image. Somebody changed it since."
    named = f"the chart {chart} {version}".strip()
    return "upstream, by its chart", f"The lab does not override it: {named} names it, or whoever made the Pod."


def _repository(image: str) -> str:
    return image_parts(image)[0]


def _reason(choice: Choice) -> str:
    if not choice.passed_over:
        return "It is the first that the lab tries, and it could be had."
    return "\n".join(["What the lab tried before it could not be had:", *choice.passed_over])


def digest_of(one: Container, *, simulated: bool) -> tuple[str, str]:
    """The digest of what runs, or an empty text, and what is to be said about it.

    A node tells `REPOSITORY@DIGEST` of what it pulled, and the image's own id of what was loaded into it
    (Kubernetes, `ContainerStatus.imageID`).
    """
    pinned = _DIGEST.search(one.image.partition("@")[2])
    if pinned:
        return pinned[0], "The Pod itself names it: a tag could not be moved under it."
    found = _DIGEST.search(one.identifier)
    if found and "@" in one.identifier and "/import-" not in one.identifier:
        return found[0], "The node pulled it so."
    if found:
        return found[0], "The image was loaded into the node, so this is its own id, not a registry's digest."
    said = "A simulated lab pulls nothing, so no node tells it." if simulated else "The node has not told it."
    return "", said
