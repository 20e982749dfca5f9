"""The program inside every sample image: layers and settings of an image that each node has anyway."""

from __future__ import annotations

import gzip
import io
import json
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, BinaryIO

from grader.errors import EnvironmentFault

_LARGEST = 64 << 20


@dataclass(frozen=True)
class Runtime:
    """An image's inside: `layers` are uncompressed tar files, `config` its Entrypoint, User and the like."""

    layers: tuple[bytes, ...]
    config: Mapping[str, Any] = field(default_factory=lambda: {"Entrypoint": ["/pause"], "User": "65535:65535"})
    architecture: str = "amd64"
    os: str = "linux"
    name: str = "pause"
    version: str = ""


def read(saved: BinaryIO, name: str, version: str = "") -> Runtime:
    """Reads what `docker save` writes for one image.

    `name` and `version` are what the bills of materials call it. Raises EnvironmentFault where the
    file is no saved image or has a part above 64 MiB.
    """
    try:
        with tarfile.open(fileobj=saved, mode="r:") as archive:
            entry = json.loads(_member(archive, "manifest.json"))[0]
            image = json.loads(_member(archive, entry["Config"]))
            layers = tuple(_unpacked(_member(archive, layer)) for layer in entry["Layers"])
            config = {key: value for key, value in (image.get("config") or {}).items() if value}
            return Runtime(layers, config, image["architecture"], image["os"], name, version)
    except (tarfile.TarError, OSError, ValueError, KeyError, IndexError, TypeError, AttributeError) as fault:
        raise EnvironmentFault(
            f"the image {name} as the Docker Engine saved it cannot be read ({type(fault).__name__})",
            advice=f"Pull it again: docker pull {name}",
        ) from None


def _member(archive: tarfile.TarFile, path: str) -> bytes:
    found = archive.extractfile(path)
    if found is None:
        raise ValueError("no regular file")
    return _bounded(found)


def _unpacked(layer: bytes) -> bytes:
    if not layer.startswith(b"\x1f\x8b"):
        return layer
    with gzip.open(io.BytesIO(layer)) as stream:
        return _bounded(stream)


def _bounded(stream: Any) -> bytes:
    data: bytes = stream.read(_LARGEST + 1)
    if len(data) > _LARGEST:
        raise ValueError("too large")
    return data
