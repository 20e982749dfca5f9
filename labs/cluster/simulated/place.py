"""The files of one simulated cluster, all in one folder of its lab."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from labs.state import write


@dataclass(frozen=True)
class Place:
    """A folder and the names in it."""

    root: Path

    @property
    def lock(self) -> Path:
        """Locked by the running server for as long as it lives."""
        return self.root / "server.lock"

    @property
    def record(self) -> Path:
        """`{"pid", "port"}` of the server, kept after its end so that it comes back to its port."""
        return self.root / "server.json"

    @property
    def resting(self) -> Path:
        """There while the server was stopped on purpose: then nothing revives it."""
        return self.root / "resting"

    @property
    def token_file(self) -> Path:
        return self.root / "token"

    @property
    def log(self) -> Path:
        return self.root / "server.log"

    @property
    def authority(self) -> Path:
        """The certificate that clients trust."""
        return self.root / "ca.crt"

    @property
    def certificate(self) -> Path:
        return self.root / "server.crt"

    @property
    def key(self) -> Path:
        return self.root / "server.key"

    @property
    def settings(self) -> Path:
        """What the lab tells the cluster (see `settings.Settings`)."""
        return self.root / "settings.json"

    @property
    def objects(self) -> tuple[Path, Path]:
        """Snapshot and journal of the store."""
        return self.root / "objects.json", self.root / "changes.jsonl"

    def token(self) -> str:
        """The bearer token; made when first asked for."""
        if not self.token_file.exists():
            write(self.token_file, secrets.token_urlsafe(32).encode())
        return self.token_file.read_text().strip()

    def port(self) -> int:
        """The port of the last server, or 0."""
        return int(self.read().get("port", 0))

    def read(self) -> dict[str, Any]:
        """The record, or an empty one."""
        try:
            data = json.loads(self.record.read_bytes())
        except (OSError, ValueError):
            return {}
        return data if isinstance(data, dict) else {}
