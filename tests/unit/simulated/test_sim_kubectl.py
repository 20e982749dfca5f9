"""The unmodified `kubectl`: the commands of the course's text and what people type beside them."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from grader.kube import connect
from labs.cluster.simulated.helm.actions import install
from tests.sim_server import Served
from tests.sim_world import GOOD, TRUST, UNSIGNED, deployment, pod, policy

KUBECTL = shutil.which("kubectl", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}")
pytestmark = pytest.mark.skipif(KUBECTL is None, reason="there is no kubectl")


class Kubectl:
    """kubectl for one server, with a home of its own."""

    def __init__(self, server: Served, home: Path) -> None:
        self.environment = {"KUBECONFIG": str(server.kubeconfig), "HOME": str(home), "PATH": "/usr/bin:/bin"}

    def run(self, *arguments: str, given: str = "") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(KUBECTL), *arguments], input=given, capture_output=True, text=True, env=self.environment, timeout=60,
            check=False,
        )  # fmt: skip

    def __call__(self, line: str, given: str = "") -> str:
        """Standard output of a command that must succeed."""
        done = self.run(*line.split(), given=given)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def fails(self, line: str, given: str = "") -> str:
        """Standard error of a command that must fail."""
        done = self.run(*line.split(), given=given)
        assert done.returncode != 0, done.stdout
        return done.stderr


@pytest.fixture(scope="module")
def kubectl(server: Served, tmp_path_factory: pytest.TempPathFactory) -> Kubectl:
    found = Kubectl(server, tmp_path_factory.mktemp("home"))
    with connect(server.kubeconfig) as kube:
        install(kube, "kyverno", "kyverno", "kyverno", TRUST, create_namespace=True)
    found("create namespace crossplane-system")
    found("--namespace kyverno rollout status deployment --timeout=30s")
    return found


def test_version_and_nodes(kubectl: Kubectl) -> None:
    assert json.loads(kubectl("version -o json"))["serverVersion"]["gitVersion"] == "v1.35.4+simulated"
    assert kubectl("get nodes").splitlines()[0].split() == ["NAME", "STATUS", "ROLES", "AGE", "VERSION"]


def test_the_trial_of_the_text(kubectl: Kubectl, tmp_path: Path) -> None:
    file = tmp_path / "policy.yaml"
    file.write_text(yaml.safe_dump(policy()))
    strict = kubectl.run("create", "--dry-run=server", "--validate=strict", "-f", str(file))
    assert strict.stdout == "clusterpolicy.kyverno.io/verify created (server dry run)\n"
    assert strict.stderr.startswith("Warning: kyverno.io/v1 ClusterPolicy is deprecated")
    kubectl(f"apply -f {file}")
    kubectl("wait --for=condition=Ready --timeout=30s clusterpolicy/verify")
    assert kubectl("get clusterpolicy").splitlines()[1].split()[:4] == ["verify", "true", "true", "True"]
    run = "--namespace crossplane-system run trial --dry-run=server --image="
    assert kubectl(f"{run}{GOOD} -o jsonpath={{.spec.containers[0].image}}") == f"{GOOD}@sha256:{'a' * 64}"
    assert kubectl.fails(f"{run}{UNSIGNED}") == (
        'Error from server: admission webhook "mutate.kyverno.svc-fail" denied the request: \n\n'
        "resource Pod/crossplane-system/trial was blocked due to the following policies \n\nverify:\n"
        f"  signed: 'failed to verify image {UNSIGNED}: .attestors[0].entries[0].keyless: no signatures found'\n"
    )
    refused = kubectl.fails(f"-n crossplane-system create deployment trial --dry-run=server --image={UNSIGNED}")
    assert "resource Deployment/crossplane-system/trial was blocked" in refused
    assert kubectl(f"run trial --dry-run=server --image={UNSIGNED}") == "pod/trial created (server dry run)\n"
    assert kubectl("delete clusterpolicy verify") == 'clusterpolicy.kyverno.io "verify" deleted\n'


def test_a_strict_apply_is_refused_and_a_lenient_one_warned(kubectl: Kubectl) -> None:
    value = policy("sample")
    rule = value["spec"]["rules"][0]
    rule["attestors"] = rule["verifyImages"][0].pop("attestors")
    text = yaml.safe_dump(value)
    said = kubectl.fails("apply --dry-run=server -f -", text)
    assert 'strict decoding error: unknown field "spec.rules[0].attestors"' in said
    lenient = kubectl.run("apply", "--dry-run=server", "--validate=warn", "-f", "-", given=text)
    assert 'Warning: unknown field "spec.rules[0].attestors"' in lenient.stderr
    assert lenient.returncode == 0
    assert "field not declared in schema" in kubectl.fails("apply --server-side --dry-run=server -f -", text)


def test_apply_is_three_way(kubectl: Kubectl) -> None:
    text = yaml.safe_dump(deployment("nginx:1", replicas=2))
    assert kubectl("apply -f -", text) == "deployment.apps/web created\n"
    assert kubectl("apply -f -", text) == "deployment.apps/web unchanged\n"
    assert kubectl("apply -f -", text.replace("nginx:1", "nginx:2")) == "deployment.apps/web configured\n"
    kubectl("rollout status deployment web --timeout=30s")
    assert kubectl("get deployment web -o jsonpath={.spec.template.spec.containers[*].image}") == "nginx:2"
    kubectl("scale deployment web --replicas=1")
    assert kubectl("get deployment web -o jsonpath={.spec.replicas}") == "1"
    assert "web" in kubectl("get all")
    kubectl("rollout undo deployment web")
    assert kubectl("get deployment web -o jsonpath={.spec.template.spec.containers[*].image}") == "nginx:1"
    kubectl("delete deployment web")
    assert kubectl.run("get", "deployments").stderr == "No resources found in default namespace.\n"


def test_a_pod_is_run_described_debugged_and_deleted(kubectl: Kubectl) -> None:
    kubectl("run trial --image=nginx")
    kubectl("wait --for=condition=Ready pod/trial --timeout=30s")
    described = kubectl("describe pod trial")
    assert "Status:           Running" in described
    assert "Started container trial" in described
    assert kubectl("logs trial").startswith("simulated: ")
    kubectl("debug trial --image=busybox --container=debug")
    assert kubectl("get pod trial -o jsonpath={.spec.ephemeralContainers[*].name}") == "debug"
    kubectl("label pod trial a=b")
    assert kubectl("get pods -l a=b -o name") == "pod/trial\n"
    kubectl("delete pod trial")
    assert kubectl.fails("get pod trial") == 'Error from server (NotFound): pods "trial" not found\n'


@pytest.mark.parametrize(
    "line", ["exec quiet -- ls", "attach quiet", "cp quiet:/etc/hosts hosts", "port-forward pod/quiet 18080:80"]
)
def test_a_connection_into_a_container_says_that_nothing_runs(kubectl: Kubectl, line: str) -> None:
    kubectl("apply -f -", yaml.safe_dump(pod("nginx", name="quiet")))
    kubectl("wait --for=condition=Ready pod/quiet --timeout=30s")
    assert "simulated: nothing runs in this container" in kubectl.fails(line)


def test_a_namespace_comes_and_goes(kubectl: Kubectl) -> None:
    assert kubectl("create namespace playground") == "namespace/playground created\n"
    assert kubectl.fails("create namespace playground").endswith('namespaces "playground" already exists\n')
    kubectl("-n playground create configmap c --from-literal=a=b")
    patch = ["--type", "merge", "--patch", '{"data": {"a": "c"}}']
    assert kubectl.run("-n", "playground", "patch", "configmap", "c", *patch).stdout == "configmap/c patched\n"
    kubectl("delete namespace playground")
    assert kubectl.fails("get namespace playground").startswith("Error from server (NotFound)")


def test_questions_about_the_api(kubectl: Kubectl) -> None:
    assert "clusterpolicies" in kubectl("api-resources")
    assert "failureAction" in kubectl("explain clusterpolicy.spec.rules.verifyImages")
    assert kubectl("auth can-i create pods") == "yes\n"
    assert "kubernetes-admin" in kubectl("auth whoami")
    assert "Forbidden" in kubectl.fails("get pods --as somebody")
    assert kubectl("get crd clusterpolicies.kyverno.io -o jsonpath={.spec.names.kind}") == "ClusterPolicy"


@pytest.mark.parametrize(
    ("version", "kind"), [("nope.io/v1", "Foo"), ("apps/v1", "Pod"), ("kyverno.io/v1", "Clusterpolicy")]
)
@pytest.mark.parametrize("line", ["create --dry-run=server --validate=strict", "apply", "diff"])
def test_an_unknown_kind_is_told_as_such(kubectl: Kubectl, tmp_path: Path, line: str, version: str, kind: str) -> None:
    file = tmp_path / "unknown.yaml"
    file.write_text(yaml.safe_dump({"apiVersion": version, "kind": kind, "metadata": {"name": "x"}}))
    said = kubectl.fails(f"{line} -f {file}")
    assert f'no matches for kind "{kind}" in version "{version}"\nensure CRDs are installed first' in said
    assert "--validate=false" not in said
