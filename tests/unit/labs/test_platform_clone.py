import os
import subprocess
from pathlib import Path

import pytest

from labs.errors import EnvironmentFault
from labs.platform import clone

FILES = {"README.md": b"# platform\n", "gitops-bootstrap/apps/platform/welcome.yaml": b"kind: ConfigMap\n"}
WHEN = 1_800_000_000


@pytest.fixture(autouse=True)
def _own_git_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")


@pytest.fixture
def remote(tmp_path: Path) -> Path:
    clone.seed(tmp_path / "remote" / "platform.git", FILES, WHEN)
    return tmp_path / "remote" / "platform.git"


def git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_the_first_commit_is_the_same_everywhere(tmp_path: Path) -> None:
    heads = {clone.seed(tmp_path / name, FILES, WHEN) for name in ("one", "two")}
    assert len(heads) == 1
    assert (
        git(tmp_path / "one", "log", "--format=%an %at %s", "main")
        == f"Platform Labs {WHEN} Start the platform repository"
    )


def test_seeding_again_changes_nothing(remote: Path) -> None:
    before = git(remote, "rev-parse", "main")
    assert clone.seed(remote, {"other": b""}, WHEN + 1) == before


def test_a_seed_that_was_cut_short_is_made_anew(tmp_path: Path) -> None:
    half = tmp_path / ".platform.git.making"
    (half / "objects").mkdir(parents=True)
    assert clone.seed(tmp_path / "platform.git", FILES, WHEN) == git(tmp_path / "platform.git", "rev-parse", "main")
    assert not half.exists()


def test_the_clone_has_the_files_the_branch_and_its_origin(remote: Path, tmp_path: Path) -> None:
    target = tmp_path / "platform"
    clone.clone(remote, target)
    assert (target / "gitops-bootstrap/apps/platform/welcome.yaml").read_bytes() == b"kind: ConfigMap\n"
    assert git(target, "status", "--porcelain=v1", "-b") == "## main...origin/main"
    assert git(target, "remote", "get-url", "origin") == str(remote)


def test_a_learner_without_a_name_can_commit_and_push(remote: Path, tmp_path: Path) -> None:
    target = tmp_path / "platform"
    clone.clone(remote, target)
    (target / "new.txt").write_text("new")
    git(target, "add", "-A")
    git(target, "commit", "-qm", "A change")
    git(target, "push", "-q")
    assert git(remote, "log", "-1", "--format=%s", "main") == "A change"


def test_a_learners_own_name_stays(remote: Path, tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / ".gitconfig").write_text("[user]\n\tname = Ada\n\temail = ada@example.org\n")
    clone.clone(remote, tmp_path / "platform")
    assert git(tmp_path / "platform", "config", "user.name") == "Ada"


def test_cloning_again_keeps_the_learners_work(remote: Path, tmp_path: Path) -> None:
    target = tmp_path / "platform"
    clone.clone(remote, target)
    (target / "README.md").write_text("mine")
    clone.clone(remote, target)
    assert (target / "README.md").read_text() == "mine"


def test_a_clone_that_was_cut_short_is_made_anew(remote: Path, tmp_path: Path) -> None:
    half = tmp_path / ".platform.making"
    clone.clone(remote, half)
    (half / ".git" / "index").unlink()
    clone.clone(remote, tmp_path / "platform")
    assert git(tmp_path / "platform", "status", "--porcelain") == ""
    assert not half.exists()


def test_an_empty_folder_is_taken(remote: Path, tmp_path: Path) -> None:
    (tmp_path / "platform").mkdir()
    clone.clone(remote, tmp_path / "platform")
    assert (tmp_path / "platform" / "README.md").is_file()


def test_a_folder_that_is_something_else_is_left_alone(remote: Path, tmp_path: Path) -> None:
    target = tmp_path / "platform"
    target.mkdir()
    (target / "thesis.txt").write_text("years of work")
    with pytest.raises(EnvironmentFault, match="no Git repository"):
        clone.clone(remote, target)
    assert (target / "thesis.txt").read_text() == "years of work"


def test_after_a_push_argo_cd_is_asked_to_look(remote: Path, tmp_path: Path) -> None:
    told = tmp_path / "told"
    program = tmp_path / "it's kubectl"
    program.write_text(f'#!/bin/sh\necho "$@" > "{told}.new" && mv "{told}.new" "{told}"\n')
    program.chmod(0o755)
    clone.hook(remote, program, tmp_path / "kube config", ("argocd", "platform"))
    hook = remote / "hooks" / "post-receive"
    assert os.access(hook, os.X_OK)
    line = next(line for line in hook.read_text().splitlines() if line.startswith("("))
    subprocess.run(["sh", "-c", line.replace("&)", ")")], check=True)
    assert told.read_text().split()[-4:] == [
        "--overwrite",
        "application.argoproj.io",
        "platform",
        "argocd.argoproj.io/refresh=normal",
    ]


def test_a_push_succeeds_where_argo_cd_cannot_be_asked(remote: Path, tmp_path: Path) -> None:
    clone.hook(remote, "/no/such/kubectl", tmp_path / "kubeconfig", ("argocd", "platform"))
    target = tmp_path / "platform"
    clone.clone(remote, target)
    git(target, "commit", "-q", "--allow-empty", "-m", "A change")
    git(target, "push", "-q")
    assert git(remote, "log", "-1", "--format=%s", "main") == "A change"
