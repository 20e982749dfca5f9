"""`labs shell`: the learner's place to work."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

from labs import console
from labs import lab as labs
from labs.errors import EnvironmentFault, NoLab
from labs.lab import Lab
from labs.state import write

# zsh reads .zshenv and then .zshrc from ZDOTDIR; each hands over to the person's own and comes back
_ZSHENV = """\
ZDOTDIR={own}
[ -f "$ZDOTDIR/.zshenv" ] && . "$ZDOTDIR/.zshenv"
PLATFORM_LAB_ZDOTDIR="$ZDOTDIR"
ZDOTDIR={lab}
"""
_ZSHRC = """\
ZDOTDIR="$PLATFORM_LAB_ZDOTDIR"
unset PLATFORM_LAB_ZDOTDIR
[ -f "$ZDOTDIR/.zshrc" ] && . "$ZDOTDIR/.zshrc"
"""


def enter(name: str, command: str | None) -> None:
    """`labs shell`: ends with the exit code of the shell. Raises NoLab."""
    sys.exit(opened(name, command))


def opened(name: str, command: str | None) -> int:
    """Opens a shell in the clone, or runs one command there; what comes through a pipe is run as a script.

    The cluster is not asked first: Git works without it, and kubectl says itself when it is away.
    Returns the exit code of the shell. Raises NoLab.
    """
    lab = labs.find(name)
    if not lab.folder.clone.is_dir():
        raise NoLab(f"the lab {name} has no clone yet", advice=f"labs up {name} goes on with it.")
    surroundings = lab.environment()
    if command is not None or not sys.stdin.isatty():
        arguments = ["bash"] if command is None else ["bash", "-c", command]
    else:
        console.say(f"This shell belongs to the {lab.called}; leave it with exit.")
        arguments, more = prompted(_own(), lab)
        surroundings |= more
    try:
        return subprocess.run(arguments, cwd=lab.folder.clone, env=surroundings, check=False).returncode
    except OSError as error:
        advice = "SHELL names the shell that is started."
        raise EnvironmentFault(f"{arguments[0]} cannot be run: {error.strerror}", advice=advice) from None


def _own() -> str:
    """The person's shell; where it is not there, one that is, and says so."""
    wanted = os.environ.get("SHELL") or "/bin/sh"
    if shutil.which(wanted):
        return wanted
    other = shutil.which("bash") or "/bin/sh"
    console.say(f"SHELL names {wanted}, which is not there: {other} opens instead.")
    return other


def prompted(shell: str, lab: Lab) -> tuple[list[str], dict[str, str]]:
    """How to start an interactive shell whose prompt names the lab: arguments, and variables.

    bash and zsh read the person's own settings first, from files in the lab's folder, and then what the
    lab needs: settings that name another cluster must not win. Other shells are told by variables alone.
    """
    mark = f"(lab {lab.name}) "
    folder = lab.folder.root / "shell"
    needed = "".join(f"export {name}={shlex.quote(value)}\n" for name, value in lab.variables().items())
    needed += f'export PATH={shlex.quote(os.pathsep.join(map(str, lab.path)))}:"$PATH"\n'
    kind = Path(shell).name
    if kind == "bash":
        text = f'[ -f ~/.bashrc ] && . ~/.bashrc\n{needed}PS1={shlex.quote(mark)}"$PS1"\n'
        write(folder / "bashrc", text.encode())
        return [shell, "--rcfile", str(folder / "bashrc"), "-i"], {}
    if kind == "zsh":
        own = shlex.quote(os.environ.get("ZDOTDIR") or str(Path.home()))
        write(folder / ".zshenv", _ZSHENV.format(own=own, lab=shlex.quote(str(folder))).encode())
        write(folder / ".zshrc", f'{_ZSHRC}{needed}PROMPT={shlex.quote(mark)}"$PROMPT"\n'.encode())
        return [shell, "-i"], {"ZDOTDIR": str(folder)}
    return [shell, "-i"], {"PS1": mark + "$ "}
