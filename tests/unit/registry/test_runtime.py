"""Reading what `docker save` writes."""

from __future__ import annotations

import gzip
import io
import json
import tarfile

import pytest

from grader.errors import EnvironmentFault
from labs.registry import runtime

CONFIG = {
    "architecture": "arm64",
    "os": "linux",
    "config": {"Entrypoint": ["/run"], "User": "1000", "Cmd": None, "Env": []},
}


def _saved(**changed: bytes | None) -> io.BytesIO:
    content = {
        "manifest.json": json.dumps([{"Config": "blobs/config", "Layers": ["blobs/one", "blobs/two"]}]).encode(),
        "blobs/config": json.dumps(CONFIG).encode(),
        "blobs/one": b"first layer",
        "blobs/two": gzip.compress(b"second layer"),
    } | changed
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name, data in content.items():
            if data is not None:
                member = tarfile.TarInfo(name)
                member.size = len(data)
                archive.addfile(member, io.BytesIO(data))
    buffer.seek(0)
    return buffer


def test_takes_layers_settings_and_platform() -> None:
    found = runtime.read(_saved(), "pause", "3.10")
    assert found.layers == (b"first layer", b"second layer")
    assert (found.architecture, found.os, found.version) == ("arm64", "linux", "3.10")
    assert found.config == {"Entrypoint": ["/run"], "User": "1000"}


@pytest.mark.parametrize(
    "changed",
    [
        {"manifest.json": None},
        {"manifest.json": b"{"},
        {"manifest.json": b"[]"},
        {"manifest.json": b"[5]"},
        {"blobs/config": None},
        {"blobs/config": b"[]"},
        {"blobs/config": b"{}"},
        {"blobs/two": b"\x1f\x8b but no gzip"},
    ],
)
def test_what_is_no_saved_image_is_told(changed: dict[str, bytes | None]) -> None:
    with pytest.raises(EnvironmentFault, match="registry/pause") as caught:
        runtime.read(_saved(**changed), "registry/pause")
    assert "docker pull" in (caught.value.advice or "")


def test_no_tar_at_all_is_told() -> None:
    with pytest.raises(EnvironmentFault, match="cannot be read"):
        runtime.read(io.BytesIO(b"nothing"), "pause")


def test_a_layer_that_unpacks_without_end_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runtime, "_LARGEST", 1000)
    with pytest.raises(EnvironmentFault, match="cannot be read"):
        runtime.read(_saved(**{"blobs/two": gzip.compress(bytes(100_000))}), "pause")
