"""Where labs live, and what is written about them: atomic files, one folder a lab.

Home is `$LABS_HOME`, else `$XDG_DATA_HOME/platform-labs`, else `~/.local/share/platform-labs`:

    labs/NAME/           one lab (see `Folder`)
    cache/charts/        Helm charts fetched once
    backups/NAME.git     what `labs down` kept of a learner's work; NAME.files: files too large for it
"""

from __future__ import annotations

import json
import os
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from grader.errors import EnvironmentFault, UsageError
from grader.files import replace

FORMAT = 1
DEFAULT = "default"
_NAME = re.compile(r"[a-z0-9]([a-z0-9-]{0,28}[a-z0-9])?\Z")
_SIZE = 4 << 20
_MAPPINGS = ("ports", "images", "charts", "overrides", "steps", "wanted")

Json = Any


def home() -> Path:
    """The folder of all labs. It may not exist yet."""
    given = os.environ.get("LABS_HOME")
    if given:
        return Path(given).expanduser().absolute()
    data = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local/share"
    return Path(data) / "platform-labs"


def now() -> str:
    """The time, as ISO 8601 in UTC with seconds."""
    return datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def checked_name(name: str) -> str:
    """The name of a lab, or UsageError: it becomes part of host and container names."""
    if not _NAME.match(name):
        raise UsageError(
            "a lab's name has 1 to 30 characters of a to z, 0 to 9 and -, and no - at its ends",
            advice=f"For example: labs up {DEFAULT}",
        )
    return name


@dataclass(frozen=True)
class Folder:
    """The folder of one lab and the places in it."""

    root: Path
    name: str

    @classmethod
    def of(cls, name: str) -> Folder:
        """The folder of the lab `name` under `home()`. Raises UsageError for a bad name."""
        return cls(home() / "labs" / checked_name(name), name)

    @property
    def state(self) -> Path:
        return self.root / "state.json"

    @property
    def removed(self) -> Path:
        """Where the whole folder goes just before it is deleted, so that a lab is never half there."""
        return self.root.with_name(f".{self.name}.removed")

    @property
    def lock(self) -> Path:
        return self.root / "lock"

    @property
    def kubeconfig(self) -> Path:
        """The lab's own kubeconfig, readable by its owner alone."""
        return self.root / "kubeconfig"

    @property
    def clone(self) -> Path:
        """The learner's working clone."""
        return self.root / "platform"

    @property
    def remotes(self) -> Path:
        """What is mounted into the node as the folder of bare repositories."""
        return self.root / "remote"

    @property
    def remote(self) -> Path:
        """The bare repository that the learner pushes to and Argo CD reads."""
        return self.remotes / "platform.git"

    @property
    def registry(self) -> Path:
        """The lab's authority: keys and certificates."""
        return self.root / "registry"

    @property
    def tuf(self) -> Path:
        """The TUF repository that Kyverno reads its trust from."""
        return self.registry / "tuf"

    @property
    def trusted_hosts(self) -> Path:
        """containerd's settings for the lab's registry, mounted into the node."""
        return self.root / "node" / "cgr.dev"

    @property
    def values(self) -> Path:
        """Values files that the lab gives to Helm."""
        return self.root / "values"

    @property
    def helm(self) -> Path:
        """Helm's own configuration, cache and plugins, apart from the user's."""
        return self.root / "helm"

    @property
    def logs(self) -> Path:
        return self.root / "logs"

    @property
    def children(self) -> Path:
        """One file a running child process."""
        return self.root / "children"

    def make(self) -> None:
        """Creates the folder. Raises EnvironmentFault where it cannot be written."""
        try:
            for folder in (self.root, self.logs, self.children):
                folder.mkdir(parents=True, exist_ok=True)
            self.root.chmod(0o700)
        except OSError as error:
            raise EnvironmentFault(
                f"the lab's folder cannot be made: {error.strerror}",
                where=str(self.root),
                advice="Set LABS_HOME to a folder that you may write to.",
            ) from None


def write(path: Path, content: bytes, mode: int = 0o600) -> None:
    """Writes a file whole (`grader.files.replace`), its folder made where it is missing. Raises EnvironmentFault."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise EnvironmentFault(f"cannot be made: {error.strerror}", where=str(path.parent)) from None
    replace(path, content, mode)


class State:
    """What is known about one lab: a JSON object, written through at every change.

    Keys: `format`, `name`, `backend`, `created`; `cluster` (its name), `ports` (name → loopback
    port), `images` (see labs.platform.images), `charts`, `wanted` (images to load, by group),
    `overrides` (see labs.overrides), `steps` (name → `done`, `seconds`, `note`). Safe to use from threads.
    """

    def __init__(self, path: Path, data: dict[str, Json], problem: str | None = None) -> None:
        self.path = path
        self.problem = problem
        self._data = data
        self._lock = threading.RLock()

    @classmethod
    def load(cls, path: Path) -> State:
        """Reads a state; an empty one where there is none.

        What cannot be read is kept beside as `state.json.corrupt-…`; `problem` says so.
        """
        try:
            content = path.read_bytes()
        except FileNotFoundError:
            return cls(path, {})
        except OSError as error:
            raise EnvironmentFault(f"cannot be read: {error.strerror}", where=str(path)) from None
        try:
            return cls(path, _parsed(content))
        except ValueError as wrong:
            kept = path.with_name(f"{path.name}.corrupt-{now().replace(':', '')}")
            write(kept, content)
            return cls(path, {}, f"{path} could not be read ({wrong}); it was kept as {kept.name}.")

    def get(self, key: str, default: Json = None) -> Json:
        """The value of a key."""
        with self._lock:
            return self._data.get(key, default)

    def update(self, **values: Json) -> None:
        """Sets keys and writes the file."""
        self.change(lambda data: data.update(values))

    def change(self, edit: Callable[[dict[str, Json]], None]) -> None:
        """Lets `edit` alter the object and writes the file."""
        with self._lock:
            edit(self._data)
            write(self.path, json.dumps({"format": FORMAT, **self._data}, indent=1).encode() + b"\n")

    def step_done(self, name: str, seconds: float, note: str) -> None:
        """Notes that a step of the bring-up ended well."""
        entry = {"done": now(), "seconds": round(seconds, 1), "note": note}
        self.change(lambda data: data.setdefault("steps", {}).update({name: entry}))

    def step_undone(self, name: str) -> None:
        """Forgets that a step ended well."""
        self.change(lambda data: data.setdefault("steps", {}).pop(name, None))

    def step(self, name: str) -> dict[str, Json] | None:
        """What was noted when the step ended well, or None."""
        found = (self.get("steps") or {}).get(name)
        return found if isinstance(found, dict) else None


def _parsed(content: bytes) -> dict[str, Json]:
    """The JSON object; ValueError with the reason where it is none of this format."""
    if len(content) > _SIZE:
        raise ValueError("it is too large")
    try:
        data = json.loads(content)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    if not isinstance(data, dict):
        raise ValueError("it is no JSON object")
    if data.get("format") != FORMAT:
        raise ValueError(f"format {data.get('format')!r} is not {FORMAT}")
    if not all(isinstance(data.get(key, {}), dict) for key in _MAPPINGS):
        raise ValueError("a part of it has the wrong shape")
    return data
