"""The plain twin's prompt: every command of `labs`, without its first word."""

from __future__ import annotations

import os
import shlex
import sys
from importlib import import_module

import click

from grader import console as grader_console
from labs import console
from labs.commands import learn

PROMPT = "labs> "
_LEAVE = ("quit", "exit", "q")
_HELP = """\
Words you can type, each with the Enter key:
  continue           where you stand, and the text of your step
  text [MODULE]      the module's text; text --step N that of one step
  steps              every step and its state
  next               go on to the next step
  check [STEP]       what is right, and what is not yet
  hint               one hint more
  run                run the step's commands in the lab's shell
  show               the solution, when asked twice
  reset --step N     back to before a step; jump N ahead to one
  shell              the lab's shell; exit comes back
  modules, progress show, up, status, doctor
  quit               leave; everything is saved already
Every other command of labs works too, such as: image sbom IMAGE."""


def read(commands: click.Group) -> None:
    """Reads lines until `quit` or the end of the input."""
    console.say("Platform Labs, plain. Type help for the words, quit to leave.")
    _settings()
    _obey(commands, ["continue"])
    while True:
        try:
            line = input(PROMPT)
        except EOFError:
            console.say()
            return
        except KeyboardInterrupt:
            console.say("\nType quit to leave.")
            continue
        words = _words(line)
        if words and words[0] in _LEAVE:
            return
        if words:
            _obey(commands, words)


def _settings() -> None:
    """Lines can be edited and called back, where the terminal can do that."""
    if os.environ.get("TERM") not in (None, "", "dumb"):
        import_module("readline")


def _words(line: str) -> list[str]:
    try:
        found = shlex.split(line)
    except ValueError:
        console.say("A quotation mark is open in this line.")
        return []
    return found[1:] if found[:1] == ["labs"] else found


def _obey(commands: click.Group, words: list[str]) -> None:
    """Runs one command; what goes wrong is told, and the prompt comes back."""
    if words[0] in ("help", "?"):
        learn.say(_HELP.splitlines())
        return
    try:
        grader_console.run(commands, words, program="labs")
    except SystemExit:
        sys.stdout.flush()
