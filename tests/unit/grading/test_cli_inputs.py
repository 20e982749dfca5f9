"""Bad input gets one clear message and the right exit code, never a traceback."""

from __future__ import annotations

import json
import shutil
from base64 import b64encode
from dataclasses import replace
from pathlib import Path

import pytest
from dulwich import porcelain

from grader import course
from grader.cli import grader
from grader.console import run
from grader.evidence import store
from grader.grade import judge
from tests import worlds
from tests.fake_api import pair

MODULE = "01-chainguard-images"
POLICY = "gitops-bootstrap/apps/platform/verify-providers.yaml"


@pytest.fixture(autouse=True)
def _nowhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("KUBECONFIG", raising=False)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A clone in its starting state, with the reference solution written and not committed."""
    folder = tmp_path / "platform"
    shutil.copytree(course.read().platform, folder)
    porcelain.init(str(folder)).close()
    porcelain.add(str(folder))
    porcelain.commit(str(folder), message=b"Start", author=b"A <a@b>", committer=b"A <a@b>")
    shutil.copytree(worlds.MODULE.solutions[0], folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("about.yaml"))
    return folder


def told(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> tuple[int, str]:
    """Exit code, and everything that was printed."""
    code = run(grader, [str(one) for one in arguments], program="grader")
    printed = capsys.readouterr()
    assert "Traceback" not in printed.out + printed.err
    return code, printed.out + printed.err


def kubeconfig(folder: Path, server: str = "https://127.0.0.1:1") -> Path:
    """A kubeconfig for an address where nobody answers."""
    authority = b64encode(pair()[0]).decode()
    content = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "c", "cluster": {"server": server, "certificate-authority-data": authority}}],
        "users": [{"name": "u", "user": {"token": "secret"}}],
        "contexts": [{"name": "x", "context": {"cluster": "c", "user": "u"}}],
        "current-context": "x",
    }
    file = folder / "kubeconfig"
    file.write_text(json.dumps(content))
    return file


def test_no_repository(capsys: pytest.CaptureFixture[str]) -> None:
    code, text = told(capsys, "grade", MODULE, "--repo", "missing")
    assert (code, "no such folder" in text) == (2, True)


def test_nothing_given(capsys: pytest.CaptureFixture[str]) -> None:
    code, text = told(capsys, "grade", MODULE)
    assert (code, "--repo PATH" in text) == (2, True)


def test_a_module_by_the_beginning_of_its_name(capsys: pytest.CaptureFixture[str], clone: Path) -> None:
    assert told(capsys, "grade", "01", "--repo", clone)[0] == 1
    assert told(capsys, "collect", "01", "--repo", clone, "--output", "e.json")[0] == 0
    assert store.read(Path("e.json")).module == MODULE
    assert told(capsys, "grade", "01", "--evidence", "e.json")[0] == 1
    code, text = told(capsys, "grade", "0", "--repo", clone)
    assert (code, "“0” begins the names of" in text) == (2, True)
    code, text = told(capsys, "grade", "99", "--repo", clone)
    assert (code, "there is no module “99”" in text) == (2, True)
    code, text = told(capsys, "grade", "02", "--repo", clone)
    assert (code, "is not written yet" in text) == (2, True)


def test_not_git(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "plain").mkdir()
    code, text = told(capsys, "grade", MODULE, "--repo", "plain")
    assert (code, "not a Git repository" in text) == (2, True)


def test_bare(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "bare.git").mkdir()
    porcelain.init(str(tmp_path / "bare.git"), bare=True).close()
    code, text = told(capsys, "grade", MODULE, "--repo", "bare.git")
    assert (code, "--revision main" in text) == (2, True)


def test_empty_repository_is_graded_as_nothing_done(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    porcelain.init(str(tmp_path / "empty")).close()
    code, text = told(capsys, "grade", MODULE, "--repo", "empty")
    assert (code, "commit none" in text, "FAIL    policy.present" in text) == (1, True, True)


def test_no_cluster(capsys: pytest.CaptureFixture[str], clone: Path) -> None:
    code, text = told(capsys, "grade", MODULE, "--repo", clone, "--kubeconfig", "nofile")
    assert (code, "no such kubeconfig" in text, "labs up" in text) == (2, True, True)


def test_wrong_context(capsys: pytest.CaptureFixture[str], clone: Path) -> None:
    file = kubeconfig(clone.parent)
    code, text = told(capsys, "grade", MODULE, "--repo", clone, "--kubeconfig", file, "--context", "y")
    assert (code, "no context “y”" in text, "“x”" in text) == (2, True, True)


def test_api_server_down(capsys: pytest.CaptureFixture[str], clone: Path) -> None:
    code, text = told(capsys, "grade", MODULE, "--repo", clone, "--kubeconfig", kubeconfig(clone.parent))
    assert (code, "cannot be reached" in text) == (3, True)


def test_argo_cd_missing_is_the_surroundings_fault() -> None:
    good = worlds.evidence(worlds.MODULE.solutions[0])
    assert good.cluster is not None
    objects = {kind: found for kind, found in good.cluster.objects.items() if kind != "Application"}
    cluster = replace(good.cluster, objects=objects, not_served=("Application",))
    report = judge(worlds.MODULE, replace(good, cluster=cluster))
    assert (report.outcome("argocd.synced").status, report.exit_code) == ("error", 3)
    assert "Argo CD is not installed" in report.outcome("argocd.synced").seen


def test_tab(capsys: pytest.CaptureFixture[str], clone: Path) -> None:
    (clone / POLICY).write_text("kind: ClusterPolicy\nmetadata:\n\tname: x\n")
    code, text = told(capsys, "grade", MODULE, "--repo", clone)
    assert (code, f"{POLICY}:3:1" in text, "a tab is" in text) == (1, True, True)


def test_duplicate_key(capsys: pytest.CaptureFixture[str], clone: Path) -> None:
    (clone / POLICY).write_text("apiVersion: kyverno.io/v1\nkind: ClusterPolicy\nmetadata:\n  name: a\n  name: b\n")
    code, text = told(capsys, "grade", MODULE, "--repo", clone)
    assert (code, f"{POLICY}:5:3" in text, "a second time" in text) == (1, True, True)


def test_wrong_time(capsys: pytest.CaptureFixture[str], clone: Path) -> None:
    code, text = told(capsys, "grade", MODULE, "--repo", clone, "--wait", "soon")
    assert (code, "90s or 5m" in text) == (2, True)


def test_unknown_module(capsys: pytest.CaptureFixture[str], clone: Path) -> None:
    code, text = told(capsys, "grade", "99", "--repo", clone)
    assert (code, MODULE in text) == (2, True)


def test_evidence_and_repository_do_not_go_together(capsys: pytest.CaptureFixture[str], clone: Path) -> None:
    code, text = told(capsys, "grade", MODULE, "--repo", clone, "--evidence", "e.json")
    assert (code, "do not go together" in text) == (2, True)


def test_collect_then_grade_says_the_same(capsys: pytest.CaptureFixture[str], clone: Path) -> None:
    assert told(capsys, "collect", MODULE, "--repo", clone, "--output", "evidence.json")[0] == 0
    code, text = told(capsys, "grade", MODULE, "--evidence", "evidence.json", "--format", "json")
    report = json.loads(text)
    assert code == 1
    assert {one["check"]: one["status"] for one in report["outcomes"]} == {
        "policy.present": "passed",
        "policy.valid": "passed",
        "policy.scope": "passed",
        "policy.images": "passed",
        "policy.enforced": "passed",
        "policy.identity": "passed",
        "repository.path": "passed",
        "repository.committed": "failed",
        "repository.pushed": "blocked",
    }
    assert list(report) == [
        "schema", "module", "profile", "score", "max_score", "conclusive", "outcomes", "notes", "provenance"
    ]  # fmt: skip


def test_exit_zero_and_output(capsys: pytest.CaptureFixture[str], clone: Path) -> None:
    code, _ = told(capsys, "grade", MODULE, "--repo", clone, "--format", "json", "--output", "r.json", "--exit-zero")
    assert code == 0
    assert json.loads(Path("r.json").read_text())["score"] == 56


def test_explain_opens_each_probe(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    file = tmp_path / "evidence.json"
    store.write(worlds.evidence(worlds.MODULE.solutions[0]), file)
    code, text = told(capsys, "explain", "policy.enforced", "--evidence", file)
    assert code == 0
    assert "no signatures found" in text


def test_explain_of_an_unknown_check_names_those_there_are(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    file = tmp_path / "evidence.json"
    store.write(worlds.evidence(worlds.MODULE.solutions[0]), file)
    code, text = told(capsys, "explain", "policy.colour", "--evidence", file)
    assert (code, "policy.identity" in text) == (2, True)
