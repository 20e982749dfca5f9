"""From an untouched lab to full marks: the real command line, over HTTPS, on a simulated cluster."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from grader import course
from grader.cli import grader
from grader.console import run
from labs.cluster.simulated.api.ask import ADMINISTRATOR, Ask
from labs.cluster.simulated.api.cluster import Cluster
from labs.cluster.simulated.api.schema import copied
from labs.cluster.simulated.charts.install import CHARTS
from labs.cluster.simulated.charts.parts import Release
from labs.cluster.simulated.settings import Settings, save
from labs.platform import manifests
from labs.registry.samples import SAMPLES
from labs.registry.table import signatures
from tests.repositories import Clone
from tests.sim_server import Served, served
from tests.sim_world import TRUST, pod

COURSE = course.read()
MODULE = COURSE.module("01-chainguard-images")
DIGEST = "sha256:" + "5" * 64
TAG = "v1.2.3"
NAMES = {
    one.name: f"cgr.dev/chainguard/{'provider' if one.provider else 'image'}-{one.name.replace('-', '')}"
    for one in SAMPLES
}
REGISTRY = {
    f"{NAMES[one.name]}:{TAG}": {"digest": DIGEST, "signatures": [asdict(made) for made in signatures(one)]}
    for one in SAMPLES
}
PUBLISHED = {name: {"image": image, "tag": TAG, "digest": DIGEST, "signature": "x"} for name, image in NAMES.items()}


class Lab:
    """A simulated lab with everything but Kyverno, and the learner's clone."""

    def __init__(self, server: Served, folder: Path, clone: Clone, remote: Path) -> None:
        self.server, self.folder, self.clone, self.remote = server, folder, clone, remote

    def create(self, *values: Any) -> None:
        """Creates objects, found by their apiVersion and kind."""

        def act(cluster: Cluster) -> None:
            for value in values:
                resource = cluster.catalogue.of_kind(value["apiVersion"], value["kind"])
                assert resource is not None, value["kind"]
                namespace = value["metadata"].get("namespace", "default")
                cluster.create(resource, namespace, copied(value), Ask(ADMINISTRATOR, "test"))

        self.server.call(act)

    def install(self, chart: str, namespace: str, values: Any = None) -> None:
        """Everything that a chart makes."""
        self.create(*CHARTS[chart][0](Release(chart, namespace, values or {})))

    def push(self, overlay: Path) -> None:
        """Lays an overlay over the clone, commits and pushes."""
        self.clone.lay(overlay)
        self.clone.commit()
        self.clone.push()
        self.clone.publish(self.remote)

    def grade(self, capsys: pytest.CaptureFixture[str], *more: str) -> tuple[int, dict[str, Any]]:
        """Exit code and report of `grader grade`, as a learner would run it."""
        options = ["--repo", self.clone.path, "--remote", self.remote, "--kubeconfig", self.server.kubeconfig]
        code = run(grader, ["grade", MODULE.id, *map(str, options), "--format", "json", *more], program="grader")
        return code, json.loads(capsys.readouterr().out)


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    folder = tmp_path_factory.mktemp("lab")
    clone, remote = Clone(folder / "clone"), folder / "platform.git"
    with served(folder / "served", {manifests.REMOTE_URL: str(remote)}) as server:
        save(server.place.settings, Settings(images=REGISTRY, remotes={manifests.REMOTE_URL: str(remote)}))
        made = Lab(server, folder, clone, remote)
        made.push(COURSE.platform)
        made.create(*manifests.namespaces())
        made.create(
            manifests.facts("test", "simulated", PUBLISHED), pod("busybox", "crossplane-system", "crossplane-0")
        )
        made.install("argo-cd", "argocd")
        made.install("crossplane", "crossplane-system")
        made.create(manifests.application())
        yield made


def open_ones(report: dict[str, Any]) -> dict[str, str]:
    return {one["check"]: one["status"] for one in report["outcomes"] if one["status"] != "passed"}


def provider(sample: str) -> dict[str, Any]:
    """A Provider of a sample."""
    spec = {"package": f"{NAMES[sample]}:{TAG}"}
    return {
        "apiVersion": "pkg.crossplane.io/v1", "kind": "Provider", "metadata": {"name": f"trial-{sample}"}, "spec": spec
    }  # fmt: skip


def test_an_evening(lab: Lab, capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing done; Kyverno alone; everything; then a mistake."""
    code, report = lab.grade(capsys)
    assert code == 1
    assert [check for check, status in open_ones(report).items() if status == "failed"] == [
        "kyverno.installed", "policy.present"
    ]  # fmt: skip

    lab.create(manifests.namespace("kyverno"))
    lab.install("kyverno", "kyverno", TRUST)
    code, report = lab.grade(capsys, "--wait", "20s")
    assert [check for check, status in open_ones(report).items() if status == "failed"] == ["policy.present"]

    lab.push(MODULE.solutions[0])
    code, report = lab.grade(capsys, "--wait", "20s")
    assert (code, open_ones(report), report["score"]) == (1, {"enforcement.provider": "failed"}, 93)

    lab.create(*(provider(sample) for sample in ("signed", "unsigned")))
    code, report = lab.grade(capsys, "--wait", "20s")
    assert (code, open_ones(report), report["score"]) == (0, {}, 100)
    assert report["provenance"]["simulated"] is True
    assert any("simulated" in note for note in report["notes"])
    assert not any("model of Kyverno expected" in note for one in report["outcomes"] for note in one["notes"])

    mutant = next(path for path in MODULE.mutants if path.name == "10-no-namespace")
    lab.push(mutant)
    code, report = lab.grade(capsys, "--wait", "20s")
    assert (code, open_ones(report)) == (
        1, {"policy.scope": "failed", "enforcement.live": "blocked", "enforcement.provider": "blocked"}
    )  # fmt: skip
