"""`labs shell`: the learner's place to work."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from pathlib import Path

from labs import console
from labs import lab as labs
from labs.errors import NoLab
from labs.state import write


def enter(name: str, command: str | None) -> None:
    """Opens a shell in the clone, or runs one command there and ends with its exit code.

    The cluster is not asked first: Git works without it, and kubectl says itself when it is away.
    Raises NoLab.
    """
    lab = labs.find(name)
    if not lab.folder.clone.is_dir():
        raise NoLab(f"the lab {name} has no clone yet", advice=f"labs up {name} goes on with it.")
    surroundings = lab.environment()
    surroundings["PATH"] = f"{os.path.dirname(sys.executable)}{os.pathsep}{surroundings.get('PATH', '')}"
    if command is not None:
        done = subprocess.run(["bash", "-c", command], cwd=lab.folder.clone, env=surroundings, check=False)
        sys.exit(done.returncode)
    console.say(f"This shell belongs to the lab {name}; leave it with exit.")
    arguments, more = prompted(os.environ.get("SHELL") or "/bin/sh", name, lab.folder.root / "shell")
    subprocess.run(arguments, cwd=lab.folder.clone, env={**surroundings, **more}, check=False)


def prompted(shell: str, name: str, folder: Path) -> tuple[list[str], dict[str, str]]:
    """How to start an interactive shell whose prompt names the lab: arguments, and variables.

    bash and zsh read the person's own settings first and the mark afterwards, from files in
    `folder`; other shells take the prompt from the environment.
    """
    mark = f"(lab {name}) "
    kind = Path(shell).name
    if kind == "bash":
        text = f'[ -f ~/.bashrc ] && . ~/.bashrc\nPS1={shlex.quote(mark)}"$PS1"\n'
        write(folder / "bashrc", text.encode())
        return [shell, "--rcfile", str(folder / "bashrc"), "-i"], {}
    if kind == "zsh":
        own = os.environ.get("ZDOTDIR") or str(Path.home())
        back = f"ZDOTDIR={shlex.quote(own)}\n"
        text = f'{back}[ -f "$ZDOTDIR/.zshrc" ] && . "$ZDOTDIR/.zshrc"\nPROMPT={shlex.quote(mark)}"$PROMPT"\n'
        write(folder / ".zshrc", text.encode())
        return [shell, "-i"], {"ZDOTDIR": str(folder)}
    return [shell, "-i"], {"PS1": mark + "$ "}
