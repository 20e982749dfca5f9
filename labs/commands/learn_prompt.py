"""The plain twin's prompt: every command of `labs`, without its first word."""

from __future__ import annotations

import os
import shlex
import sys
from difflib import get_close_matches
from importlib import import_module

import click

from grader import console as grader_console
from labs import console
from labs.commands import learn
from labs.commands.learn_fold import folded

PROMPT = "labs> "
_SHELL = ("|", ">", ">>", "<", "&&", "||", ";", "&")
_LEAVE = ("quit", "exit", "q")
_HELP = """\
Words you can type, each with the Enter key:
  continue           where you stand, and the text of your step
  text [MODULE]      the module's text; text --step N that of one step
  text --sections    the text's sections; text --section N one of them
  text --code N      a block of code as it is
  3                  step 3, or any other number
  steps              every step and its state
  next               go on to the next step
  check [STEP]       what is right, and what is not yet; check --all all of it
  check CHECK --probes  with each question to the cluster, its answer and why
  hint               one hint more; hint --all all that you have seen
  run                run the step's commands in the lab's shell
  run --code N       run one block of the text; its number stands before it
  edit [FILE:LINE]   a file in your editor; alone, at the first line that fails
  show [N]           the solution, when asked twice; then those with numbers
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


def _cannot(commands: click.Group, words: list[str]) -> str | None:
    """What is to be said of a line that is none of the program's."""
    if words[0] not in commands.commands and not words[0].startswith("-"):
        near = get_close_matches(words[0], [*commands.commands, "help", "quit"], 1)
        meant = f" Did you mean {near[0]}?" if near else ""
        return f"There is no word {words[0]} here.{meant} Type help for the words; shell opens the lab's shell."
    if any(word in _SHELL or word.startswith((">", "|")) for word in words):
        return "There are no pipes and no files here: shell opens the lab's shell. In it, labs comes before each word."
    return None


def _obey(commands: click.Group, words: list[str]) -> None:
    """Runs one command; what goes wrong is told, and the prompt comes back."""
    if words[0] in ("help", "?"):
        learn.say(_HELP.splitlines())
        return
    if words[0].isdecimal():
        words = ["next", words[0]]
    elif problem := _cannot(commands, words):
        learn.say(folded(problem))
        return
    try:
        grader_console.run(commands, words, program="labs")
    except SystemExit:
        sys.stdout.flush()
