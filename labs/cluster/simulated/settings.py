"""What a lab tells its simulated cluster: the images of its registry, and where its remotes are.

    {"format": 1,
     "registry": "cgr.dev",
     "images": {"cgr.dev/chainguard/provider-k3x9:v1.4.2": {
         "digest": "sha256:…", "provider": true,
         "signatures": [{"subject": "…", "issuer": "…", "authority": "lab", "log": "yes", "digest": "same"}]}},
     "remotes": {"git://git.platform-labs.svc.cluster.local/platform.git": "/…/platform.git"},
     "known": {"roots": {"lab": "PEM"}, "rekor_keys": {"lab": "PEM"}, "ct_keys": {"lab": "PEM"}}}

A signature's fields are those of `grader.kyverno.request.Signature`. Only `images` and `remotes` matter for
most labs; what is left out is empty. The file is read again whenever it changes.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from grader.errors import InputError
from labs.state import write

FORMAT = 1


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings, read. `images` maps `NAME:TAG` to digest and signatures, `remotes` a URL to a bare repository."""

    registry: str = "cgr.dev"
    images: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    remotes: Mapping[str, str] = field(default_factory=dict)
    known: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


def save(path: Path, settings: Settings) -> None:
    """Writes the settings for a server to read."""
    data = {"format": FORMAT, "registry": settings.registry, "images": dict(settings.images),
            "remotes": dict(settings.remotes), "known": dict(settings.known)}  # fmt: skip
    write(path, json.dumps(data, indent=1).encode() + b"\n")


def read(path: Path) -> Settings:
    """Reads settings; none is no fault. Raises InputError for a file that cannot be understood."""
    try:
        data = json.loads(path.read_bytes())
    except FileNotFoundError:
        return Settings()
    except (OSError, ValueError) as error:
        raise InputError(f"cannot be read: {error}", where=str(path), advice="labs reset writes it anew.") from None
    if not isinstance(data, dict) or data.get("format") != FORMAT:
        raise InputError(f"is not of format {FORMAT}", where=str(path), advice="labs reset writes it anew.")
    return Settings(
        str(data.get("registry", "cgr.dev")),
        data.get("images") or {},
        data.get("remotes") or {},
        data.get("known") or {},
    )


class Current:
    """The settings as the file holds them at this moment."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._seen: tuple[int, int] | None = None
        self._settings = Settings()

    def get(self) -> Settings:
        """The settings; read anew only where the file changed."""
        try:
            status = self.path.stat()
            seen = (status.st_mtime_ns, status.st_ino)
        except FileNotFoundError:
            seen = None
        if seen != self._seen:
            self._settings = read(self.path) if seen else Settings()
            self._seen = seen
        return self._settings
