import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from labs.errors import EnvironmentFault
from labs.overrides import ChartOverride, Overrides
from labs.platform.images import ARGOCD_TAG, CROSSPLANE_TAG, GIT_DAEMON
from labs.registry.authority import load_or_create
from labs.steps import charts, images, network, platform, repository, trust
from labs.steps.context import Context
from tests.unit.labs.fakes import FakeEngine
from tests.unit.labs.working import context, runner_of

ARGOCD = f"cgr.dev/chainguard/argocd:{ARGOCD_TAG}"
REPO_SERVER = f"cgr.dev/chainguard/argocd-repo-server:{ARGOCD_TAG}"
CROSSPLANE = f"cgr.dev/chainguard/crossplane:{CROSSPLANE_TAG}"
COREFILE = ".:53 {\n    errors\n    forward . /etc/resolv.conf\n}\n"
NAMESPACES = "crossplane-system platform-labs platform-labs-canary platform-labs-elsewhere crossplane-elsewhere argocd"


class Stocked(FakeEngine):
    """An engine that has some images and can pull others."""

    def __init__(self, *has: str) -> None:
        super().__init__()
        self.has = set(has)
        self.pulled: list[str] = []

    def images(self) -> dict[str, str]:
        return dict.fromkeys(self.has, "sha256:0")

    def offered(self, reference: str) -> str | None:
        return "denied"

    def pull(self, reference: str) -> None:
        self.pulled.append(reference)
        self.has.add(reference)


def rendered(argv: list[str]) -> str:
    """One Pod a chart, with an image of the chart's name."""
    return f"kind: Pod\nspec: {{containers: [{{name: c, image: 'example.org/{argv[2]}:1'}}]}}\n"


@pytest.fixture
def chosen(tmp_path: Path) -> Context:
    """A lab whose images are chosen and whose charts are there."""
    made = context(tmp_path, Stocked(ARGOCD, REPO_SERVER, CROSSPLANE), helm_template=rendered)
    images.choose(made)
    made.state.update(
        charts={name: {"file": str(tmp_path / f"{name}.tgz")} for name in ("argocd", "crossplane", "kyverno")}
    )
    return made


def test_the_choice_is_written_down(chosen: Context) -> None:
    assert images.choice(chosen, "argocd").images == {"argocd": ARGOCD, "repo-server": REPO_SERVER}
    assert images.choice(chosen, "crossplane").images == {"crossplane": CROSSPLANE}


def test_the_lessons_values_come_first_and_the_labs_win(chosen: Context) -> None:
    lesson, lab = images.values_files(chosen, "argocd")
    assert lesson == chosen.course.platform / "values" / "argocd.yaml"
    assert yaml.safe_load(lab.read_text())["repoServer"]["image"]["tag"] == ARGOCD_TAG


def test_the_lesson_quotes_the_images_that_the_lab_would_choose(chosen: Context) -> None:
    for chart in ("argocd", "crossplane"):
        lesson, lab = (yaml.safe_load(file.read_text()) for file in images.values_files(chosen, chart))
        assert _subset(lesson, lab), chart


def _subset(part: Any, whole: Any) -> bool:
    if isinstance(part, dict):
        return isinstance(whole, dict) and all(key in whole and _subset(part[key], whole[key]) for key in part)
    return bool(part == whole)


def test_overrides_win_over_the_labs_values(tmp_path: Path) -> None:
    used = Overrides(charts={"argocd": ChartOverride(values={"dex": {"enabled": True}})})
    made = context(tmp_path, Stocked(ARGOCD, REPO_SERVER, CROSSPLANE), used)
    images.choose(made)
    assert yaml.safe_load(images.values_files(made, "argocd")[-1].read_text())["dex"] == {"enabled": True}


def test_only_missing_images_are_pulled(chosen: Context) -> None:
    engine = chosen.engine
    assert isinstance(engine, Stocked)
    engine.has |= {GIT_DAEMON, "registry:3", "example.org/argocd:1"}
    images.pull(chosen)
    assert engine.pulled == ["example.org/crossplane:1", "example.org/kyverno:1"]
    assert images.pulled(chosen)


def test_images_that_went_from_the_engine_are_noticed(chosen: Context) -> None:
    images.pull(chosen)
    assert isinstance(chosen.engine, Stocked)
    chosen.engine.has.discard("example.org/kyverno:1")
    assert not images.pulled(chosen)


def test_the_platforms_images_are_loaded_apart_from_kyvernos(chosen: Context) -> None:
    images.pull(chosen)
    images.load_platform(chosen)
    images.load_kyverno(chosen)
    first, second = (line for line in runner_of(chosen).asked if "kind load" in line)
    assert GIT_DAEMON in first
    assert "kyverno" not in first
    assert second.endswith("--name platform-labs-mine example.org/kyverno:1")


def test_a_node_without_the_images_is_noticed(chosen: Context) -> None:
    images.pull(chosen)
    there = [{"repoTags": ["docker.io/library/registry:3", GIT_DAEMON, "example.org/argocd:1"]}]
    runner_of(chosen).answers["crictl images"] = json.dumps({"images": there})
    assert not images.platform_loaded(chosen)
    there.append({"repoTags": ["example.org/crossplane:1"]})
    runner_of(chosen).answers["crictl images"] = json.dumps({"images": there})
    assert images.platform_loaded(chosen)


def test_overridden_charts_are_not_fetched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("kyverno", "argocd", "crossplane"):
        (tmp_path / f"{name}.tgz").write_bytes(b"")
    monkeypatch.setattr(charts, "metadata", lambda file: {"name": file.stem, "version": "1.0.0"})
    monkeypatch.setattr("labs.platform.helm.metadata", lambda file: {"name": file.stem, "version": "1.0.0"})
    used = Overrides(
        charts={name: ChartOverride(tmp_path / f"{name}.tgz") for name in ("kyverno", "argocd", "crossplane")}
    )
    made = context(tmp_path, overrides=used)
    charts.fetch(made)
    assert runner_of(made).asked == []
    assert charts.held(made)
    (tmp_path / "argocd.tgz").unlink()
    assert not charts.held(made)


def test_dns_is_changed_once(tmp_path: Path) -> None:
    made = context(tmp_path, get_configmap_coredns=json.dumps({"data": {"Corefile": COREFILE}}))
    trust.make(made)
    network.make(made)
    runner = runner_of(made)
    patch = next(line for line in runner.asked if "patch configmap coredns" in line)
    changed = json.loads(patch.partition(" -p ")[2])["data"]["Corefile"]
    assert "10.96.0.50 cgr.dev" in changed
    runner.asked.clear()
    runner.answers["get configmap coredns"] = json.dumps({"data": {"Corefile": changed}})
    network.make(made)
    assert not runner.ran("patch")
    assert not runner.ran("rollout restart")


@pytest.mark.parametrize("answer", ["", json.dumps({"data": {}}), json.dumps({"data": {"Corefile": "other {\n}\n"}})])
def test_an_unknown_dns_is_told(tmp_path: Path, answer: str) -> None:
    made = context(tmp_path, get_configmap_coredns=answer)
    trust.make(made)
    with pytest.raises(EnvironmentFault, match="DNS"):
        network.make(made)


def test_a_namespace_that_was_removed_is_noticed(tmp_path: Path) -> None:
    names = json.dumps({"data": {"Corefile": "10.96.0.50 cgr.dev"}})
    made = context(
        tmp_path,
        get_namespaces="\n".join(f"namespace/{name}" for name in NAMESPACES.split()),
        get_configmap_coredns=names,
    )
    assert network.held(made)
    runner_of(made).answers["get namespaces"] = "namespace/argocd\nnamespace/platform-labs"
    assert not network.held(made)


def test_a_name_that_was_removed_is_noticed(tmp_path: Path) -> None:
    made = context(
        tmp_path,
        get_namespaces="\n".join(f"namespace/{name}" for name in NAMESPACES.split()),
        get_configmap_coredns=json.dumps({"data": {"Corefile": COREFILE}}),
    )
    assert not network.held(made)


def test_a_controller_that_waits_for_an_image_is_replaced(chosen: Context) -> None:
    runner = runner_of(chosen)
    runner.answers["get pods -n argocd"] = "ImagePullBackOff"
    platform.argocd(chosen)
    deleted = next(i for i, line in enumerate(runner.asked) if "delete pods -n argocd" in line)
    assert deleted < next(i for i, line in enumerate(runner.asked) if "helm upgrade" in line)


def test_a_healthy_controller_is_left_alone(chosen: Context) -> None:
    platform.argocd(chosen)
    assert not runner_of(chosen).ran("delete pods")


def app(**status: Any) -> str:
    return json.dumps({"status": status})


def test_the_first_sync_is_waited_for(tmp_path: Path) -> None:
    answers = iter(["", app(), app(sync={"status": "Synced", "revision": "0123456789"})])
    made = context(tmp_path, get_application=lambda _: next(answers))
    assert platform.application(made) == "Synced at 0123456"
    assert runner_of(made).paused == 2


def test_what_a_learner_pushed_before_may_wait_for_kyverno(tmp_path: Path) -> None:
    refused = {"phase": "Running", "retryCount": 1}
    pending = app(sync={"status": "OutOfSync", "revision": "0123456789"}, operationState=refused)
    assert platform.application(context(tmp_path, get_application=pending)) == "OutOfSync at 0123456"


def test_a_first_operation_under_way_is_waited_for(tmp_path: Path) -> None:
    apart = {"status": "OutOfSync", "revision": "0123456789"}
    looks = iter(
        [
            app(sync=apart, operationState={"phase": "Running"}),
            app(sync=apart, operationState={"phase": "Succeeded"}),
            app(sync=apart | {"status": "Synced"}, operationState={"phase": "Succeeded"}),
        ]
    )
    assert platform.application(context(tmp_path, get_application=lambda _: next(looks))) == "Synced at 0123456"


def test_a_sync_that_never_comes_is_told_with_argo_cds_words(tmp_path: Path) -> None:
    stuck = app(conditions=[{"type": "ComparisonError", "message": "repository not found"}])
    with pytest.raises(EnvironmentFault, match="repository not found"):
        platform.application(context(tmp_path, get_application=stuck))


def test_remote_and_clone_hold_the_start_and_the_labs_values(tmp_path: Path) -> None:
    made = context(tmp_path)
    trust.make(made)
    assert repository.make(made).startswith("first commit ")
    values = yaml.safe_load((made.folder.clone / "values" / "kyverno.yaml").read_text())
    assert values["features"]["tuf"]["enabled"] is True
    assert values["global"]["caCertificates"]["data"] == trust.ca_file(made).read_text()
    assert (made.folder.clone / "gitops-bootstrap" / "apps" / "platform").is_dir()
    assert repository.held(made)


def test_overriding_values_reach_the_learners_file_and_trust_stays(tmp_path: Path) -> None:
    own = {"features": {"tuf": {"enabled": False}, "registryClient": {"credentialHelpers": ["default"]}}}
    made = context(tmp_path, overrides=Overrides(charts={"kyverno": ChartOverride(values=own)}))
    trust.make(made)
    repository.make(made)
    features = yaml.safe_load((made.folder.clone / "values" / "kyverno.yaml").read_text())["features"]
    assert features["tuf"]["enabled"] is True
    assert features["registryClient"] == {"credentialHelpers": ["default"]}


def test_the_authority_is_made_once(tmp_path: Path) -> None:
    made = context(tmp_path)
    trust.make(made)
    before = load_or_create(made.folder.registry / "authority").seed
    trust.make(made)
    assert load_or_create(made.folder.registry / "authority").seed == before
    assert trust.held(made)
    trust.ca_file(made).unlink()
    assert not trust.held(made)
