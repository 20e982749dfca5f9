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


MAP = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: other, namespace: default}\n"


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("tab.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata:\n\tname: a\n", 'Failed to unmarshal "tab.yaml"'),
        (
            "kind.yaml", "apiVersion: v1\n#kind:\nmetadata: {}\n",
            'Failed to unmarshal "kind.yaml": failed to unmarshal manifest: error unmarshaling JSON: while decoding '
            """JSON: Object 'Kind' is missing in '{"apiVersion":"v1","metadata":{}}'""",
        ),
        ("after.yaml", f"{MAP}---\nhello world\n", "json: cannot unmarshal string into Go value of type map"),
        ("after.yaml", f"{MAP}---\na: [\n", 'Failed to unmarshal "after.yaml"'),
        ("line.yaml", f"{MAP}--- a\n", "invalid Yaml document separator: a"),
        ("string.json", '"hello"', 'Failed to unmarshal "string.json"'),
        ("kind.json", '{"a": 1}', "Object 'Kind' is missing"),
        ("item.yaml", "apiVersion: v1\nkind: List\nitems: [{apiVersion: v1}]\n", "Object 'Kind' is missing"),
    ],
)  # fmt: skip
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


@pytest.mark.parametrize(
    "text",
    [
        "hello world\n", "a: b\n", "a: [\n", "- a\n", "7\n", "", "# nothing\n", "---\n---\n", "null\n", "--- a\n",
        "apiVersion: v1\nmetadata: {name: a}\n", f"a: b\n---\n{MAP.replace('metadata:', 'about:')}",
    ],
)  # fmt: skip
def test_a_file_that_is_no_manifest_is_passed_over(lab: Lab, text: str) -> None:
    lab.write("bad.yaml", text)
    lab.push()
    lab.follow()
    assert lab.state == ("Synced", "Succeeded")
    assert "conditions" not in lab.application["status"]
    assert [one["name"] for one in lab.application["status"]["resources"]] == ["welcome"]


@pytest.mark.parametrize(
    "text",
    [
        f"# first\n---\n{MAP}--- # last\n# nothing\n",
        "apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: ConfigMap, metadata: {name: other}}\n",
        f"{MAP}---\napiVersion: v1\nkind: ConfigMapList\nitems: null\n",
    ],
)
def test_documents_and_lists_are_taken_apart(lab: Lab, text: str) -> None:
    lab.write("many.yaml", text)
    lab.push()
    lab.follow()
    assert lab.state == ("Synced", "Succeeded")
    assert lab.world.there("configmaps", "other")


def test_an_object_without_a_name_fails_to_sync(lab: Lab) -> None:
    lab.write("nameless.yaml", "apiVersion: v1\nkind: ConfigMap\n")
    lab.push()
    lab.follow()
    assert lab.application["status"]["sync"]["status"] == "OutOfSync"
    assert lab.said.startswith("one or more objects failed to apply (dry run)")
    assert not lab.world.there("configmaps", "welcome")


def test_an_object_without_a_version_is_of_no_kind(lab: Lab) -> None:
    lab.write("versionless.yaml", "kind: ConfigMap\nmetadata: {name: other}\n")
    lab.push()
    lab.follow()
    assert lab.application["status"]["sync"]["status"] == "OutOfSync"
    assert not lab.world.there("configmaps", "other")


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


def test_a_kustomization_at_the_top_is_built(lab: Lab) -> None:
    lab.clone.write("kustomization.yaml", f"resources: [{FOLDER}/welcome.yaml]\n")
    lab.push()
    lab.follow(source={"repoURL": manifests.REMOTE_URL, "targetRevision": "main", "path": "."})
    assert lab.state == ("Synced", "Succeeded")
    assert [one["name"] for one in lab.application["status"]["resources"]] == ["welcome"]


AT = f"<path to cached source>/{FOLDER}"
CONFIG_MAP = {"apiVersion": "v1", "kind": "ConfigMap"}


@pytest.mark.parametrize(
    ("kustomization", "words"),
    [
        (
            {"resources": ["welcome.yaml", "none.yaml"]},
            "accumulating resources: accumulation err='accumulating resources from 'none.yaml': evalsymlink failure on "
            f"'{AT}/none.yaml' : lstat {AT}/none.yaml: no such file or directory': must build at directory: not a "
            f"valid directory: evalsymlink failure on '{AT}/none.yaml' "
            f": lstat {AT}/none.yaml: no such file or directory",
        ),
        (
            {"resources": ["plain"]},
            f"'{AT}/plain' must resolve to a file': couldn't make target for path '{AT}/plain': unable to find one of "
            f"'kustomization.yaml', 'kustomization.yml' or 'Kustomization' in directory '{AT}/plain'",
        ),
        (
            {"resources": ["nameless.yaml"]},
            "accumulating resources from 'nameless.yaml': missing metadata.name in object': must build at directory: "
            f"'{AT}/nameless.yaml': file is not directory",
        ),
        ({"resources": ["../outside.yaml"]}, f"is not in or below '{AT}''"),
        ({"resources": ["https://example.org/base"]}, "simulated: https://example.org/base: nothing is read from"),
        ({"resources": 5}, "invalid Kustomization: resources must be a list of paths"),
        ({"resources": ["welcome.yaml"], "nope": 1}, 'Error: invalid Kustomization: json: unknown field "nope"'),
        ({"resources": ["welcome.yaml"], "helmCharts": [{"name": "x"}]}, "helmCharts is not built here"),
        (
            {"resources": ["welcome.yaml"], "patchesStrategicMerge": ["none.yaml"]},
            f"failed to get the patch file from path(none.yaml): evalsymlink failure on '{AT}/none.yaml'",
        ),
        ("", "Error: kustomization.yaml is empty"),
    ],
)  # fmt: skip
def test_a_kustomization_that_cannot_be_built(lab: Lab, kustomization: Any, words: str) -> None:
    lab.write("kustomization.yaml", kustomization)
    lab.write("plain/other.yaml", welcome("x"))
    lab.write("nameless.yaml", {**CONFIG_MAP, "metadata": {"labels": {"a": "b"}}})
    lab.write("../outside.yaml", welcome("x"))
    lab.push()
    lab.follow()
    message = lab.application["status"]["conditions"][0]["message"]
    assert f"`kustomize build {AT}` failed exit status 1: Error: " in message
    assert words in message
