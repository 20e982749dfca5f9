"""Records what a lab's real Kyverno answers to every solution and mutant, by both routes."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from grader.course import Module
from grader.errors import LabsError
from grader.evidence import cluster, lab, probes
from grader.evidence.lab import LabFacts
from grader.evidence.model import Answer, Cluster, ProbeAnswer
from grader.kube import Kube, connect, resource
from tests.differential import marker
from tests.truth import strict
from tests.truth.entries import Entry, entries, folder, probes_digest, schema
from tests.truth.model import Route, State, Truth
from tests.truth.pushed import Platform
from tests.truth.words import grouped, of_answer, plain

_KINDS = {
    "ClusterPolicy": ("kyverno.io/v1", "clusterpolicies"),
    "Policy": ("kyverno.io/v1", "policies"),
    "ImageValidatingPolicy": ("policies.kyverno.io/v1", "imagevalidatingpolicies"),
}
_SETTLE = 2.0
_READY = 20.0
_TRIES = 3


def record(kubeconfig: Path, remote: Path, only: str = "", *, again: bool = False) -> int:
    """Records what is missing or out of date (all with `again`), and returns how many. Raises LabsError."""
    folder().mkdir(exist_ok=True)
    (folder() / "schema.json").write_text(schema())
    with connect(kubeconfig) as kube, tempfile.TemporaryDirectory() as work:
        found = cluster.collect(kube)
        facts = lab.read(found)
        if facts is None:
            raise LabsError("this cluster is no lab", advice="Run `labs up`.")
        versions = _versions(found)
        wanted = [one for one in entries() if only in one.name and (again or one.stale(versions["kyverno"]))]
        with recorder(kube, facts, versions, kubeconfig, Platform(kube, facts, remote, Path(work))) as recording:
            for number, entry in enumerate(wanted, 1):
                start = time.monotonic()
                entry.write(recording.truth(entry))
                print(f"{number}/{len(wanted)} {entry.name} {time.monotonic() - start:.0f} s", flush=True)
    return len(wanted)


@contextmanager
def recorder(
    kube: Kube, facts: LabFacts, versions: Mapping[str, str], kubeconfig: Path, platform: Platform
) -> Iterator[Recorder]:
    """A recorder in a lab without policies; in the end the lab is as it was. Raises LabsError."""
    platform.restore()
    recording = Recorder(kube, facts, versions, kubeconfig, platform)
    there = recording.stored()
    if there:
        advice = "Record in a lab of its own; what a recording that was killed left is deleted by kubectl."
        raise LabsError(f"this lab has policies already: {', '.join(there)}", advice=advice)
    marker.make(kube)
    try:
        yield recording
    finally:
        platform.leave()
        marker.unmake(kube)


class Recorder:
    """One lab, asked about one entry after the other."""

    def __init__(
        self, kube: Kube, facts: LabFacts, versions: Mapping[str, str], kubeconfig: Path, platform: Platform
    ) -> None:
        self.kube = kube
        self.facts = facts
        self.kubeconfig = kubeconfig
        self.platform = platform
        self.versions = versions
        self.marker = marker.Marker(kube)

    def truth(self, entry: Entry) -> Truth:
        """Both routes, one after the other."""
        with strict.applied(entry, self.kubeconfig) as said:
            by_hand = self._route(entry.module, said)
        with self.platform.with_files(entry) as shown:
            by_git = self._route(entry.module, shown)
        if by_git.answers == by_hand.answers:
            by_git = by_git.model_copy(update={"answers": None})
        return Truth(
            kyverno=self.versions["kyverno"],
            kubernetes=self.versions["kubernetes"],
            argocd=self.versions["argocd"],
            files=entry.digest,
            probes=probes_digest(entry.module),
            strict=by_hand,
            pushed=by_git,
        )

    def _route(self, module: Module, said: Mapping[str, str]) -> Route:
        self.marker.wait()
        policies = self._policies()
        time.sleep(_SETTLE)
        specs = module.exercise.probes
        answers = self._asked(module)
        told = ((spec.id, of_answer(one, spec, self.facts.samples)) for spec, one in zip(specs, answers, strict=True))
        words = {name: plain(one, self.facts.samples) for name, one in said.items()}
        return Route(said=words, policies=policies, answers=grouped(told))

    def _asked(self, module: Module) -> tuple[ProbeAnswer, ...]:
        for _ in range(_TRIES):
            answers = probes.run(self.kube, module.exercise.probes, self.facts, concurrency=4)
            if all(one.answer is not Answer.UNKNOWN for one in answers):
                break
        return answers

    def _policies(self) -> dict[str, State]:
        """The policies that are stored, once they are Ready or will not be."""
        end = time.monotonic() + _READY
        while True:
            found = self.stored()
            if "not Ready" not in found.values() or time.monotonic() > end:
                return found
            time.sleep(0.3)

    def stored(self) -> dict[str, State]:
        """Kyverno's policies that are there, as `Kind/name`, with `Ready` or `not Ready`."""
        return {
            f"{kind}/{one['metadata']['name']}": "Ready" if _is_ready(one) else "not Ready"
            for kind, (version, plural) in _KINDS.items()
            for one in self.kube.list(resource(version, plural))
            if not one["metadata"]["name"].startswith(("platform-labs-canary", marker.NAME))
        }


def _is_ready(policy: Any) -> bool:
    status = policy.get("status") or {}
    if (status.get("conditionStatus") or {}).get("ready"):
        return True
    conditions = status.get("conditions") or []
    return any(one.get("type") == "Ready" and one.get("status") == "True" for one in conditions)


def _versions(found: Cluster) -> dict[str, str]:
    tags = {}
    for deployment in found.all("Deployment"):
        metadata = deployment["metadata"]
        image = deployment["spec"]["template"]["spec"]["containers"][0]["image"]
        tags[f"{metadata['namespace']}/{metadata['name']}"] = image.rpartition(":")[2].removeprefix("v")
    return {
        "kyverno": tags["kyverno/kyverno-admission-controller"],
        "kubernetes": found.version.removeprefix("v"),
        "argocd": tags["argocd/argocd-repo-server"],
    }
