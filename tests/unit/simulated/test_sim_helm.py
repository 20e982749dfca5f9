"""The small helm: the text's commands, and what Helm says when they are wrong."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner, Result

from grader.kube import connect, resource
from labs.cluster.simulated import tools
from labs.cluster.simulated.backend import Simulated
from labs.cluster.simulated.helm.__main__ import helm
from labs.cluster.simulated.helm.releases import exists, unpacked
from labs.cluster.simulated.helm.values import collect, merged
from tests.sim_server import Served, served

FIRST = "install kyverno kyverno/kyverno -n kyverno --create-namespace"


def run(server: Served, *arguments: str) -> Result:
    return CliRunner().invoke(helm, list(arguments), env={"KUBECONFIG": str(server.kubeconfig)})


def deployments(server: Served, namespace: str) -> list[str]:
    with connect(server.kubeconfig) as kube:
        return [one["metadata"]["name"] for one in kube.list(resource("apps/v1", "deployments", namespace))]


def test_a_release_lives(server: Served, tmp_path: Path) -> None:
    file = tmp_path / "values.yaml"
    file.write_text("features: {tuf: {enabled: true, rootRaw: abc}}\n")
    text = "install kyverno kyverno/kyverno --namespace kyverno --create-namespace --version 3.9.1 -f"
    made = run(server, *text.split(), str(file))
    assert made.exit_code == 0, made.output
    assert "STATUS: deployed\nREVISION: 1\n" in made.output
    assert len(deployments(server, "kyverno")) == 4
    taken = run(server, "install", "kyverno", "kyverno/kyverno", "-n", "kyverno")
    assert (taken.exit_code, taken.output) == (
        1,
        "Error: INSTALLATION FAILED: cannot re-use a name that is still in use\n",
    )
    listed = json.loads(run(server, "list", "-A", "-a", "-o", "json").output)
    assert [(one["name"], one["chart"], one["app_version"]) for one in listed] == [
        ("kyverno", "kyverno-3.9.1", "v1.19.1")
    ]
    changed = run(
        server, "upgrade", "kyverno", "/x/kyverno-3.9.1.tgz", "-n", "kyverno", "--reuse-values", "--set",
        "backgroundController.enabled=false",
    )  # fmt: skip
    assert changed.output.startswith('Release "kyverno" has been upgraded. Happy Helming!\n')
    assert "kyverno-background-controller" not in deployments(server, "kyverno")
    given = yaml.safe_load(run(server, "get", "values", "kyverno", "-n", "kyverno", "-o", "yaml").output)
    assert given == {
        "features": {"tuf": {"enabled": True, "rootRaw": "abc"}},
        "backgroundController": {"enabled": False},
    }
    assert "REVISION: 2" in run(server, "status", "kyverno", "-n", "kyverno").output
    records(server)
    ended = run(server, "uninstall", "kyverno", "--namespace", "kyverno", "--no-hooks", "--cascade", "foreground")
    assert ended.output.endswith('release "kyverno" uninstalled\n')
    assert not deployments(server, "kyverno")
    with connect(server.kubeconfig) as kube:
        assert not kube.list(resource("admissionregistration.k8s.io/v1", "mutatingwebhookconfigurations"))
        assert not [one for one in kube.list(resource("v1", "secrets", "kyverno")) if one["type"].startswith("helm")]


def records(server: Served) -> None:
    """Releases are stored as Helm stores them."""
    with connect(server.kubeconfig) as kube:
        secrets: Any = kube.list(resource("v1", "secrets", "kyverno"))
    found = {one["metadata"]["name"]: one for one in secrets}
    assert list(found) == ["sh.helm.release.v1.kyverno.v1", "sh.helm.release.v1.kyverno.v2"]
    assert [one["metadata"]["labels"]["status"] for one in secrets] == ["superseded", "deployed"]
    assert unpacked(secrets[1]["data"]["release"])["chart"]["metadata"]["name"] == "kyverno"


@pytest.mark.parametrize(("name", "namespace"), [("second", "elsewhere"), ("kyverno", "elsewhere"), ("k3", "kyverno")])
def test_no_release_takes_over_what_another_made(tmp_path: Path, name: str, namespace: str) -> None:
    with served(tmp_path) as server:
        assert run(server, *FIRST.split()).exit_code == 0
        refused = run(server, "install", name, "kyverno/kyverno", "-n", namespace, "--create-namespace")
        assert refused.exit_code == 1
        faults = [
            f'annotation validation error: key "meta.helm.sh/release-{what}" must equal "{given}": '
            'current value is "kyverno"'
            for what, given in (("name", name), ("namespace", namespace)) if given != "kyverno"
        ]  # fmt: skip
        assert refused.output == (
            "Error: INSTALLATION FAILED: Unable to continue with install: CustomResourceDefinition "
            '"clusterpolicies.kyverno.io" in namespace "" exists and cannot be imported into the current release: '
            f"invalid ownership metadata; {'; '.join(faults)}\n"
        )
        assert len(deployments(server, "kyverno")) == 4
        with connect(server.kubeconfig) as kube:
            assert not exists(kube, "elsewhere")


def test_an_object_without_an_owner_is_not_taken_over(tmp_path: Path) -> None:
    with served(tmp_path) as server, connect(server.kubeconfig) as kube:
        kube.create(resource("v1", "configmaps", "default"), {"metadata": {"name": "kyverno"}})
        refused = run(server, "install", "kyverno", "kyverno/kyverno")
        assert 'ConfigMap "kyverno" in namespace "default" exists' in refused.output
        assert 'label validation error: missing key "app.kubernetes.io/managed-by": must be set to "Helm"' in (
            refused.output
        )
        assert not kube.list(resource("apiextensions.k8s.io/v1", "customresourcedefinitions"))


def test_the_end_of_a_release_leaves_the_other(tmp_path: Path) -> None:
    with served(tmp_path) as server:
        assert run(server, *FIRST.split()).exit_code == 0
        second = "install second kyverno/kyverno -n elsewhere --create-namespace --set crds.install=false"
        assert run(server, *second.split()).exit_code == 0
        assert run(server, "uninstall", "second", "-n", "elsewhere").exit_code == 0
        assert not deployments(server, "elsewhere")
        assert "kyverno-admission-controller" in deployments(server, "kyverno")


def test_what_a_release_left_may_be_installed_again(tmp_path: Path) -> None:
    with served(tmp_path) as server:
        for chart in ("argo/argo-cd", "crossplane-stable/crossplane"):
            for name in ("one", "one"):
                assert run(server, "install", name, chart).exit_code == 0
                assert run(server, "uninstall", name).exit_code == 0
        assert run(server, "install", "two", "crossplane-stable/crossplane").exit_code == 0
        assert "meta.helm.sh/release-name" in run(server, "install", "three", "argo/argo-cd").output


def test_upgrade_installs_where_it_is_told_to(server: Served) -> None:
    made = run(server, "upgrade", "--install", "argocd", "argo/argo-cd", "-n", "argocd", "--create-namespace")
    assert made.exit_code == 0, made.output
    assert "argocd-server" in deployments(server, "argocd")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ("install x bitnami/nginx", 'INSTALLATION FAILED: failed to download "bitnami/nginx": simulated: the charts'),
        ("install x kyverno/kyverno --version 3.8.0", 'chart "kyverno" matching 3.8.0 not found in kyverno index'),
        ("install x kyverno/kyverno -n nowhere", 'create: failed to create: namespaces "nowhere" not found'),
        ("install Big kyverno/kyverno", 'release name "Big" is invalid'),
        ("install x kyverno/kyverno -f none.yaml", "open none.yaml: no such file or directory"),
        ("install x kyverno/kyverno --set a", 'key "a" has no value'),
        ("upgrade none kyverno/kyverno", 'UPGRADE FAILED: "none" has no deployed releases'),
        ("uninstall none", "uninstall: Release not loaded: none: release: not found"),
        ("status none", "release: not found"),
        ("get values none", "release: not found"),
        ("history kyverno", "simulated: No such command 'history'."),
        ("install x kyverno/kyverno --dry-run", "simulated: No such option '--dry-run'"),
        ("get manifest x", "simulated: No such command 'manifest'."),
        ("install", "simulated: Missing argument 'NAME'."),
        ("repo add other https://example.org", "simulated: charts of https://example.org cannot be had here"),
    ],
)  # fmt: skip
def test_what_helm_says_when_it_cannot(server: Served, arguments: str, words: str) -> None:
    done = run(server, *arguments.split())
    assert done.exit_code == 1
    assert done.output.startswith("Error: ")
    assert words in done.output


@pytest.mark.parametrize("arguments", [(), ("repo",), ("get",), ("--help",)])
def test_without_a_command_it_shows_its_help(arguments: tuple[str, ...]) -> None:
    done = CliRunner().invoke(helm, arguments)
    assert done.exit_code == 0
    assert done.stdout.startswith("Usage: ")
    assert not done.stderr


def test_repositories_are_known(server: Served) -> None:
    assert run(server, "repo", "add", "kyverno", "https://kyverno.github.io/kyverno/").exit_code == 0
    assert run(server, "repo", "update").exit_code == 0
    assert "crossplane-stable" in run(server, "repo", "list").output


def test_values_are_laid_over_each_other(tmp_path: Path) -> None:
    first, second = tmp_path / "1.yaml", tmp_path / "2.yaml"
    first.write_text("a: {b: 1, c: 2}\nd: [1]\n")
    second.write_text("a: {b: null}\nd: [2]\n")
    assert collect([str(first), str(second)], ["a.e=x,f=3"]) == {"a": {"c": 2, "e": "x"}, "d": [2], "f": 3}
    assert merged({"a": 1}, {"a": {"b": 2}}) == {"a": {"b": 2}}


def test_a_program_for_the_shell(tmp_path: Path) -> None:
    program = tools.install(tmp_path, Simulated("test", tmp_path / "kubeconfig", tmp_path)) / "helm"
    assert program.stat().st_mode & 0o777 == 0o755
    assert "-m labs.cluster.simulated.helm" in program.read_text()
