import io
import os
import shutil
import subprocess
import tarfile
from pathlib import Path

import pytest
import yaml

from grader.errors import EnvironmentFault
from labs.platform.helm import CHARTS, Chart, Helm, metadata
from tests.unit.labs.fakes import FakeRunner


@pytest.fixture
def runner(tmp_path: Path) -> FakeRunner:
    return FakeRunner(tmp_path)


@pytest.fixture
def helm(runner: FakeRunner, tmp_path: Path) -> Helm:
    return Helm(runner, tmp_path / "helm", tmp_path / "kubeconfig", "step")


def packaged(folder: Path, about: str = "apiVersion: v2\nname: kyverno\nversion: 3.9.1\nappVersion: v1.19.1\n") -> Path:
    """A packaged chart with one template."""
    file = folder / "kyverno-3.9.1.tgz"
    content = {"kyverno/Chart.yaml": about, "kyverno/templates/cm.yaml": "kind: ConfigMap\n"}
    with tarfile.open(file, "w:gz") as archive:
        for name, text in content.items():
            member = tarfile.TarInfo(name)
            member.size = len(text)
            archive.addfile(member, io.BytesIO(text.encode()))
    return file


def test_helm_never_looks_outside_the_labs_folder(helm: Helm) -> None:
    for name, path in helm.environment().items():
        assert name.startswith("HELM_")
        assert Path(path).is_relative_to(helm.folder)


def test_a_fetched_chart_is_fetched_once(helm: Helm, runner: FakeRunner, tmp_path: Path) -> None:
    def pull(argv: list[str]) -> str:
        (Path(argv[argv.index("-d") + 1]) / "argo-cd-9.3.4.tgz").write_bytes(b"chart")
        return ""

    runner.answers = {"helm pull": pull}
    first = helm.fetch(CHARTS["argocd"], tmp_path / "cache")
    assert helm.fetch(CHARTS["argocd"], tmp_path / "cache") == first
    assert first.read_bytes() == b"chart"
    (asked,) = runner.asked
    assert "pull argo-cd --repo https://argoproj.github.io/argo-helm --version 9.3.4" in asked
    assert "--kubeconfig" not in asked


def test_another_version_is_another_file(helm: Helm, runner: FakeRunner, tmp_path: Path) -> None:
    (tmp_path / "kyverno-3.5.0.tgz").write_bytes(b"")
    assert helm.fetch(CHARTS["kyverno"], tmp_path, "3.5.0") == tmp_path / "kyverno-3.5.0.tgz"


def test_an_install_first_forgets_what_was_left_pending(helm: Helm, runner: FakeRunner, tmp_path: Path) -> None:
    helm.install("argocd", tmp_path / "c.tgz", [tmp_path / "a.yaml", tmp_path / "b.yaml"], "argocd")
    cleared, installed = runner.asked
    assert "delete secret -n argocd -l owner=helm,name=argocd,status in (pending-install," in cleared
    assert "upgrade --install argocd" in installed
    assert installed.index("a.yaml") < installed.index("b.yaml")
    assert f"--kubeconfig {helm.kubeconfig}" in installed


def test_rendering_asks_no_cluster(helm: Helm, runner: FakeRunner, tmp_path: Path) -> None:
    runner.answers = {"helm template": "kind: Pod\n"}
    assert helm.render("one", tmp_path / "c.tgz", [], "ns", "1.35.0") == "kind: Pod\n"
    assert "--kubeconfig" not in runner.asked[0]


def test_releases_of_a_fresh_cluster(helm: Helm, runner: FakeRunner) -> None:
    assert helm.releases() == []


def test_the_public_repository_keeps_its_public_address(helm: Helm, tmp_path: Path) -> None:
    helm.publish({"kyverno": packaged(tmp_path)})
    listing = yaml.safe_load((helm.folder / "config" / "repositories.yaml").read_text())
    assert listing["repositories"] == [{"name": "kyverno", "url": "https://kyverno.github.io/kyverno/"}]
    index = yaml.safe_load((helm.folder / "cache" / "repository" / "kyverno-index.yaml").read_text())
    (entry,) = index["entries"]["kyverno"]
    assert (entry["version"], entry["appVersion"]) == ("3.9.1", "v1.19.1")


@pytest.mark.skipif(shutil.which("helm") is None, reason="helm is not on PATH")
def test_helm_itself_finds_the_chart_by_its_public_name(helm: Helm, tmp_path: Path) -> None:
    helm.publish({"kyverno": packaged(tmp_path)})
    ask = ["helm", "template", "mine", "kyverno/kyverno", "--version", "3.9.1"]
    done = subprocess.run(
        ask, env={**os.environ, **helm.environment()}, capture_output=True, text=True, check=False, timeout=30
    )
    assert "kind: ConfigMap" in done.stdout, done.stderr


@pytest.mark.skipif(shutil.which("helm") is None, reason="helm is not on PATH")
def test_adding_the_public_repository_again_is_no_fault(helm: Helm, tmp_path: Path) -> None:
    helm.publish({"kyverno": packaged(tmp_path)})
    add = ["helm", "repo", "add", "kyverno", CHARTS["kyverno"].url]
    surroundings = {**os.environ, **helm.environment()}
    assert subprocess.run(add, env=surroundings, capture_output=True, check=False, timeout=30).returncode == 0


def test_what_a_chart_says_of_itself(tmp_path: Path) -> None:
    assert metadata(packaged(tmp_path))["appVersion"] == "v1.19.1"


@pytest.mark.parametrize("about", ["- a list\n", "a: [\n"])
def test_a_chart_without_sense_is_refused(tmp_path: Path, about: str) -> None:
    with pytest.raises(EnvironmentFault, match=r"Chart.yaml|Helm chart"):
        metadata(packaged(tmp_path, about))


def test_what_is_no_chart_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.tgz").write_bytes(b"nothing")
    with pytest.raises(EnvironmentFault, match="no packaged Helm chart"):
        metadata(tmp_path / "x.tgz")


def test_a_chart_that_was_cut_short_is_refused(tmp_path: Path) -> None:
    whole = packaged(tmp_path)
    for size in (1, 10, len(whole.read_bytes()) // 2):
        (tmp_path / "cut.tgz").write_bytes(whole.read_bytes()[:size])
        with pytest.raises(EnvironmentFault, match="no packaged Helm chart"):
            metadata(tmp_path / "cut.tgz")


def test_every_public_chart_is_pinned() -> None:
    def pinned(chart: Chart) -> bool:
        return chart.url.startswith("https://") and chart.version.count(".") == 2

    assert all(pinned(chart) for chart in CHARTS.values())
