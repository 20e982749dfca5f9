"""Every solution and every mistake of the course, asked through the simulated API as a grader asks a cluster.

The oracle answers the same probes from the manifests alone: the two must agree, on what is taken and on what is
let in. So what lies between the API and the oracle (defaults, stored objects, images looked up) adds nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from grader import course
from grader.course import ProbeSpec
from grader.errors import ManifestError
from grader.evidence.lab import LabFacts
from grader.evidence.lab import Sample as Published
from grader.evidence.questions import Question, question
from grader.kyverno import oracle
from grader.kyverno.envelope import concerns
from grader.kyverno.oracle import Answer
from grader.kyverno.place import expand
from labs.cluster.simulated.api import strategic
from labs.cluster.simulated.api.ask import ADMINISTRATOR, Ask, controller
from labs.cluster.simulated.api.errors import ApiError
from labs.cluster.simulated.place import Place
from labs.cluster.simulated.server.route import parse
from labs.cluster.simulated.settings import Settings, save
from labs.registry.samples import SAMPLES
from labs.registry.table import signatures
from tests.content import probing
from tests.sim_world import TRUST, World, pod

MODULE = course.read().module("01-chainguard-images")
SPECS = MODULE.exercise.probes
DIGEST = "sha256:" + "5" * 64
NAMES = {one.name: f"{'provider' if one.provider else 'image'}-{one.name.replace('-', '')}" for one in SAMPLES}
PUBLISHED = {name: Published(f"cgr.dev/chainguard/{image}", "v1.2.3", DIGEST) for name, image in NAMES.items()}
FACTS = LabFacts("test", "simulated", "cgr.dev", "git://x/y.git", ("argocd", "platform"), "canary", PUBLISHED)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    """A cluster with a trusting Kyverno, all samples, and a running Pod in each namespace that is asked about."""
    folder = tmp_path_factory.mktemp("corpus")
    made = World(folder)
    table = {
        FACTS.samples[one.name].reference("tag"): {
            "digest": DIGEST, "signatures": [asdict(made) for made in signatures(one)],
        }
        for one in SAMPLES
    }  # fmt: skip
    save(Place(folder).settings, Settings(images=table))
    for name in sorted({spec.namespace for spec in SPECS}):
        if not made.there("namespaces", name, ""):
            made.namespace(name)
        made.create(pod("busybox", name, "host"))
    made.install("kyverno", "kyverno", "kyverno", TRUST)
    return made


def overlays() -> Iterator[Any]:
    for folder in (*MODULE.solutions, *MODULE.mutants):
        yield pytest.param(folder, id=folder.name)


def admitted(world: World, asked: Question) -> bool:
    """Whether the API lets the object in; anything but a plain denial is a fault of the test."""
    route = parse(asked.path)
    assert route is not None
    resource = world.kind(route.plural, route.group)
    user = controller("crossplane", "crossplane-system") if asked.identity else ADMINISTRATOR
    ask = Ask(user, "grader", dry_run=True)
    try:
        if asked.patch:
            change = partial(strategic.merge, patch=asked.body, schema=resource.schema)
            place = (resource, route.namespace, route.name)
            world.cluster.patch(*place, change, ask, subresource=route.subresource)
        else:
            world.cluster.create(resource, route.namespace, asked.body, ask)
    except ApiError as error:
        if "denied the request" in error.message:
            return False
        raise
    return True


def stored(world: World, value: Any) -> bool:
    """Whether the API takes a policy, as after Argo CD's apply; a version that is not served is refused."""
    if world.cluster.catalogue.of_kind(value["apiVersion"], value["kind"]) is None:
        return False
    try:
        world.create(value)
    except ApiError:
        return False
    return True


def question_of(spec: ProbeSpec) -> Question:
    return question(spec, FACTS, lambda _: "host")


@pytest.mark.parametrize("folder", overlays())
def test_the_api_answers_as_the_oracle(world: World, folder: Path) -> None:
    for kind in ("clusterpolicies", "policies"):
        for old in world.cluster.list(world.kind(kind, "kyverno.io")):
            world.delete(kind, old["metadata"]["name"], old["metadata"].get("namespace", ""), "kyverno.io")
    try:
        documents = probing.documents(folder)
    except ManifestError:
        pytest.skip("no YAML that Kubernetes would read")
    reviews = oracle.review(documents)
    objects = [one.value for one in expand(documents) if concerns(one.value)]
    taken = {(one["kind"], one["metadata"]["name"]): stored(world, one) for one in objects}
    world.settle()
    assert taken == {(one.kind, one.name): one.accepted for one in reviews if not one.replaced}
    differing = [
        spec.id
        for spec in SPECS
        if admitted(world, question_of(spec))
        != (oracle.answer(reviews, probing.question(spec)).answer is Answer.ADMITTED)
    ]
    assert differing == []
