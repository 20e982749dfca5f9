"""The commands that mend what Argo CD cannot see: each is run as it stands, and then the check passes."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from grader.outcome import Status, Verdict
from tests.repositories import FOLDER, Clone
from tests.unit.checks.repository_contexts import MODULE, statuses, verdict

POLICY = (MODULE.solutions[0] / FOLDER / "verify-providers.yaml").read_text()
FILE = f"{FOLDER}/any-name.yaml"
NAMES = ("verify-providers.yaml", "a b.yaml", "$(touch x);'y'.yaml", "-rf.yaml", "*.yaml", ":x.yaml")
WHO = {f"GIT_{role}_{what}": "a@example.org" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
ALONE = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull, "GIT_TERMINAL_PROMPT": "0"}

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="the repairs are commands of git")


@pytest.fixture
def remote(tmp_path: Path) -> Path:
    return tmp_path / "remote.git"


@pytest.fixture
def clone(tmp_path: Path, remote: Path) -> Clone:
    """A clone whose origin has its first commit."""
    made = Clone(tmp_path / "my clone")
    made.write(f"{FOLDER}/welcome.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: welcome}\n")
    made.commit()
    made.publish(remote)
    made.push()
    shell(f"git reset --hard --quiet && git remote add origin '{remote}'", made.path)
    return made


def shell(line: str, folder: Path) -> None:
    environment = {**os.environ, **WHO, **ALONE}
    run = subprocess.run(
        ["sh", "-c", line], cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=60
    )
    assert run.returncode == 0, f"{line}\n{run.stdout}{run.stderr}"


def repair(told: Verdict) -> str:
    """The one command line that a failure gives."""
    assert told.status is Status.FAILED
    [found] = re.findall(r"^To mend: `(.*)`$", told.seen, re.MULTILINE)
    return str(found)


def mend(check: str, clone: Clone, remote: Path | None = None) -> None:
    """Runs what the check says, in the clone's own folder."""
    shell(repair(verdict(check, clone, remote=str(remote) if remote else None)), clone.path)


@pytest.mark.parametrize("name", NAMES)
def test_a_file_at_the_top_is_moved(clone: Clone, name: str) -> None:
    clone.write(name, POLICY)
    assert "lies at the top of the clone, and" in verdict("repository.path", clone).seen
    mend("repository.path", clone)
    assert verdict("repository.path", clone).status is Status.PASSED
    assert (clone.path / FOLDER / name).read_text() == POLICY


def test_a_file_in_another_folder_or_below_is_moved(clone: Clone) -> None:
    for folder in ("policies", f"{FOLDER}/below"):
        clone.write(f"{folder}/p.yaml", POLICY)
        mend("repository.path", clone)
        assert verdict("repository.path", clone).status is Status.PASSED
        (clone.path / FOLDER / "p.yaml").unlink()


@pytest.mark.parametrize(("folder", "name"), [("", "welcome.yaml"), ("", "policy"), ("nowhere", "a  b.yaml")])
def test_no_move_is_told_that_would_not_do(clone: Clone, folder: str, name: str) -> None:
    clone.write(f"{folder}/{name}".lstrip("/"), POLICY)
    assert "To mend:" not in verdict("repository.path", clone).seen


@pytest.mark.parametrize("name", NAMES)
def test_a_file_that_is_not_committed_is_committed_alone(clone: Clone, name: str) -> None:
    clone.write(f"{FOLDER}/{name}", POLICY)
    clone.write("other.yaml", "a: 1\n")
    mend("repository.committed", clone)
    assert verdict("repository.committed", clone).status is Status.PASSED
    shell('test -z "$(git ls-tree HEAD other.yaml)"', clone.path)


def test_a_changed_file_is_committed(clone: Clone) -> None:
    clone.write(FILE, POLICY.replace("crossplane-system", "default"))
    shell("git add . && git commit --quiet --message first", clone.path)
    clone.write(FILE, POLICY)
    mend("repository.committed", clone)
    assert verdict("repository.committed", clone).status is Status.PASSED


@pytest.mark.parametrize("asked", [False, True])
@pytest.mark.parametrize("branch", ["main", "feature"])
def test_a_commit_is_pushed(clone: Clone, remote: Path, branch: str, asked: bool) -> None:
    clone.write(FILE, POLICY)
    shell(f"git checkout --quiet -B {branch} && git add . && git commit --quiet --message policy", clone.path)
    if branch != "main":
        shell(f"git push --quiet origin {branch}", clone.path)
    told = verdict("repository.pushed", clone, remote=str(remote) if asked else None)
    assert repair(told).endswith("push origin main" if branch == "main" else "push origin HEAD:main")
    mend("repository.pushed", clone, remote if asked else None)
    assert statuses(clone, remote=str(remote)) == {}


def test_a_detached_head_is_pushed(clone: Clone, remote: Path) -> None:
    clone.write(FILE, POLICY)
    shell("git checkout --quiet --detach && git add . && git commit --quiet --message policy", clone.path)
    mend("repository.pushed", clone, remote)
    assert statuses(clone, remote=str(remote)) == {}


def test_a_remote_with_commits_of_its_own_is_pulled_first(clone: Clone, remote: Path) -> None:
    other = clone.path.parent / "other"
    shell(f"git clone --quiet --branch main '{remote}' '{other}'", clone.path)
    (other / "more.txt").write_text("more")
    shell("git add . && git commit --quiet --message more && git push --quiet origin main", other)
    clone.write(FILE, POLICY)
    shell("git add . && git commit --quiet --message policy", clone.path)
    told = verdict("repository.pushed", clone, remote=str(remote))
    assert "The remote has commits that your clone lacks" in told.seen
    assert "pull --rebase origin main && git -C" in repair(told)
    mend("repository.pushed", clone, remote)
    assert statuses(clone, remote=str(remote)) == {}


def test_at_a_revision_nothing_is_to_be_run(clone: Clone) -> None:
    clone.write(FILE, POLICY)
    shell("git add . && git commit --quiet --message policy", clone.path)
    told = verdict("repository.pushed", clone, revision="main")
    assert told.status is Status.FAILED
    assert "To mend:" not in told.seen
