"""What each kind of trouble looks like at the command line of `labs`: one clear message, the right exit code."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from labs import cli, lab, process
from labs.commands import lifecycle, look
from labs.doctor.finding import Finding, Level
from labs.errors import Interrupted
from labs.state import Folder, State
from tests.unit.labs.fakes import FakeEngine

HEAVY = (
    "docker",
    "kubernetes",
    "textual",
    "pydantic",
    "cryptography",
    "sigstore",
    "dulwich",
    "yaml",
    "aiohttp",
    "rich",
)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LABS_HOME", str(tmp_path))
    monkeypatch.delenv("LABS_OVERRIDES", raising=False)
    monkeypatch.setattr(lab, "Engine", FakeEngine)
    return tmp_path


@pytest.fixture
def labs(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    """Runs the command line; returns exit code, standard output and standard error."""

    def run(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["labs", *arguments])
        try:
            code = cli.run()
        except SystemExit as ended:
            code = int(ended.code or 0)
        out, err = capsys.readouterr()
        assert "Traceback" not in err
        return code, out, err

    return run


Labs = Callable[..., tuple[int, str, str]]


def made(name: str) -> Folder:
    """The folder of a lab that was begun."""
    folder = Folder.of(name)
    folder.make()
    State.load(folder.state).update(name=name, backend="kind")
    return folder


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("no-such",), "No such command 'no-such'"),
        (("up", "--no-such"), "No such option"),
        (("up", "one", "two"), "unexpected extra argument"),
        (("status", "--format", "xml"), "'xml' is not one of"),
        (("up", "Upper"), "a lab's name has 1 to 30 characters"),
        (("down", "../outside"), "a lab's name has 1 to 30 characters"),
        (("up", "--overrides", "/no/such.yaml"), "/no/such.yaml: the overrides cannot be read: No such file"),
    ],
)
def test_wrong_usage_is_2(labs: Labs, arguments: tuple[str, ...], message: str) -> None:
    code, _, err = labs(*arguments)
    assert (code, message in err) == (2, True), err


def test_wrong_overrides_name_file_and_line_and_make_nothing(labs: Labs, home: Path) -> None:
    file = home / "o.yaml"
    file.write_text("nodeImage: x\ncharts:\n  kyverno: {version: 3}\n")
    code, _, err = labs("up", "--overrides", str(file))
    assert code == 2
    assert f"labs: {file}:3:" in err
    assert not (home / "labs").exists()


@pytest.mark.parametrize("command", ["status", "open", "shell", "stop", "start", "install kyverno", "trust kyverno"])
def test_no_such_lab_is_3_and_names_those_that_there_are(labs: Labs, command: str) -> None:
    made("evening")
    code, _, err = labs(*command.split(), "morning")
    assert (code, err) == (
        3,
        "labs: there is no lab morning\nThere are: evening. labs up morning makes it.\n",
    )


@pytest.mark.parametrize("command", ["open", "stop", "start", "install kyverno", "trust kyverno"])
def test_a_lab_without_a_cluster_is_3_and_says_what_makes_it(labs: Labs, command: str) -> None:
    made("evening")
    code, _, err = labs(*command.split(), "evening")
    assert code == 3
    assert "absent" in err
    assert "labs up evening" in err


def test_removing_what_is_not_there_is_no_fault(labs: Labs) -> None:
    assert labs("down", "morning")[:2] == (0, "There is no lab morning: nothing to remove.\n")


def test_a_home_that_cannot_be_written_is_3(labs: Labs, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (home / "file").touch()
    monkeypatch.setenv("LABS_HOME", str(home / "file"))
    code, _, err = labs("up")
    assert code == 3
    assert "cannot be made: Not a directory\nSet LABS_HOME" in err


def test_what_the_system_refuses_is_3_with_its_place(labs: Labs, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused() -> None:
        raise PermissionError(13, "Permission denied", "/somewhere")

    monkeypatch.setattr(look, "listing", refused)
    assert labs("list") == (3, "", "labs: /somewhere: Permission denied\n")


def test_a_lab_in_use_is_3(labs: Labs) -> None:
    folder = made("evening")
    with process.held(folder.lock, "the lab evening"):
        for command in ("up", "down", "stop", "start"):
            code, _, err = labs(command, "evening")
            assert code == 3
            assert "the lab evening is in use by another session" in err


@pytest.mark.parametrize("stopped", [KeyboardInterrupt(), Interrupted()])
def test_ctrl_c_is_130(labs: Labs, monkeypatch: pytest.MonkeyPatch, stopped: BaseException) -> None:
    def up(*_: Any) -> None:
        raise stopped

    monkeypatch.setattr(lifecycle, "up", up)
    code, _, err = labs("up")
    assert code == 130
    assert "Interrupted." in err


def test_a_fault_of_the_program_says_how_to_report_it(labs: Labs, monkeypatch: pytest.MonkeyPatch) -> None:
    def up(*_: Any) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(lifecycle, "up", up)
    code, _, err = labs("up")
    assert code == 3
    assert "a fault of the program itself: ZeroDivisionError. Run it again with --debug" in err


def test_debug_is_taken_by_every_command_and_shows_where(monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    def trust(*_: Any) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(lifecycle, "trust_kyverno", trust)
    monkeypatch.setattr(sys, "argv", ["labs", "trust", "kyverno", "--debug"])
    assert cli.run() == 3
    assert "test_labs_cli.py" in capsys.readouterr().err


def test_help_tells_of_each_command_to_the_end(labs: Labs) -> None:
    _, out, _ = labs("--help")
    assert "..." not in out.partition("Commands:")[2]
    assert "Grade your work: what is right, what is not yet, and what to look at." in " ".join(out.split())


@pytest.mark.parametrize(
    ("subject", "level", "code", "verdict"),
    [
        ("docker", Level.GOOD, 0, "labs up makes a real lab here"),
        ("docker", Level.WARN, 0, "labs up makes a real lab here"),
        ("docker", Level.BAD, 0, "labs up makes a simulated lab here, which needs Git alone; a real one lacks docker."),
        ("git", Level.BAD, 3, "No lab runs here without Git."),
    ],
)
def test_doctor_says_which_lab_runs_here(
    labs: Labs, monkeypatch: pytest.MonkeyPatch, subject: str, level: Level, code: int, verdict: str
) -> None:
    def checks(_: Any) -> Iterator[Finding]:
        yield Finding(subject, level, "It is so", "Do this.")

    monkeypatch.setattr(look, "all_checks", checks)
    found, out, _ = labs("doctor")
    assert (found, verdict in out.splitlines()[0]) == (code, True), out
    assert ("Do this." in out) is (level is not Level.GOOD)


def test_status_in_json_is_json_whatever_its_size(labs: Labs) -> None:
    folder = made("evening")
    note = "x" * 30_000
    State.load(folder.state).step_done("cluster", 1.0, note)
    code, out, _ = labs("status", "evening", "--format", "json")
    assert code == 0
    found = json.loads(out)
    assert (found["cluster"], found["steps"]["cluster"]["note"]) == ("absent", note)


def test_status_says_what_it_cannot_tell(labs: Labs, monkeypatch: pytest.MonkeyPatch) -> None:
    made("evening")
    monkeypatch.setattr(lab, "Engine", lambda: FakeEngine(down="the Docker Engine does not answer"))
    code, out, _ = labs("status", "evening")
    assert code == 0
    assert "cluster unknown (the Docker Engine does not answer)" in out


def test_help_imports_nothing_heavy() -> None:
    """A library that is only needed by a command is not paid for by the others."""
    script = (
        "import sys; sys.argv = ['labs', '--help']\n"
        "from labs.cli import run\n"
        "assert run() == 0\n"
        f"print(sorted(set(sys.modules) & set({HEAVY})), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert "Make the lab, or go on where it was interrupted." in done.stdout
    assert done.stderr == "[]\n"
