"""Generated probes: as data, as the oracle's probes, and as requests to an API server."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from grader.evidence.lab import Sample
from grader.evidence.questions import Question
from grader.kube import Identity as Asker
from grader.kube import resource
from grader.kyverno.request import Image, Probe
from labs.registry.samples import of
from labs.registry.table import signatures
from tests.differential.draw import Draw
from tests.differential.world import HOST, Slot

Samples = Mapping[str, Sample]
MISSING = "sha256:" + "0" * 64

_WRONG = (
    "other-repository", "other-workflow", "other-branch", "pull-request", "look-alike", "other-issuer",
    "other-authority", "other-digest", "forged-log", "expired",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Ask:
    """One question. `where` is the sample's place; `beside` names a sample in a container next to it.

    `by` is how the sample is named: by tag, digest, both, or neither (then a tag that does not exist is meant).
    `namespace` is one of a slot's (`home`, `longer`, `away`) or a name.
    """

    sample: str
    by: Literal["tag", "digest", "both", "neither"] = "tag"
    namespace: str = "home"
    kind: Literal["Pod", "Deployment"] = "Pod"
    where: Literal["containers", "initContainers", "ephemeralContainers"] = "containers"
    operation: Literal["CREATE", "UPDATE"] = "CREATE"
    person: str = "administrator"
    name: str = "provider-aws"
    labels: Mapping[str, str] = field(default_factory=dict)
    annotations: Mapping[str, str] = field(default_factory=dict)
    beside: str = ""

    def to_json(self) -> dict[str, Any]:
        """What differs from the usual, for a kept case."""
        usual = Ask(self.sample)
        return {key: value for key, value in asdict(self).items() if key == "sample" or value != getattr(usual, key)}


def asks(draw: Draw, count: int, *, confined: bool) -> list[Ask]:
    """Several questions; where the policies are not confined, also in a namespace of nobody's."""
    found: list[Ask] = []
    while len(found) < count:
        one = _ask(draw, confined)
        if one not in found:
            found.append(one)
    return found


def _ask(draw: Draw, confined: bool) -> Ask:
    random = draw.random
    shape = random.choices(("Pod", "Deployment", "ephemeral", "update", "update Deployment"), (58, 22, 9, 7, 4))[0]
    standing = shape in ("ephemeral", "update", "update Deployment")
    where: Any = "containers"
    beside = ""
    if shape in ("Pod", "Deployment"):
        where = random.choices(("containers", "initContainers"), (85, 15))[0]
        beside = "unrelated" if where != "containers" else draw.mostly("", "unrelated", "signed-2", "unsigned")
    elif shape == "ephemeral":
        where = "ephemeralContainers"
    elsewhere = ("longer", "away") if confined or standing else ("longer", "away", "default")
    namespace = draw.mostly("home", *elsewhere)
    people = ("alice", "bob", "builder") if namespace != "default" else ("alice",)
    return Ask(
        sample=_sample(draw),
        by=random.choices(("tag", "digest", "both", "neither"), (68, 25, 4, 3))[0],
        namespace=namespace,
        kind="Deployment" if "Deployment" in shape else "Pod",
        where=where,
        operation="UPDATE" if standing else "CREATE",
        person=draw.mostly("administrator", *people),
        name=HOST if standing else draw.one("provider-aws", "provider-aws", "provider-gcp", "worker"),
        labels={"app": HOST} if standing else draw.one({}, {"app": "provider"}, {"app": "web", "tier": "gold"}),
        annotations={} if standing else draw.one({}, _OWNED, {**_OWNED, "example.com/kind": "provider"}),
        beside="unrelated" if shape == "ephemeral" else beside,
    )


_OWNED = {"example.com/owner": "platform"}


def _sample(draw: Draw) -> str:
    group = draw.random.choices(("signed", "signed-2", "unsigned", "wrong", "unrelated", "unrelated-signed"),
                                (36, 8, 18, 26, 7, 5))[0]  # fmt: skip
    return draw.one(*_WRONG) if group == "wrong" else group


def place(one: Ask, slot: Slot) -> str:
    """The namespace's name."""
    return {"home": slot.home, "longer": slot.longer, "away": slot.away}.get(one.namespace, one.namespace)


def _reference(one: Ask, sample: Sample) -> str:
    return {
        "tag": f"{sample.image}:{sample.tag}",
        "digest": f"{sample.image}@{sample.digest}",
        "both": f"{sample.image}:{sample.tag}@{sample.digest}",
        "neither": sample.image,
    }[one.by]


def probe(one: Ask, slot: Slot, samples: Samples) -> Probe:
    """The question as the oracle takes it."""
    namespace = place(one, slot)
    labels = slot.labels(namespace) if namespace in slot.namespaces else {}
    sample = samples[one.sample]
    exists = one.by != "neither"
    image = Image(
        _reference(one, sample), one.where, sample.digest if exists else MISSING,
        signatures(of(one.sample)) if exists else (), exists,
    )  # fmt: skip
    others: tuple[Image, ...] = ()
    if one.beside:
        other = samples[one.beside]
        others = (Image(f"{other.image}:{other.tag}", "containers", other.digest, signatures(of(one.beside))),)
    return Probe(
        one.sample, image, namespace, one.kind, slot.people[one.person], one.operation, others, one.name, one.labels,
        one.annotations, labels,
    )  # fmt: skip


def question(one: Ask, slot: Slot, samples: Samples) -> Question:
    """The question as a request that changes nothing."""
    namespace, sample = place(one, slot), samples[one.sample]
    person = slot.people[one.person]
    asker = None if one.person == "administrator" else Asker(person.username, person.groups)
    path, body = _request(one, namespace, _pod_spec(one, samples))
    return Question(_reference(one, sample), sample.image, path, body, one.operation == "UPDATE", asker)


def _pod_spec(one: Ask, samples: Samples) -> dict[str, Any]:
    called = {"containers": HOST, "initContainers": "first", "ephemeralContainers": "debug"}[one.where]
    spec: dict[str, Any] = {one.where: [{"name": called, "image": _reference(one, samples[one.sample])}]}
    if one.beside and one.where != "ephemeralContainers":
        other = samples[one.beside]
        spec.setdefault("containers", []).append({"name": "beside", "image": f"{other.image}:{other.tag}"})
    return spec


def _request(one: Ask, namespace: str, spec: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    updated = HOST if one.operation == "UPDATE" else None
    metadata = {"name": one.name, "namespace": namespace}
    dressed = {**metadata, "labels": {**one.labels}, "annotations": {**one.annotations}}
    if one.kind == "Pod":
        body = {"apiVersion": "v1", "kind": "Pod", "metadata": metadata if updated else dressed, "spec": spec}
        below = "ephemeralcontainers" if one.where == "ephemeralContainers" else None
        return resource("v1", "pods", namespace, updated, below), body
    if updated:
        return resource("apps/v1", "deployments", namespace, updated), {"spec": {"template": {"spec": spec}}}
    # A selector needs a label; one that no policy asks for keeps the Pods' own labels as they are.
    mark = {"differential": "yes"}
    template = {"labels": {**one.labels, **mark}, "annotations": {**one.annotations}}
    body = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": dressed,
        "spec": {"selector": {"matchLabels": mark}, "template": {"metadata": template, "spec": spec}},
    }
    return resource("apps/v1", "deployments", namespace), body
