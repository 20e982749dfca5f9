"""Which demonstrations a lab has, and that each is found by its name."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from grader.errors import UsageError
from labs.learning.demonstrations.shows import TOPICS, Shows
from labs.platform.images import Choice
from labs.state import State
from tests.sim_lab import COURSE, sim_lab

CHOICE = Choice("crossplane", "upstream", {"crossplane": "xpkg.crossplane.io/crossplane/crossplane:v1.15.0"})


class FakeLab:
    """A lab by its state and kubeconfig alone."""

    is_simulated = False

    def __init__(self, folder: Path, kubeconfig: Path, clone: Path) -> None:
        self.state = State(folder / "state.json", {"images": {"crossplane": CHOICE.as_json()}})
        self.folder = type("Folder", (), {"kubeconfig": kubeconfig, "clone": clone, "remote": folder})


def test_every_topic_has_entries_that_can_be_asked(tmp_path: Path) -> None:
    with sim_lab(tmp_path) as made:
        lab: Any = FakeLab(tmp_path, made.server.kubeconfig, made.clone.path)
        shows = Shows(lab, COURSE)
        entries = shows.entries()
        assert list(dict.fromkeys(one.topic for one in entries)) == list(TOPICS)
        assert f"sbom {CHOICE.images['crossplane']}" in [one.id for one in entries]
        live = [one.id for one in entries if one.topic != "sbom"]
        titles = [shows.scene(one).title for one in live]
        assert len(set(titles)) == len(live) == 6


@pytest.mark.parametrize("wanted", ["nothing", "admission", "admission 5"])
def test_what_there_is_not_is_told(tmp_path: Path, wanted: str) -> None:
    with sim_lab(tmp_path) as made:
        lab: Any = FakeLab(tmp_path, made.server.kubeconfig, made.clone.path)
        with pytest.raises(UsageError, match="there is no"):
            Shows(lab, COURSE).scene(wanted)
