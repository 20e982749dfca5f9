"""Brings files into a cluster as a learner does by hand: `kubectl apply`, which is strict."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from grader.evidence.kustomize import NAMES
from tests.truth.entries import Entry

_MANIFESTS = (".yaml", ".yml", ".json", ".txt", ".bak")


@contextmanager
def applied(entry: Entry, kubeconfig: Path) -> Iterator[Mapping[str, str]]:
    """File → what `kubectl apply` said. What it made is deleted in the end."""
    targets = _targets(entry)
    try:
        yield {name: _apply(arguments, entry.source, kubeconfig) for name, arguments in targets.items()}
    finally:
        for arguments in targets.values():
            _kubectl(["delete", "--ignore-not-found", "--wait", *arguments], entry.source, kubeconfig)


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
