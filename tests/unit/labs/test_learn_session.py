"""The session behind the screens, where there is no lab."""

import os
from pathlib import Path

import pytest

from labs.commands.running import Commands
from labs.commands.session import LabSession
from labs.errors import EnvironmentFault, NoLab


@pytest.fixture
def session(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> LabSession:
    monkeypatch.setenv("LABS_HOME", str(tmp_path))
    monkeypatch.delenv("PLATFORM_LAB", raising=False)
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.chdir(tmp_path)
    return LabSession()


def test_it_tells_what_there_is_and_what_comes_next(session: LabSession) -> None:
    found = session.overview()
    assert [(one.id[:2], one.written, one.done, one.passed) for one in found.modules] == [
        ("00", True, False, 0), ("01", True, False, 0), ("02", False, False, 0)
    ]  # fmt: skip
    assert found.modules[1].max_score == 100
    assert (found.labs, found.next_module) == ((), "00-getting-started")
    assert found.next_words == "Getting started: step 1, Start the lab"
    assert found.problem is None


def test_progress_is_seen_at_once(session: LabSession) -> None:
    module = session.course.module("01-chainguard-images")
    session.learner.enter(module, module.exercise.steps[3])
    assert "step 4, Verify the providers' images" in session.overview().next_words
    assert LabSession().overview().next_words == session.overview().next_words


def test_without_a_lab_nothing_is_graded_and_nothing_breaks(session: LabSession) -> None:
    assert (session.lab_name, session.has_lab(), session.clone()) == ("default", False, None)
    assert session.lab_line() == "no lab yet: Esc, then n makes one"
    for action in (
        lambda: session.explain("01-chainguard-images", "policy.valid"),
        lambda: session.marks("01-chainguard-images", print),
        lambda: session.reset("01-chainguard-images", None, print),
        lambda: session.shell(),
    ):
        with pytest.raises(NoLab):
            action()


def test_without_a_lab_no_command_reaches_another_cluster(
    session: LabSession, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "mine"))
    monkeypatch.setenv("HELM_KUBEAPISERVER", "https://mine")
    given: list[dict[str, str]] = []

    def run(self: Commands, command: str, folder: Path, variables: dict[str, str], tell: object) -> int:
        given.append(variables)
        return 0

    monkeypatch.setattr(Commands, "run", run)
    with pytest.raises(NoLab, match="no lab yet"):
        session.run("kubectl get pods", print)
    assert given == []
    assert session.run("labs doctor", print) == 0
    assert given[0]["KUBECONFIG"] == os.devnull
    assert "HELM_KUBEAPISERVER" not in given[0]


def test_a_lab_half_made_is_listed(session: LabSession, tmp_path: Path) -> None:
    (tmp_path / "labs" / "one").mkdir(parents=True)
    (tmp_path / "labs" / "one" / "state.json").write_text('{"format": 1, "backend": "simulated"}')
    found = LabSession().overview().labs
    assert [(lab.name, lab.cluster, lab.complete) for lab in found] == [("one", "simulated", False)]
    assert LabSession().lab_name == "one"


def test_the_editor_gets_the_file_and_its_line(
    session: LabSession, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    editor = tmp_path / "vim"
    editor.write_text(f'#!/bin/sh\necho "$@" > {tmp_path}/asked\nexit 3\n')
    editor.chmod(0o755)
    monkeypatch.setenv("EDITOR", f"{editor} -R")
    assert session.edit(tmp_path / "policy.yaml", 7) == 3
    assert (tmp_path / "asked").read_text() == f"-R +7 {tmp_path}/policy.yaml\n"
    monkeypatch.setenv("EDITOR", str(tmp_path / "nothing"))
    monkeypatch.setenv("PATH", str(tmp_path / "none"))
    with pytest.raises(EnvironmentFault, match="which is not there"):
        session.edit(tmp_path / "policy.yaml")
