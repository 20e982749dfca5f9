"""A lab's remote and clone in a folder, and real Git to work in them."""

import subprocess
from pathlib import Path

import pytest

from labs.platform import clone, rewind
from labs.platform.rewind import Both, Laid

FILES = {"README.md": b"# platform\n", "apps/welcome.yaml": b"kind: ConfigMap\n"}


def own_git_settings(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    """Keeps the person's own Git settings out."""
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")


def pair(folder: Path) -> Path:
    """Makes `remote.git` and `clone` in a folder."""
    clone.seed(folder / "remote.git", FILES, 1_800_000_000)
    clone.clone(folder / "remote.git", folder / "clone")
    return folder


def git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def stopped(folder: Path, *arguments: str) -> None:
    """A Git command that stops at a conflict."""
    assert subprocess.run(["git", *arguments], cwd=folder, capture_output=True, check=False).returncode


def commit(folder: Path, name: str, content: str) -> str:
    (folder / name).write_text(content)
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", name)
    return git(folder, "rev-parse", "HEAD")


def back(lab: Path, label: str = "t") -> tuple[str, ...]:
    """Keeps what is there and goes back to the start; the branches that were made."""
    return went_back(lab, label)[0]


def went_back(lab: Path, label: str = "t") -> tuple[tuple[str, ...], Laid]:
    with Both.opened(lab / "clone", lab / "remote.git") as both:
        kept = both.keep(label)
        laid = both.lay(both.start(), label=label)
    rewind.told(lab / "clone")
    return kept, laid


def untouched(lab: Path, first: str) -> bool:
    """Whether clone and remote are at the first commit, without any difference."""
    here = lab / "clone"
    return (
        git(here, "status", "--porcelain") == ""
        and git(here, "branch", "--show-current") == "main"
        and git(here, "rev-parse", "HEAD") == first == git(lab / "remote.git", "rev-parse", "refs/heads/main")
        and git(here, "rev-parse", "refs/remotes/origin/main") == first
    )
