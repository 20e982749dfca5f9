"""Going back gives the clone a remote to push to again, whatever became of its settings."""

from pathlib import Path

import pytest

from tests.lab_pair import commit, git, own_git_settings, pair, went_back


@pytest.fixture
def lab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    own_git_settings(monkeypatch, tmp_path / "home")
    return pair(tmp_path)


def pushes(lab: Path) -> bool:
    """Whether a plain push reaches the lab's remote."""
    mine = commit(lab / "clone", "one", "1")
    git(lab / "clone", "push", "-q")
    git(lab / "clone", "pull", "-q")
    return git(lab / "remote.git", "rev-parse", "main") == mine == git(lab / "clone", "rev-parse", "@{upstream}")


@pytest.mark.parametrize(
    ("command", "led"),
    [
        ("remote remove origin", ()),
        ("remote rename origin other", ()),
        ("remote set-url origin /elsewhere", ("/elsewhere",)),
        ("remote set-url --push origin /elsewhere", ("/elsewhere",)),
        ("remote set-url --add origin /elsewhere", ("/elsewhere",)),
        ("branch --unset-upstream", None),
        ("branch -m main main/x", None),
        ("config remote.origin.fetch +refs/heads/x*:refs/remotes/origin/x*", None),
        ("config core.pager cat", None),
    ],
)
def test_it_is_mended_and_where_it_led_is_told(lab: Path, command: str, led: tuple[str, ...] | None) -> None:
    if command.startswith("branch -m"):
        git(lab / "clone", "branch", "-m", "trunk")
        command = "branch -m trunk main/x"
    git(lab / "clone", *command.split())
    assert went_back(lab)[1].led == led
    assert pushes(lab)


def test_what_is_right_is_not_written(lab: Path) -> None:
    config = lab / "clone/.git/config"
    config.write_text(config.read_text() + "# my own words\n")
    (lab / "link").symlink_to(lab / "remote.git")
    git(lab / "clone", "remote", "set-url", "origin", f"file://{lab}/link")
    before = config.read_text()
    assert went_back(lab)[1].led is None
    assert config.read_text() == before


def test_other_settings_stay(lab: Path) -> None:
    git(lab / "clone", "config", "user.name", "Somebody Else")
    git(lab / "clone", "remote", "add", "other", "/other")
    git(lab / "clone", "remote", "remove", "origin")
    (lab / "clone/.git/config.lock").touch()
    went_back(lab)
    assert git(lab / "clone", "config", "user.name") == "Somebody Else"
    assert git(lab / "clone", "remote", "get-url", "other") == "/other"
