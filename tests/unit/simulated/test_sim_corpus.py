"""Every solution and every mistake of the course, put through the simulated API as a learner puts it to a cluster.

What is asked of it then must be answered as a real cluster answered: the truth corpus says how, by both routes. Of
what is not recorded yet the oracle says it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from functools import partial
from typing import Any

import pytest

from grader import course
from grader.course import ProbeSpec
from grader.evidence.answers import Said, admission, failure
from grader.evidence.lab import LabFacts
from grader.evidence.model import ProbeAnswer
from grader.evidence.questions import Question, question
from grader.kube import Refusal
from grader.kyverno import oracle
from grader.kyverno.envelope import concerns
from grader.kyverno.place import expand
from labs.cluster.simulated.api import strategic
from labs.cluster.simulated.api.ask import ADMINISTRATOR, Ask, controller
from labs.cluster.simulated.api.errors import ApiError
from labs.cluster.simulated.place import Place
from labs.cluster.simulated.server.route import parse
from labs.cluster.simulated.settings import Settings, save
from labs.registry.samples import SAMPLES
from labs.registry.table import signatures
from tests.differential.standins import STAND_INS
from tests.sim_world import TRUST, World, pod
from tests.truth import foretold
from tests.truth.entries import Entry, entries
from tests.truth.model import Answered
from tests.truth.words import of_answer

SPECS = course.read().module("01-chainguard-images").exercise.probes
FACTS = LabFacts("test", "simulated", "cgr.dev", "git://x/y.git", ("argocd", "platform"), "canary", STAND_INS)
HOST = "cgr.dev/chainguard/crossplane:v1.15.0"
"""What runs where an ephemeral container is added; the lab's registry does not have it."""


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    """A cluster with a trusting Kyverno, all samples, and a running Pod in each namespace that is asked about."""
    folder = tmp_path_factory.mktemp("corpus")
    made = World(folder)
    table = {
        STAND_INS[one.name].reference("tag"): {
            "digest": STAND_INS[one.name].digest, "signatures": [asdict(signature) for signature in signatures(one)],
        }
        for one in SAMPLES
    }  # fmt: skip
    save(Place(folder).settings, Settings(images=table))
    for name in sorted({spec.namespace for spec in SPECS}):
        if not made.there("namespaces", name, ""):
            made.namespace(name)
        made.create(pod(HOST, name, "host"))
    made.install("kyverno", "kyverno", "kyverno", TRUST)
    return made


def routes() -> Iterator[Any]:
    """Each route that a cluster answered in a way of its own: by hand, and by Argo CD where that was not the same."""
    for entry in entries():
        record = entry.read() if not entry.stale() else None
        names = ["strict", "pushed"] if record is None or record.pushed.answers else ["strict"]
        yield from (pytest.param(entry, route, id=f"{entry.source.name}-{route}") for route in names)


def expected(entry: Entry, route: str) -> dict[str, Answered]:
    """What a real cluster answered; the oracle's answers of what is not recorded."""
    record = entry.read() if not entry.stale() else None
    return record.answers(route) if record else foretold.answers(entry, route)


def emptied(world: World) -> None:
    for kind in ("clusterpolicies", "policies"):
        for old in world.cluster.list(world.kind(kind, "kyverno.io")):
            world.delete(kind, old["metadata"]["name"], old["metadata"].get("namespace", ""), "kyverno.io")


def stored(world: World, value: Any, route: str) -> bool:
    """Whether the API takes a policy; a version that is not served is refused."""
    if world.cluster.catalogue.of_kind(value["apiVersion"], value["kind"]) is None:
        return False
    try:
        world.create(value, Ask(ADMINISTRATOR, "test", validation="Strict" if route == "strict" else "Ignore"))
    except ApiError:
        return False
    return True


def asked(world: World, spec: ProbeSpec) -> Answered:
    """One probe's answer, read as a grader reads a cluster's."""
    put = question(spec, FACTS, lambda _: "host")
    said = _said(world, put)
    answer = ProbeAnswer(
        spec.id, said.answer, put.image, spec.namespace, said.message, said.denials, said.looked, said.images
    )
    return of_answer(answer, spec, STAND_INS)


def _said(world: World, put: Question) -> Said:
    route = parse(put.path)
    assert route is not None
    resource = world.kind(route.plural, route.group)
    ask = Ask(controller("crossplane", "crossplane-system") if put.identity else ADMINISTRATOR, "grader", dry_run=True)
    try:
        if not put.patch:
            return admission(world.cluster.create(resource, route.namespace, put.body, ask), put.repository)
        change = partial(strategic.merge, patch=put.body, schema=resource.schema)
        place = (resource, route.namespace, route.name)
        return admission(world.cluster.patch(*place, change, ask, subresource=route.subresource), put.repository)
    except ApiError as error:
        return failure(Refusal(error.code, error.reason, error.message, where="the API"))


@pytest.mark.parametrize(("entry", "route"), routes())
def test_the_api_answers_as_a_cluster(world: World, entry: Entry, route: str) -> None:
    documents = foretold.documents(entry, route)
    if oracle.unmodelled(documents):
        pytest.skip("a kind of policy that the simulated Kyverno does not enforce")
    emptied(world)
    objects = [one.value for one in expand(documents) if concerns(one.value)]
    taken = {f"{one['kind']}/{one['metadata']['name']}" for one in objects if stored(world, one, route)}
    world.settle()
    assert taken == {f"{one.kind}/{one.name}" for one in foretold.policies(entry, route)}
    assert {spec.id: asked(world, spec) for spec in SPECS} == expected(entry, route)
