"""What Argo CD reads of a remote at a commit: directories, kustomizations, and what cannot be read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from labs.platform import manifests
from tests.repositories import FOLDER
from tests.sim_argocd import Lab, welcome


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    return Lab(tmp_path)


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("tab.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata:\n\tname: a\n", 'Failed to unmarshal "tab.yaml"'),
        ("kind.yaml", "a: b\n", "Object 'Kind' is missing"),
        ("name.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {}\n", "metadata.name is missing"),
    ],
)
def test_what_cannot_be_read_is_a_comparison_error(lab: Lab, name: str, text: str, words: str) -> None:
    lab.follow()
    lab.write(name, text)
    commit = lab.push()
    status = lab.application["status"]
    assert status["sync"]["status"] == "Unknown"
    assert status["sync"]["revision"] == commit
    (condition,) = status["conditions"]
    assert condition["type"] == "ComparisonError"
    assert condition["message"].startswith(
        "Failed to load target state: failed to generate manifest for source 1 of 1: "
    )
    assert words in condition["message"]
    (lab.clone.path / FOLDER / name).unlink()
    lab.push()
    assert lab.state == ("Synced", "Succeeded")
    assert "conditions" not in lab.application["status"]


def test_other_files_and_subfolders_are_not_read(lab: Lab) -> None:
    lab.write("notes.txt", "kind: x")
    lab.write("below/deep.yaml", {**welcome("x"), "metadata": {"name": "deep"}})
    lab.push()
    lab.follow()
    assert lab.state == ("Synced", "Succeeded")
    assert not lab.world.there("configmaps", "deep")


def test_a_path_that_is_not_there(lab: Lab) -> None:
    lab.follow(source={"repoURL": manifests.REMOTE_URL, "targetRevision": "main", "path": "nowhere"})
    assert "nowhere: app path does not exist" in lab.application["status"]["conditions"][0]["message"]


@pytest.mark.parametrize(
    ("url", "revision", "words"),
    [
        ("https://example.org/x.git", "main", "only the lab's own remote can be read"),
        (manifests.REMOTE_URL, "none", "to a commit SHA"),
    ],
)
def test_a_remote_or_branch_that_is_not_there(lab: Lab, url: str, revision: str, words: str) -> None:
    lab.follow(source={"repoURL": url, "targetRevision": revision, "path": FOLDER})
    assert words in lab.application["status"]["conditions"][0]["message"]


def test_the_same_object_twice_is_told(lab: Lab) -> None:
    lab.write("again.yaml", welcome("twice"))
    lab.push()
    lab.follow()
    assert [one["type"] for one in lab.application["status"]["conditions"]] == ["RepeatedResourceWarning"]


def test_a_kustomization_is_built(lab: Lab) -> None:
    lab.write("kustomization.yaml", {
        "resources": ["welcome.yaml", "more"], "namePrefix": "team-", "commonAnnotations": {"by": "kustomize"},
        "patches": [{
            "target": {"kind": "ConfigMap", "name": "welcome"},
            "patch": "- {op: replace, path: /data/owner, value: patched}",
        }],
    })  # fmt: skip
    lab.write("more/kustomization.yaml", {"resources": ["extra.yaml"], "namespace": "kube-public"})
    lab.write("more/extra.yaml", {**welcome("extra"), "metadata": {"name": "extra"}})
    lab.write("left-out.yaml", {**welcome("x"), "metadata": {"name": "left-out"}})
    lab.push()
    lab.follow()
    assert lab.application["status"]["sourceType"] == "Kustomize"
    found = lab.world.get("configmaps", "team-welcome")
    assert found["data"] == {"owner": "patched"}
    assert found["metadata"]["annotations"]["by"] == "kustomize"
    assert lab.world.there("configmaps", "team-extra", "kube-public")
    assert not lab.world.there("configmaps", "team-left-out")


@pytest.mark.parametrize(
    ("kustomization", "words"),
    [
        ({"resources": ["none.yaml"]}, "unable to find one of"),
        ({"resources": ["welcome.yaml"], "helmCharts": [{"name": "x"}]}, "helmCharts is not built here"),
        ({"resources": ["welcome.yaml"], "patchesStrategicMerge": ["none.yaml"]}, "failed to get the patch file"),
    ],
)
def test_a_kustomization_that_cannot_be_built(lab: Lab, kustomization: Any, words: str) -> None:
    lab.write("kustomization.yaml", kustomization)
    lab.push()
    lab.follow()
    message = lab.application["status"]["conditions"][0]["message"]
    assert "`kustomize build` failed" in message
    assert words in message
