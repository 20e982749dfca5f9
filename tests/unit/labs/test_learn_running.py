"""Commands of the text, run as if in one shell."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from labs.commands import running
from labs.commands.running import Commands
from labs.errors import EnvironmentFault


def ran(commands: Commands, command: str, folder: Path) -> tuple[int, list[str]]:
    told: list[str] = []
    return commands.run(command, folder, os.environ, told.append), told


def test_output_comes_by_lines_and_the_status_at_the_end(tmp_path: Path) -> None:
    assert ran(Commands(), "echo one; printf 'two\\rthree' >&2; exit 3", tmp_path) == (3, ["one", "two", "three"])


def test_functions_and_the_folder_are_there_for_the_next(tmp_path: Path) -> None:
    (tmp_path / "a b").mkdir()
    commands = Commands()
    assert ran(commands, "sample() { echo got $1; }; cd 'a b'", tmp_path) == (0, [])
    assert ran(commands, 'sample x; basename "$PWD"; exit 4', tmp_path) == (4, ["got x", "a b"])
    assert ran(commands, "sample y", tmp_path) == (0, ["got y"])


def test_nothing_waits_for_the_keyboard(tmp_path: Path) -> None:
    assert ran(Commands(), "cat; echo end", tmp_path) == (0, ["end"])


def test_what_is_left_running_holds_nothing_up(tmp_path: Path) -> None:
    status, told = ran(Commands(), "sleep 60 & echo $!", tmp_path)
    os.kill(int(told[0]), 9)
    assert status == 0


def test_a_line_without_an_end_comes_in_parts(tmp_path: Path) -> None:
    status, told = ran(Commands(), "head -c 300000 /dev/zero | tr '\\0' x", tmp_path)
    assert (status, sum(map(len, told)), len(told) > 1) == (0, 300_000, True)


def test_bytes_that_are_no_text_are_replaced(tmp_path: Path) -> None:
    assert ran(Commands(), "printf '\\377ok\\n'", tmp_path) == (0, ["\ufffdok"])


def test_a_command_is_ended_as_by_ctrl_c(tmp_path: Path) -> None:
    commands, told = Commands(), []
    begun = threading.Event()

    def tell(line: str) -> None:
        told.append(line)
        begun.set()

    def stop() -> None:
        begun.wait(30)
        commands.stop()

    stopper = threading.Thread(target=stop)
    stopper.start()
    status = commands.run("echo begun; exec sleep 60", tmp_path, os.environ, tell)
    stopper.join()
    assert (status, told) == (130, ["begun"])


def test_being_interrupted_leaves_nothing_running(tmp_path: Path) -> None:
    numbers: list[int] = []

    def tell(line: str) -> None:
        numbers.append(int(line))
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Commands().run("echo $$; exec sleep 60", tmp_path, os.environ, tell)
    with pytest.raises(ProcessLookupError):
        os.kill(numbers[0], 0)


def test_without_bash_it_says_so(tmp_path: Path) -> None:
    with pytest.raises(EnvironmentFault, match="bash cannot be run"):
        Commands().run("true", tmp_path / "gone", os.environ, print)


def test_what_writes_in_the_background_holds_nothing_up(tmp_path: Path) -> None:
    told: list[str] = []
    status = Commands().run("echo begun; yes & echo $! >number; exit 3", tmp_path, os.environ, told.append)
    os.kill(int((tmp_path / "number").read_text()), 9)
    assert (status, told[0]) == (3, "begun")


def test_all_that_was_printed_before_the_end_is_told(tmp_path: Path) -> None:
    """However slow whoever takes it is."""
    told: list[str] = []

    def tell(line: str) -> None:
        if not told:
            time.sleep(1.2)
        told.append(line)

    assert Commands().run("seq 1 8000", tmp_path, os.environ, tell) == 0
    assert told[-1] == "8000"


_DEAF = 'trap "" INT TERM; echo $$; sleep 60 & wait; sleep 60'


def _deaf(commands: Commands, end: Callable[[], None], folder: Path) -> list[int]:
    """Runs what hears no Ctrl-C, and ends it as soon as it has said its number."""
    numbers: list[int] = []

    def tell(line: str) -> None:
        numbers.append(int(line))
        threading.Thread(target=end).start()

    assert commands.run(_DEAF, folder, os.environ, tell) == 137
    return numbers


def _is_gone(group: int) -> bool:
    until = time.monotonic() + 10
    while time.monotonic() < until:
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.02)
    return False


def test_what_hears_no_ctrl_c_is_ended_firmly(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "PATIENCE", 0.1)
    commands = Commands()
    assert _is_gone(_deaf(commands, commands.stop, tmp_path)[0])


def test_a_second_time_ends_it_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "PATIENCE", 60.0)
    commands = Commands()

    def twice() -> None:
        commands.stop()
        commands.stop()

    assert _is_gone(_deaf(commands, twice, tmp_path)[0])


def test_closing_leaves_nothing_of_it_running(tmp_path: Path) -> None:
    commands = Commands()
    assert _is_gone(_deaf(commands, commands.close, tmp_path)[0])


def test_what_a_stopped_command_left_in_the_background_is_ended_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "PATIENCE", 0.1)
    commands = Commands()
    numbers: list[int] = []

    def tell(line: str) -> None:
        numbers.append(int(line))
        commands.stop()

    assert commands.run("(trap '' INT; sleep 60) & echo $$; sleep 60", tmp_path, os.environ, tell) > 128
    assert _is_gone(numbers[0])


@pytest.mark.parametrize(
    ("command", "status", "within"),
    [
        ("false\ntrue", 0, 1),
        ("(exit 7); set -- other; echo", 0, 7),
        ("true\nfalse", 1, 0),
        ("false || true", 0, 0),
        ("if false; then true; fi; true", 0, 0),
    ],
)
def test_a_line_that_failed_before_the_last_one_is_noted(
    tmp_path: Path, command: str, status: int, within: int
) -> None:
    commands = Commands()
    assert ran(commands, command, tmp_path)[0] == status
    assert commands.within == within
    assert list(tmp_path.iterdir()) == []
    assert ran(commands, "true", tmp_path)[0] == 0
    assert commands.within == 0
