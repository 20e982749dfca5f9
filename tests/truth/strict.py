"""Brings files into a cluster as a learner does by hand: `kubectl apply`, which is strict."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from grader.evidence.kustomize import NAMES
from tests.truth.entries import ABOUT, Entry

_MANIFESTS = (".yaml", ".yml", ".json", ".txt", ".bak")
_CREATED = re.compile(r"^(\S+/\S+) created$", re.MULTILINE)


@contextmanager
def applied(entry: Entry, kubeconfig: Path) -> Iterator[Mapping[str, str]]:
    """File → what `kubectl apply` said. What it made is deleted in the end."""
    with tempfile.TemporaryDirectory() as work:
        folder = Path(work) / "platform"
        shutil.copytree(entry.platform, folder)
        shutil.copytree(entry.source, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns(ABOUT))
        said: dict[str, str] = {}
        targets = _targets(entry)
        try:
            for name, arguments in targets.items():
                said[name] = _apply(arguments, folder, kubeconfig)
            yield {name: words.replace(str(folder), "<clone>") for name, words in said.items()}
        finally:
            for name, arguments in targets.items():
                _delete(arguments, said.get(name, ""), folder, kubeconfig)


def _delete(arguments: list[str], said: str, folder: Path, kubeconfig: Path) -> None:
    """Deletes what a file made; of a kustomization only what was not there before."""
    wanted = _CREATED.findall(said) if arguments[0] == "-k" else arguments
    if wanted:
        _kubectl(["delete", "--ignore-not-found", "--wait", *wanted], folder, kubeconfig)


def _targets(entry: Entry) -> dict[str, list[str]]:
    """A kustomization as a whole, else file by file."""
    roots = [path.parent for path in entry.files if path.name in NAMES]
    if roots:
        root = min(roots, key=lambda path: len(path.parts))
        return {root.as_posix(): ["-k", root.as_posix()]}
    files = [path.as_posix() for path in entry.files if path.suffix in _MANIFESTS]
    return {name: ["-f", name] for name in files}


def _apply(arguments: list[str], folder: Path, kubeconfig: Path) -> str:
    done = _kubectl(["apply", "--validate=strict", *arguments], folder, kubeconfig)
    said = [line for line in (done.stdout + done.stderr).splitlines() if not line.startswith("Warning:")]
    return "\n".join(said)


def _kubectl(arguments: list[str], folder: Path, kubeconfig: Path) -> subprocess.CompletedProcess[str]:
    surroundings = {**os.environ, "KUBECONFIG": str(kubeconfig)}
    return subprocess.run(
        ["kubectl", *arguments], cwd=folder, env=surroundings, capture_output=True, text=True, check=False, timeout=120
    )
