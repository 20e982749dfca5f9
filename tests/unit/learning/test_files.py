"""Files of a clone by name."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.errors import InputError
from labs.learning import files

COMMAND = "kubectl create --dry-run=server -f policy.yaml"


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    for name in ("apps/policy.yaml", "apps/twice.yaml", "drafts/twice.yaml", "here.yaml", ".git/hidden.yaml"):
        file = tmp_path / name
        file.parent.mkdir(exist_ok=True)
        file.touch()
    return tmp_path


def test_a_file_that_moved_is_named_with_its_place(clone: Path) -> None:
    assert files.moved(clone, COMMAND) == ("policy.yaml lies at apps/policy.yaml now.",)


@pytest.mark.parametrize("name", ["here.yaml", "twice.yaml", "nowhere.yaml", "hidden.yaml", "apps/policy.yaml", "'"])
def test_nothing_is_said_of_what_is_there_or_not_sure(clone: Path, name: str) -> None:
    assert files.moved(clone, COMMAND.replace("policy.yaml", name)) == ()


def test_names_that_a_terminal_would_obey_are_not_offered(clone: Path) -> None:
    for name in ("apps/a\x1b[31mb.yaml", "a\u202eb.yaml", "a\nb.yaml"):
        (clone / name).touch()
    assert files.of(clone) == ("apps/policy.yaml", "apps/twice.yaml", "drafts/twice.yaml", "here.yaml")


def test_a_file_is_written_with_its_folders_and_not_over_another(clone: Path) -> None:
    assert files.write(clone, "a/b/new.yaml", "one\n") == clone / "a/b/new.yaml"
    assert files.write(clone, "a/b/new.yaml", "two\n") is None
    assert (clone / "a/b/new.yaml").read_text() == "one\n"
    assert files.write(clone, "a/b/new.yaml", "two\n", over=True)
    assert (clone / "a/b/new.yaml").read_text() == "two\n"


@pytest.mark.parametrize("name", ["../x", "a/../../x", "/tmp/x", ".git/hooks/x", "link/x", "circle/x", "y" * 300, "\0"])
def test_nothing_is_written_outside_or_where_there_is_no_such_name(clone: Path, name: str) -> None:
    (clone / "link").symlink_to("..")
    (clone / "circle").symlink_to("circle")
    before = set(clone.parent.rglob("*"))
    with pytest.raises(InputError):
        files.write(clone, name, "text")
    assert set(clone.parent.rglob("*")) == before
