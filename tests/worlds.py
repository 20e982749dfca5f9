"""Evidence of whole worlds, made from a solution or a mutant: the oracle answers where a cluster would.

The repository is the overlay at one commit; the cluster has a ready Kyverno, Argo CD Synced at the
remote's head, the policies that Kyverno would have taken, and the two Providers of task 7.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml

from grader import course
from grader.checks.candidates import Submission
from grader.course import ProbeSpec
from grader.evidence.cluster import versions
from grader.evidence.model import Answer, Canary, Cluster, Evidence, File, ProbeAnswer, Remote, Repository
from grader.kyverno import oracle
from grader.kyverno.review import PolicyReview
from tests import providers
from tests.content import probing

COURSE = course.read()
MODULE = COURSE.module("01-chainguard-images")
COMMIT, BEFORE = "a" * 40, "b" * 40
FOLDER = "gitops-bootstrap/apps/platform"
HOOKS = {
    "MutatingWebhookConfiguration": ["kyverno-resource-mutating-webhook-cfg"],
    "ValidatingWebhookConfiguration": [
        "kyverno-resource-validating-webhook-cfg",
        "kyverno-policy-validating-webhook-cfg",
    ],
}


def files(*folders: Path) -> tuple[File, ...]:
    """The files of folders laid over each other; descriptions are left out."""
    found: dict[str, bytes] = {}
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if path.is_file() and path.name != "about.yaml":
                found[path.relative_to(folder).as_posix()] = path.read_bytes()
    return tuple(
        File(path, 0o100644, hashlib.sha1(content).hexdigest(), len(content), content)
        for path, content in sorted(found.items())
    )


def about(overlay: Path) -> Mapping[str, Any]:
    """The description beside an overlay."""
    found: dict[str, Any] = yaml.safe_load((overlay / "about.yaml").read_text())
    return found


def evidence(overlay: Path | None, action: str = "push", *, kyverno: bool = True) -> Evidence:
    """What a grading of that overlay would see, after that action."""
    repository = _repository(overlay, action)
    submission = Submission(repository, FOLDER)
    deployed = submission.commit if action == "push" else submission.current if action == "kubectl-apply" else None
    policies = [one for one in deployed.candidates if deployed.deploys(one.file)] if deployed else []
    if action == "push" and deployed and deployed.broken:
        policies = []
    reviews = oracle.review([one.document for one in policies]) if kyverno else []
    cluster = _cluster(reviews, kyverno=kyverno, tracked=action == "push", revision=_head(action))
    return Evidence(
        MODULE.id, "cluster", "2026-01-01T00:00:00+00:00", "test", "c" * 64,
        repository=repository,
        cluster=cluster,
        canary=Canary(ok=True) if kyverno else Canary(),
        probes=tuple(_answer(reviews, spec) for spec in MODULE.exercise.probes) if kyverno else (),
        probed_versions=versions(cluster),
    )  # fmt: skip


def _head(action: str) -> str:
    return COMMIT if action == "push" else BEFORE


def _repository(overlay: Path | None, action: str) -> Repository:
    start = files(COURSE.platform)
    mine = files(COURSE.platform, overlay) if overlay else start
    committed = start if action in ("uncommitted", "kubectl-apply") else mine
    commit = BEFORE if action in ("uncommitted", "kubectl-apply") else COMMIT
    there = mine if action == "push" else start
    inside = tuple(replace(file, content=None) for file in there if file.path.startswith(FOLDER))
    pushed = action in ("push", "uncommitted", "kubectl-apply")
    remote = Remote("origin", "main", True, _head(action), contains=pushed, files=inside)
    return Repository("platform", commit, "main", committed, mine, remote)


def _cluster(reviews: list[PolicyReview], *, kyverno: bool, tracked: bool, revision: str) -> Cluster:
    objects: dict[str, tuple[Any, ...]] = {
        "Namespace": ({"metadata": {"name": "crossplane-system", "labels": {}}},),
        "Application": (_application(reviews, revision),),
        "ClusterPolicy": tuple(_live(one, tracked) for one in reviews if one.accepted and one.kind == "ClusterPolicy"),
    }
    tried = providers.made(reviews, "signed", "unsigned")
    objects |= {"ConfigMap": (providers.facts(),), **tried}
    if kyverno:
        objects["Deployment"] = (_controller(), *tried["Deployment"])
        objects |= {kind: tuple({"metadata": {"name": name}} for name in names) for kind, names in HOOKS.items()}
    return Cluster(
        "https://127.0.0.1", "v1.35.4", "uid", objects=objects, not_served=() if kyverno else ("ClusterPolicy",)
    )


def _controller() -> dict[str, Any]:
    container = {"image": "reg.kyverno.io/kyverno/kyverno:v1.19.1"}
    return {
        "metadata": {"name": "kyverno-admission-controller", "namespace": "kyverno", "labels": {}},
        "spec": {"replicas": 1, "template": {"spec": {"containers": [container]}}},
        "status": {"availableReplicas": 1},
    }


def _application(reviews: list[PolicyReview], revision: str) -> dict[str, Any]:
    resources = [
        {"group": "kyverno.io", "kind": "ClusterPolicy", "name": one.name, "status": "Synced"} for one in reviews
    ]
    return {
        "metadata": {"name": "platform", "namespace": "argocd"},
        "spec": {"source": {"path": FOLDER}, "syncPolicy": {"automated": {}}},
        "status": {
            "sync": {"status": "Synced", "revision": revision},
            "operationState": {"phase": "Succeeded"},
            "resources": resources,
        },
    }


def _live(one: PolicyReview, tracked: bool) -> dict[str, Any]:
    tracking = {"argocd.argoproj.io/tracking-id": f"platform:kyverno.io/ClusterPolicy:default/{one.name}"}
    return {
        "apiVersion": "kyverno.io/v1",
        "kind": one.kind,
        "metadata": {
            "name": one.name,
            "uid": f"uid-{one.name}",
            "resourceVersion": "7",
            "annotations": {**(one.place.value["metadata"].get("annotations") or {}), **(tracking if tracked else {})},
        },
        "spec": dict(one.policy.spec) if one.policy else {},
        "status": {"conditions": [{"type": "Ready", "status": "True"}]},
    }


def _answer(reviews: list[PolicyReview], spec: ProbeSpec) -> ProbeAnswer:
    probe = probing.question(spec)
    predicted = oracle.answer(reviews, probe, probing.LAB)
    image = probe.image.reference
    if predicted.answer is oracle.Answer.DENIED:
        return ProbeAnswer(spec.id, Answer.DENIED, image, spec.namespace, denials=predicted.denials)
    looked = {
        policy: {rule: status.value for rule, images in rules.items() for status in images.values()}
        for policy, rules in predicted.looked.items()
    }
    return ProbeAnswer(spec.id, Answer.ADMITTED, image, spec.namespace, looked=looked)
