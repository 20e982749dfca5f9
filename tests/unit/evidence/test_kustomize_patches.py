"""What patches make of a policy, held against the kustomize that is in kubectl."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from grader.evidence.kustomize import Build, build
from grader.evidence.model import File

KUBECTL = Path(sys.executable).parent / "kubectl"
POLICY = """\
apiVersion: kyverno.io/v1
kind: ClusterPolicy
metadata: {name: verify, labels: {a: b}}
spec:
  background: true
  rules:
  - name: signed
    match: {any: [{resources: {kinds: [Pod], namespaces: [default]}}]}
    verifyImages:
    - imageReferences: ["cgr.dev/chainguard/provider-*"]
      failureAction: Audit
      mutateDigest: false
"""
HEAD = "kind: ClusterPolicy\napiVersion: kyverno.io/v1\nmetadata: {name: verify}\n"
CHANGES = {
    "a field replaced": "patches:\n- target: {kind: ClusterPolicy}\n  patch: |-\n    - op: replace\n"
    "      path: /spec/rules/0/verifyImages/0/failureAction\n      value: Enforce\n",
    "fields removed and added": "patches:\n- target: {kind: ClusterPolicy, name: ver.*}\n  patch: |-\n"
    "    - {op: remove, path: /spec/rules/0/verifyImages/0/mutateDigest}\n"
    "    - {op: add, path: /spec/rules/0/verifyImages/0/imageReferences/-, value: x/*}\n"
    "    - {op: test, path: /spec/background, value: true}\n",
    "another name": "patches:\n- target: {kind: ClusterPolicy, name: ver}\n  patch: '- {op: remove, path: /spec}'\n",
    "another group": "patches:\n- target: {group: other.io}\n  patch: '- {op: remove, path: /spec}'\n",
    "a merge": "patches:\n- patch: |-\n" + "".join(f"    {line}\n" for line in HEAD.splitlines())
    + "    spec: {background: false, admission: true}\n",
    "a list replaced whole": "patches:\n- target: {kind: ClusterPolicy}\n  patch: |-\n    kind: ClusterPolicy\n"
    "    metadata: {name: any}\n    spec: {rules: [{name: other}]}\n",
    "null": "patches:\n- path: p.yaml\n",
    "the old fields": "patchesStrategicMerge: [p.yaml]\npatchesJson6902:\n- target: {version: v1, kind: ClusterPolicy, "
    "name: verify}\n  patch: '- {op: add, path: /spec/x, value: {z: 1}}'\n",
    "one after the other": "patches:\n- path: p.yaml\n- target: {kind: ClusterPolicy}\n"
    "  patch: '- {op: add, path: /spec/background, value: 1}'\n",
}  # fmt: skip
REFUSED = {
    "a path that is not there": "patches:\n- target: {kind: Cluster.*}\n  patch: '- {op: remove, path: /spec/n}'\n",
    "a list that is no JSON": "patches:\n- target: {kind: ClusterPolicy}\n  patch: '[{op: remove, path: /spec}]'\n",
    "an object that is not there": "patches:\n- patch: '{kind: ClusterPolicy, apiVersion: kyverno.io/v1, metadata:"
    " {name: none}}'\n",
}


def folder(place: Path, kustomization: str) -> Path:
    files = {
        "kustomization.yaml": f"resources: [policy.yaml]\n{kustomization}",
        "policy.yaml": POLICY,
        "p.yaml": HEAD + "spec: {background: null, webhookTimeoutSeconds: 5}\n",
    }
    for name, text in files.items():
        (place / name).write_text(text)
    return place


def built(place: Path) -> Build:
    files = [(path.name, path.read_bytes()) for path in place.iterdir()]
    return build([File(f"apps/{name}", 0o100644, "", len(data), data) for name, data in files], "apps")


def kustomize(place: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([KUBECTL, "kustomize", str(place)], capture_output=True, text=True, check=False, timeout=30)


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_a_patch_makes_what_kustomize_makes(tmp_path: Path, change: str) -> None:
    place = folder(tmp_path, change)
    found = built(place)
    real: Any = yaml.safe_load(kustomize(place).stdout)
    assert (found.problems, found.unsure) == ((), ())
    assert found.made("apps/policy.yaml", yaml.safe_load(POLICY)) == real


@pytest.mark.parametrize("change", REFUSED.values(), ids=REFUSED.keys())
def test_a_patch_that_fits_nothing_stops_the_build(tmp_path: Path, change: str) -> None:
    place = folder(tmp_path, change)
    assert kustomize(place).returncode
    assert len(built(place).problems) == 1


@pytest.mark.parametrize(
    "change",
    [
        "patches:\n- patch: |-\n" + "".join(f"    {line}\n" for line in HEAD.splitlines()) + "    $patch: delete\n",
        "patches:\n- target: {kind: ClusterPolicy}\n  patch: '- {op: replace, path: /metadata/name, value: x}'\n",
        "patches:\n- target: {kind: ClusterPolicy}\n  patch: '- {op: copy, from: /spec, path: /spec/x}'\n",
        "patches:\n- target: {labelSelector: a=b}\n  patch: '- {op: remove, path: /spec}'\n",
        "patches:\n- path: p.yaml\n  options: {allowNameChange: true}\n",
    ],
)
def test_what_is_not_known_is_a_doubt(tmp_path: Path, change: str) -> None:
    found = built(folder(tmp_path, change))
    assert len(found.unsure) == 1
    assert "patches may change the policy" in found.unsure[0]
    assert found.patches == ()


def test_patches_without_end_are_not_followed(tmp_path: Path) -> None:
    many = "patches:\n" + "- path: p.yaml\n" * 60
    assert len(built(folder(tmp_path, many)).unsure) == 1


def test_a_policy_that_grows_deep_stops_the_build(tmp_path: Path) -> None:
    deep = "{a: " * 20 + "1" + "}" * 20
    steps = "".join(f"    - {{op: add, path: /spec{'/a' * (20 * number)}/a, value: {deep}}}\n" for number in range(8))
    found = built(folder(tmp_path, f"patches:\n- target: {{kind: ClusterPolicy}}\n  patch: |-\n{steps}"))
    assert "nested too deeply" in found.problems[0]
