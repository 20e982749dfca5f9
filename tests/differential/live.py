"""The real cluster: what stands there for the cases, their policies, and the answers to their questions."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from grader.evidence.answers import Said
from grader.evidence.model import Answer
from grader.evidence.probes import ask
from grader.kube import Kube, Refusal, resource
from tests.differential import marker, world
from tests.differential.asking import Ask, Samples, question
from tests.differential.case import Case

_PLURALS = {"ClusterPolicy": "clusterpolicies", "Policy": "policies"}
_PATIENCE = 30.0
_SETTLE = 1.0
_MISSING = re.compile("MANIFEST_UNKNOWN|status code 404")


@dataclass(slots=True)
class Applied:
    """What became of one policy: refused words of a strict client, and of one that is not; None where taken."""

    strict: str | None = None
    loose: str | None = None
    ready: bool = False

    @property
    def accepted(self) -> bool:
        """Whether the policy is stored."""
        return self.loose is None


@dataclass(slots=True)
class Outcome:
    """A case's real answers: of its policies, and of its questions."""

    case: Case
    applied: list[Applied] = field(default_factory=list)
    said: list[Said] = field(default_factory=list)


class Arena:
    """One cluster with the world in it."""

    def __init__(self, kube: Kube, samples: Samples, concurrency: int = 8) -> None:
        self.kube = kube
        self.samples = samples
        self.pool = ThreadPoolExecutor(concurrency)
        self.marker = marker.Marker(kube)

    def run(self, cases: Sequence[Case]) -> list[Outcome]:
        """Puts cases that cannot meet to the cluster, side by side."""
        outcomes = [Outcome(case) for case in cases]
        try:
            self._each(self._apply, outcomes)
            self.marker.wait()
            self._each(self._ready, outcomes)
            time.sleep(_SETTLE)
            self._ask(outcomes)
        finally:
            self._each(self._remove, outcomes)
        return outcomes

    def _each(self, action: Callable[[Outcome], None], outcomes: Iterable[Outcome]) -> None:
        list(self.pool.map(action, outcomes))

    def _apply(self, outcome: Outcome) -> None:
        for policy in outcome.case.policies:
            applied = Applied()
            try:
                self.kube.create(_path(policy), policy, strict=True)
            except Refusal as refusal:
                applied.strict = applied.loose = refusal.words
                if "strict decoding error" in refusal.words:
                    applied.loose = self._loosely(policy)
            outcome.applied.append(applied)

    def _loosely(self, policy: Mapping[str, Any]) -> str | None:
        try:
            self.kube.create(_path(policy), policy)
        except Refusal as refusal:
            return refusal.words
        return None

    def _ready(self, outcome: Outcome) -> None:
        """Waits until every stored policy is Ready: of a new name that cannot be an older version's mark."""
        for policy, applied in zip(outcome.case.policies, outcome.applied, strict=True):
            end = time.monotonic() + _PATIENCE
            while applied.accepted and not applied.ready and time.monotonic() < end:
                applied.ready = _is_ready(self.kube.get(_path(policy, policy["metadata"]["name"])))
                if not applied.ready:
                    time.sleep(0.2)

    def _ask(self, outcomes: Iterable[Outcome]) -> None:
        waiting = [(outcome, one) for outcome in outcomes for one in outcome.case.asks]
        answers = list(self.pool.map(lambda pair: self._one(pair[0].case, pair[1]), waiting))
        for (outcome, one), said in zip(waiting, answers, strict=True):
            found = said
            for _ in range(2):
                if found.again and not definite(found):
                    time.sleep(_SETTLE)
                    found = self._one(outcome.case, one)
            outcome.said.append(found)

    def _one(self, case: Case, one: Ask) -> Said:
        return ask(self.kube, question(one, case.slot, self.samples))

    def _remove(self, outcome: Outcome) -> None:
        for policy, applied in zip(outcome.case.policies, outcome.applied, strict=True):
            if applied.accepted:
                remove(self.kube, _path(policy, policy["metadata"]["name"]))


def definite(said: Said) -> bool:
    """A registry that says that there is no such image has answered."""
    return missing(said.denials)


def missing(denials: Mapping[str, Mapping[str, str]]) -> bool:
    """Whether an image was refused because its registry does not have it."""
    return any(_MISSING.search(words) for rules in denials.values() for words in rules.values())


def denied(said: Said) -> bool:
    """Whether Kyverno denied, a missing image counted."""
    return said.answer is Answer.DENIED or definite(said)


def remove(kube: Kube, path: str) -> None:
    """Deletes an object, if it is there."""
    try:
        kube.delete(path)
    except Refusal as refusal:
        if refusal.status != 404:
            raise


def _path(policy: Mapping[str, Any], name: str | None = None) -> str:
    metadata = policy["metadata"]
    return resource(policy["apiVersion"], _PLURALS[policy["kind"]], metadata.get("namespace"), name)


def _is_ready(policy: Any) -> bool:
    conditions = (policy.get("status") or {}).get("conditions") or []
    return any(one.get("type") == "Ready" and one.get("status") == "True" for one in conditions)


@contextmanager
def standing(kube: Kube, image: str) -> Iterator[None]:
    """The world's objects, for as long as it lasts; they are deleted at the end."""
    spaces = []
    try:
        for kind, namespace, body in world.objects(image):
            version, plural = kind.split()
            name = body["metadata"]["name"]
            if plural == "namespaces":
                spaces.append(name)
            _make(kube, resource(version, plural, namespace), body)
        marker.make(kube)
        yield
    finally:
        marker.unmake(kube)
        for name in spaces:
            remove(kube, resource("v1", "namespaces", None, name))
        for plural in ("clusterrolebindings", "clusterroles"):
            remove(kube, resource("rbac.authorization.k8s.io/v1", plural, None, world.MAKER))


def _make(kube: Kube, path: str, body: Mapping[str, Any]) -> None:
    """Creates an object unless it is there; waits for one of an earlier run to go, and for a namespace to be filled."""
    end = time.monotonic() + _PATIENCE * 4
    while not _made(kube, path, body, last=time.monotonic() > end):
        time.sleep(0.3)


def _made(kube: Kube, path: str, body: Mapping[str, Any], *, last: bool) -> bool:
    try:
        kube.create(path, body)
    except Refusal as refusal:
        if last or refusal.status not in (403, 404, 409):
            raise
        return refusal.reason == "AlreadyExists" and not _leaving(kube, f"{path}/{body['metadata']['name']}")
    return True


def _leaving(kube: Kube, path: str) -> bool:
    try:
        found = kube.get(path)
    except Refusal:
        return True
    return "deletionTimestamp" in found["metadata"]
