"""Files of a clone by name."""

from __future__ import annotations

from pathlib import Path

import pytest

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
