"""Every command that shows the state of a simulated lab says that it is simulated."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import click
import pytest

from grader.console import run
from grader.outcome import SIMULATED
from labs import cli, lab

M = ("-m", "01")
SHOWN: dict[str, tuple[tuple[str, ...], ...]] = {
    "up": (("evening",),),
    "status": (("evening",),),
    "list": ((),),
    "open": (("evening",),),
    "install kyverno": (("evening",),),
    "trust kyverno": (("evening",),),
    "modules": ((),),
    "steps": ((), ("01",)),
    "continue": ((),),
    "next": (("3", *M), M),
    "check": (M, ("--all", *M), ("policy.identity", *M), ("4", "--all", *M), ("policy.identity", "--probes", *M)),
    "hint": (("4", *M), ("4", "--all", *M)),
    "run": (("3", *M),),
    "look": (("images",), ("sbom",), ("admission",), ("admission", "1"), ("providers",)),
    "reset": ((*M, "--step", "2"),),
    "jump": (("2", "--yes", *M),),
    "progress show": ((),),
    "progress import": (("progress.json",),),
}
"""Each command with words that have it show something."""
ELSEWHERE = {
    "stop": "test_its_life_is_told_as_a_simulated_lab_s",
    "start": "test_its_life_is_told_as_a_simulated_lab_s",
    "down": "test_its_life_is_told_as_a_simulated_lab_s",
    "progress export": "test_scores_are_carried_with_where_they_are_from",
    "demo": "test_demo.py",
    "shell": "test_lab_shell.py",
    "edit": "opens a file",
    "text": "the course's own words",
    "show": "the course's own words",
    "sample": "a name for a command line",
    "image sbom": "of an image, not of a lab",
    "image verify": "of an image, not of a lab",
    "image compare": "of an image, not of a lab",
    "doctor": "of this machine, not of a lab",
    "serve": "an address; the program in it says it",
}
"""The other commands, each with where it is proved, or why there is nothing to say."""
Say = Callable[..., str]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A home with one simulated lab, `evening`, for all tests of the file."""
    home = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LABS_HOME", str(home))
        patch.setenv("HOME", str(home / "nobody"))
        patch.setenv("GIT_CONFIG_NOSYSTEM", "1")
        patch.delenv("LABS_OVERRIDES", raising=False)
        patch.delenv("PLATFORM_LAB", raising=False)
        patch.chdir(home)
        made("evening")
        yield home
        lab.down("evening", discard=True)


def made(name: str) -> None:
    lab.up(name, None, lambda _: None, lambda _: None, backend="simulated")


@pytest.fixture
def say(home: Path, capfd: pytest.CaptureFixture[str]) -> Say:
    """Runs one command line; returns what it printed."""

    def call(*words: str) -> str:
        try:
            code = run(cli.labs, list(words), program="labs")
        except SystemExit as ended:
            code = int(ended.code or 0)
        out, err = capfd.readouterr()
        assert code in (0, 1), out + err
        return out

    return call


def leaves(group: click.Group, before: str = "") -> Iterator[str]:
    """Every command by its words."""
    for name, one in group.commands.items():
        if isinstance(one, click.Group):
            yield from leaves(one, f"{before}{name} ")
        else:
            yield f"{before}{name}"


def test_every_command_is_looked_at() -> None:
    assert sorted(leaves(cli.labs)) == sorted([*SHOWN, *ELSEWHERE])


@pytest.mark.parametrize(("command", "words"), [(name, words) for name, all_ in SHOWN.items() for words in all_])
def test_a_command_says_it(say: Say, command: str, words: tuple[str, ...]) -> None:
    say("next", "2", "-m", "01")
    assert "simulated" in say(*command.split(), *words)


def test_its_life_is_told_as_a_simulated_lab_s(say: Say) -> None:
    made("short")
    for command, told in (("stop", "is stopped"), ("start", "runs"), ("down", "is gone")):
        assert f"The simulated lab short {told}" in say(command, "short")


def test_a_grading_says_it_once(say: Say) -> None:
    for words in ((), ("--all",), ("4",)):
        assert say("check", *words, "-m", "01").count(SIMULATED) == 1


def test_scores_are_carried_with_where_they_are_from(say: Say) -> None:
    say("check", "-m", "01")
    exported = json.loads(say("progress", "export", "-"))
    assert exported["modules"]["01-chainguard-images"]["simulated"] is True
    say("progress", "export", "carried.json")
    assert json.loads(Path("carried.json").read_text()) == exported


def test_a_best_score_says_it_where_no_lab_is(say: Say, monkeypatch: pytest.MonkeyPatch) -> None:
    say("check", "-m", "01")
    monkeypatch.setenv("PLATFORM_LAB", "none-of-that-name")
    told = say("modules")
    assert SIMULATED not in told
    assert " of 100 (simulated)" in told
