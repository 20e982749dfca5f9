"""Programs that a lab runs: what they print, how they fail, and that none is left running."""

from __future__ import annotations

import json
import os
import threading
from pathlib import Path

import pytest

from labs import process
from labs.command import Runner
from labs.errors import CommandFailed, EnvironmentFault, Interrupted


@pytest.fixture
def runner(tmp_path: Path) -> Runner:
    (tmp_path / "children").mkdir()
    return Runner(tmp_path / "logs", tmp_path / "children")


class Busy:
    """A program under way in a thread: it told that it began, and does not end by itself."""

    def __init__(self, runner: Runner, folder: Path, script: str = "exec sleep 60") -> None:
        self.error: BaseException | None = None
        self.fifo = folder / "begun"
        os.mkfifo(self.fifo)
        self.thread = threading.Thread(target=self._run, args=(runner, f"echo on >{self.fifo}; {script}"))
        self.thread.start()
        assert self.fifo.read_text() == "on\n"

    def _run(self, runner: Runner, script: str) -> None:
        try:
            runner.run(["sh", "-c", script], log="busy")
        except BaseException as error:
            self.error = error


def test_output_and_log(runner: Runner) -> None:
    result = runner.run(["sh", "-c", "cat; echo no >&2"], log="step", given="yes\n")
    assert (result.stdout, result.stderr) == ("yes\n", "no\n")
    assert (runner.logs / "step.log").read_text() == "$ sh -c cat; echo no >&2\nyes\nno\n→ 0\n"


def test_what_is_quiet_stays_out_of_the_log_and_the_failure(runner: Runner) -> None:
    with pytest.raises(CommandFailed) as failed:
        runner.run(["sh", "-c", "printf 'pass%s' word; exit 1"], log="step", quiet=True)
    assert "password" not in (runner.logs / "step.log").read_text() + failed.value.diagnostics()


def test_bytes_come_as_they_are(runner: Runner) -> None:
    assert runner.run_bytes(["printf", r"\377\000"], log="step") == b"\xff\x00"


def test_the_surroundings_are_the_sessions_the_labs_and_the_calls(
    runner: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SESSION", "s")
    runner.environment["LAB"] = "l"
    told = runner.run(["sh", "-c", "echo $SESSION $LAB $CALL"], log="step", environment={"CALL": "c"}).stdout
    assert told == "s l c\n"


def test_a_failure_names_program_code_and_what_it_said_itself(runner: Runner) -> None:
    script = "echo 'ERROR: failed to create cluster' >&2; echo Stack trace: >&2; echo main.go:7 >&2; exit 3"
    with pytest.raises(CommandFailed) as failed:
        runner.run(["sh", "-c", script], log="cluster")
    assert failed.value.message.endswith("ended with code 3: ERROR: failed to create cluster")
    assert failed.value.log == runner.logs / "cluster.log"
    assert failed.value.exit_code == 3


def test_a_failure_shows_nothing_that_a_terminal_obeys(runner: Runner) -> None:
    with pytest.raises(CommandFailed) as failed:
        runner.run(["sh", "-c", r"printf '\033]0;evil\007 \033[31mred\n' >&2; exit 1"], log="step")
    assert "\x1b" not in failed.value.diagnostics() + failed.value.output
    assert failed.value.message.endswith(": red")


def test_a_signature_far_from_the_end_of_the_output_is_kept(runner: Runner) -> None:
    script = "echo 'ERROR: failed to init node with kubeadm'; yes kubeadm | head -n 2000; exit 1"
    with pytest.raises(CommandFailed) as failed:
        runner.run(["sh", "-c", script], log="cluster")
    assert "failed to init node" in failed.value.output
    assert failed.value.message.endswith(": ERROR: failed to init node with kubeadm")


def test_no_such_program(runner: Runner) -> None:
    with pytest.raises(EnvironmentFault, match="platform-labs-no-such cannot be run: No such file") as fault:
        runner.run(["platform-labs-no-such"], log="step")
    assert "labs doctor" in fault.value.diagnostics()
    assert not isinstance(fault.value, CommandFailed)


def test_a_program_that_takes_too_long_is_ended(runner: Runner) -> None:
    with pytest.raises(CommandFailed, match="took too long and was stopped: so far") as failed:
        runner.run(["sh", "-c", "echo so far; exec sleep 60"], log="step", timeout=0.2)
    assert failed.value.code is None
    assert not list(runner.children.iterdir())


def test_a_pipe_held_by_a_program_in_another_session_holds_up_nobody(
    runner: Runner, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("labs.command._LAST_WORDS", 0.1)
    pid = tmp_path / "pid"
    script = f"setsid sh -c 'echo $$ >{pid}; exec sleep 60' & while [ ! -s {pid} ]; do :; done; echo so far; wait"
    try:
        with pytest.raises(CommandFailed) as failed:
            runner.run(["sh", "-c", script], log="step", timeout=1)
        assert failed.value.code is None
        assert "so far" in failed.value.output
    finally:
        process.end_group(int(pid.read_text()))


def test_a_program_is_recorded_while_it_runs(runner: Runner, tmp_path: Path) -> None:
    busy = Busy(runner, tmp_path)
    records: list[Path] = []
    while not records:  # it is written a moment after the program began
        records = list(runner.children.glob("*.json"))
    record = json.loads(records[0].read_text())
    assert (record["program"], record["owner"]["pid"]) == ("sh", os.getpid())
    process.end_group(record["pid"])
    busy.thread.join()
    assert isinstance(busy.error, CommandFailed)
    assert not list(runner.children.iterdir())


def test_stop_ends_what_runs_and_lets_nothing_new_begin(runner: Runner, tmp_path: Path) -> None:
    busy = Busy(runner, tmp_path)
    runner.stop()
    busy.thread.join()
    assert isinstance(busy.error, Interrupted)
    assert not list(runner.children.iterdir())
    with pytest.raises(Interrupted):
        runner.run(["touch", tmp_path / "begun-after-stop"], log="step")
    assert not (tmp_path / "begun-after-stop").exists()


def test_a_program_that_answers_stop_with_success_is_interrupted_too(runner: Runner, tmp_path: Path) -> None:
    busy = Busy(runner, tmp_path, "trap 'exit 0' TERM; sleep 60 & wait")
    runner.stop()
    busy.thread.join()
    assert isinstance(busy.error, Interrupted)


def test_a_program_that_begins_while_stop_looks_is_ended(runner: Runner) -> None:
    class Late(threading.Event):
        """Not set when asked whether to begin, set right after the program began."""

        asked = 0

        def is_set(self) -> bool:
            self.asked += 1
            return self.asked > 1

    runner.stopped = Late()
    with pytest.raises(Interrupted):
        runner.run(["sleep", "60"], log="step")


def test_a_pause_ends_with_stop(runner: Runner) -> None:
    runner.pause(0)
    runner.stop()
    with pytest.raises(Interrupted):
        runner.pause(60)


def test_a_long_output_keeps_its_end_in_the_log(runner: Runner) -> None:
    runner.run(["sh", "-c", "yes 0123456789 | head -c 500000; echo the end"], log="step")
    log = (runner.logs / "step.log").read_text()
    assert len(log) < 300_000
    assert "[...]\n" in log
    assert log.endswith("the end\n→ 0\n")
