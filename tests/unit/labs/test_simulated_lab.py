"""A lab without Docker: its whole life by the command line, and that it never passes for a real one."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from grader.errors import UsageError
from labs import cli, lab
from labs.cluster.interface import Condition
from labs.cluster.simulated import process
from labs.commands import samples
from labs.docker import Engine
from labs.doctor import backend, tools
from labs.doctor.finding import Finding, Level
from labs.state import Folder, State
from labs.steps.graph import Event, Phase
from tests.unit.labs.fakes import FakeEngine

Labs = Callable[..., str]


class _NoEngine(Engine):
    """Nobody may ask it."""

    @property
    def _client(self) -> Any:
        raise AssertionError("a simulated lab asks no engine")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A home with one simulated lab, `evening`, for all tests of the file."""
    home = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LABS_HOME", str(home))
        patch.setenv("HOME", str(home / "nobody"))
        patch.setenv("GIT_CONFIG_NOSYSTEM", "1")
        patch.delenv("LABS_OVERRIDES", raising=False)
        patch.setattr(lab, "Engine", _NoEngine)
        bring_up()
        yield home
        lab.down("evening", discard=True)


def bring_up(backend: str | None = "simulated") -> tuple[list[str], list[Event]]:
    """What `labs up` said, and how its steps ended."""
    said: list[str] = []
    events: list[Event] = []
    lab.up("evening", None, events.append, said.append, backend=backend)
    return said, [event for event in events if event.phase is not Phase.STARTED]


@pytest.fixture
def labs(home: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Labs:
    """Runs the command line to a good end; returns what it printed."""

    def run(*arguments: str) -> str:
        monkeypatch.setattr(sys, "argv", ["labs", *arguments])
        code: Any = 0
        try:
            code = cli.run()
        except SystemExit as ended:
            code = ended.code or 0
        out, err = capfd.readouterr()
        assert code == 0, out + err
        return out

    return run


def kubectl(command: str) -> subprocess.CompletedProcess[str]:
    """A command line in the lab's shell."""
    found = lab.Lab(Folder.of("evening"), State.load(Folder.of("evening").state))
    return subprocess.run(
        ["bash", "-c", command], env=found.environment(), cwd=found.folder.clone, capture_output=True, text=True,
        check=False,
    )  # fmt: skip


def running() -> tuple[int, int] | None:
    return process.running(Folder.of("evening").root / "simulated")


def test_the_second_time_only_looks(home: Path) -> None:
    said, events = bring_up(None)
    assert said == ["cluster    simulated: as it was made"]
    assert {event.phase for event in events} == {Phase.KEPT}


def test_the_other_kind_is_refused(home: Path) -> None:
    with pytest.raises(UsageError, match="the lab evening is on simulated, and stays so") as fault:
        bring_up("kind")
    assert "labs up NAME --cluster kind" in (fault.value.advice or "")


def test_a_lost_state_does_not_change_what_the_lab_is(home: Path) -> None:
    found = lab.find("evening")
    kept = found.folder.state.read_bytes()
    found.folder.state.write_text("{")
    assert lab.find("evening").is_simulated
    found.folder.state.write_bytes(kept)


def test_it_says_what_it_is_wherever_it_is_looked_at(labs: Labs) -> None:
    assert "lab        evening on simulated: cluster running, complete" in labs("status", "evening")
    facts = json.loads(labs("status", "evening", "--format", "json"))
    assert (facts["backend"], facts["simulated"]) == ("simulated", True)
    assert labs("list") == "evening  simulated\n"
    assert labs("open", "evening").startswith("This lab is simulated: Argo CD has no web interface")


def test_the_shell_has_the_labs_own_programs(home: Path) -> None:
    told = kubectl("command -v kubectl helm; kubectl version; helm list --all-namespaces --output json").stdout
    tools = Folder.of("evening").root / "simulated" / "bin"
    assert told.splitlines()[:2] == [str(tools / "kubectl"), str(tools / "helm")]
    assert "+simulated" in told
    assert [one["name"] for one in json.loads(told.splitlines()[-1])] == ["argocd", "crossplane"]


def test_a_sample_is_known_by_its_name_and_verifies(labs: Labs) -> None:
    name = labs("sample", "signed", "--lab", "evening").strip()
    assert "verdict   good: vouched for by the lab's authority" in labs("image", "verify", name, "--lab", "evening")
    told = labs("image", "sbom", name, "--lab", "evening")
    assert ["pause", "simulated", "Apache-2.0"] in [line.split() for line in told.splitlines()]


def test_a_dead_server_is_revived_by_any_command(labs: Labs) -> None:
    for command in (lambda: labs("status", "evening"), lambda: kubectl("kubectl get namespaces")):
        before = running()
        assert before
        kill(before[0])
        command()
        after = running()
        assert after
        assert (after[0] != before[0], after[1]) == (True, before[1])


def kill(pid: int) -> None:
    """Ends a process at once, and waits until it is gone."""
    os.kill(pid, signal.SIGKILL)
    while running():
        pass


def test_a_stopped_lab_stays_so_until_it_is_started(labs: Labs) -> None:
    labs("stop", "evening")
    assert kubectl("kubectl get namespaces").returncode != 0
    assert lab.find("evening").backend.cluster.condition() is Condition.STOPPED
    labs("start", "evening")
    assert "platform-labs" in kubectl("kubectl get namespaces").stdout


def test_kyverno_by_one_command_trusts_the_lab(labs: Labs) -> None:
    assert "Kyverno v1.19.1 (chart 3.9.1)" in labs("install", "kyverno", "evening")
    assert "trusts this lab" in labs("trust", "kyverno", "evening")
    arguments = kubectl("kubectl -n kyverno get deployment kyverno-admission-controller -o yaml").stdout
    assert "--enableTuf=true" in arguments


def test_a_report_cannot_be_taken_for_a_real_one(home: Path) -> None:
    """Not even where a learner changes what the lab publishes about itself."""
    changed = kubectl(
        "kubectl -n platform-labs get configmap platform-labs -o yaml"
        ' | sed \'s/"backend": "simulated"/"backend": "kind"/\' | kubectl replace -f -'
    )
    assert changed.returncode == 0, changed.stderr
    asked = "grader grade 01-chainguard-images --repo . --exit-zero"
    assert "SIMULATED" in kubectl(asked).stdout.splitlines()[0]
    report = json.loads(kubectl(f"{asked} --format json").stdout)
    assert report["provenance"]["simulated"] is True
    collected = kubectl(f"grader collect 01-chainguard-images --repo . --output {home}/evidence.json")
    assert collected.returncode == 0, collected.stderr
    evidence = json.loads((home / "evidence.json").read_text())["evidence"]
    assert (evidence["cluster"]["simulated"], "+simulated" in evidence["cluster"]["version"]) == (True, True)


def test_where_docker_does_not_answer_a_new_lab_is_simulated(monkeypatch: pytest.MonkeyPatch) -> None:
    found = backend.choose(FakeEngine(down="the Docker Engine does not answer"))
    assert (found.backend, found.reason) == ("simulated", "the Docker Engine does not answer")


@pytest.mark.parametrize(("level", "chosen"), [(Level.GOOD, "kind"), (Level.WARN, "kind"), (Level.BAD, "simulated")])
def test_without_its_tools_a_real_lab_is_not_begun(monkeypatch: pytest.MonkeyPatch, level: Level, chosen: str) -> None:
    monkeypatch.setattr(tools, "check", lambda: [Finding("helm", level, "helm is so")])
    assert backend.choose(FakeEngine()).backend == chosen


def test_an_engine_without_memory_carries_no_real_lab(monkeypatch: pytest.MonkeyPatch) -> None:
    engine = FakeEngine()
    monkeypatch.setattr(engine, "info", lambda: {"ServerVersion": "27.0", "MemTotal": 1 << 30})
    found = backend.choose(engine)
    assert found.backend == "simulated"
    assert "1.0 GiB" in found.reason


def test_an_unknown_sample_is_told_with_those_there_are(home: Path) -> None:
    with pytest.raises(UsageError, match="has no sample grapes") as caught:
        samples.tell("grapes", "evening")
    assert "signed, " in (caught.value.advice or "")


def test_a_variable_of_the_session_s_own_leads_helm_nowhere(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HELM_KUBECONTEXT", "somewhere-else")
    assert "HELM_KUBECONTEXT" not in lab.find("evening").environment()
