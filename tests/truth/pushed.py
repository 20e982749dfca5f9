"""Brings files into a cluster as the course does: committed, pushed, and applied by Argo CD."""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from grader.evidence.lab import LabFacts
from grader.kube import Kube, resource
from tests.truth.entries import ABOUT, Entry

_PATIENCE = 90.0
_AUTHOR = "truth"
_TRIES = 2  # of a sync that is refused, before its message is taken down


class Platform:
    """A clone of the lab's remote, and the Application that reads it.

    `base` is the newest commit that is not of a recording, one that was cut off included.
    """

    def __init__(self, kube: Kube, lab: LabFacts, remote: Path, work: Path) -> None:
        self.kube = kube
        namespace, name = lab.application
        self.path = resource("argoproj.io/v1alpha1", "applications", namespace, name)
        self.clone = work / "clone"
        self._git("clone", "--quiet", str(remote), str(self.clone), folder=work)
        self.base = self._git("rev-list", "-1", "--perl-regexp", f"--author=^(?!{_AUTHOR} )", "HEAD").strip()

    @contextmanager
    def with_files(self, entry: Entry) -> Iterator[Mapping[str, str]]:
        """What the Application showed with the entry's files pushed. In the end the folder is as it was."""
        self._git("reset", "--quiet", "--hard", self.base)
        shutil.copytree(entry.source, self.clone, dirs_exist_ok=True, ignore=shutil.ignore_patterns(ABOUT))
        self._push(entry.source.name)
        try:
            yield self._shown(self._wait(_settled))
        finally:
            self.restore()

    def restore(self) -> None:
        """The remote's branch as it was, and nothing of an entry in the cluster."""
        self._git("reset", "--quiet", "--hard", self.base)
        self._push("Take everything back")
        self._wait(_succeeded)

    def leave(self) -> None:
        """The remote's branch at the very commit that it had before."""
        self._git("push", "--quiet", "--force", "origin", f"{self.base}:main")

    def _push(self, message: str) -> None:
        self._git("add", "--all")
        identity = ("-c", f"user.name={_AUTHOR}", "-c", f"user.email={_AUTHOR}@platform-labs.invalid")
        self._git(*identity, "commit", "--quiet", "--allow-empty", "--message", message)
        self._git("push", "--quiet", "--force", "origin", "HEAD:main")

    def _wait(self, done: Callable[[Any], bool]) -> Any:
        """The Application once it has taken up the newest commit. Raises TimeoutError."""
        head, end = self._head(), time.monotonic() + _PATIENCE
        self._end_operation()
        self._refresh()
        while True:
            found = self.kube.get(self.path)
            status = found.get("status") or {}
            if _taken_up(status, head) and done(status):
                return status
            if time.monotonic() > end:
                raise TimeoutError(f"Argo CD does not take up {head}: {self._shown(status)}")
            time.sleep(0.5)

    def _refresh(self) -> None:
        self.kube.patch(self.path, {"metadata": {"annotations": {"argocd.argoproj.io/refresh": "hard"}}})

    def _end_operation(self) -> None:
        """A sync that is retried without end would go on with the commit before."""
        state = (self.kube.get(self.path).get("status") or {}).get("operationState") or {}
        if state.get("phase") == "Running":
            self.kube.patch(self.path, {"status": {"operationState": {"phase": "Terminating"}}})

    @staticmethod
    def _shown(status: Any) -> dict[str, str]:
        state = status.get("operationState") or {}
        conditions = [f"{one.get('type')}: {one.get('message')}" for one in status.get("conditions") or []]
        found = {
            "sync": (status.get("sync") or {}).get("status"),
            "health": (status.get("health") or {}).get("status"),
            "phase": state.get("phase"),
            "message": state.get("message"),
            "conditions": "; ".join(conditions),
        }
        return {key: str(value) for key, value in found.items() if value}

    def _head(self) -> str:
        return self._git("rev-parse", "HEAD").strip()

    def _git(self, *arguments: str, folder: Path | None = None) -> str:
        done = subprocess.run(
            ["git", *arguments], cwd=folder or self.clone, capture_output=True, text=True, check=False, timeout=60
        )
        if done.returncode:
            raise RuntimeError(f"git {' '.join(arguments)}: {done.stderr.strip()}")
        return done.stdout


def _taken_up(status: Any, head: str) -> bool:
    """Whether what is shown is about this commit; one that cannot be built has no revision."""
    unbuilt = any(one.get("type") == "ComparisonError" for one in status.get("conditions") or [])
    sync = status.get("sync") or {}
    return bool(sync.get("revision") == head or (unbuilt and sync.get("status") == "Unknown"))


def _settled(status: Any) -> bool:
    """Whether the sync has ended, or was refused often enough to know why."""
    if any(one.get("type") == "ComparisonError" for one in status.get("conditions") or []):
        return True
    state = status.get("operationState") or {}
    if state.get("phase") == "Running":
        return int(state.get("retryCount") or 0) >= _TRIES
    synced = (status.get("sync") or {}).get("status") == "Synced"
    return state.get("phase") in ("Failed", "Error") or (state.get("phase") == "Succeeded" and synced)


def _succeeded(status: Any) -> bool:
    return bool((status.get("sync") or {}).get("status") == "Synced" and _settled(status))
